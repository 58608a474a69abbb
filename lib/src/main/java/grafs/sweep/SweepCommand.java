package grafs.sweep;

import grafs.data.DataException;
import grafs.run.PaperModel;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.study.EvidenceTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@code environment/lab sweep} runs. */
public final class SweepCommand {

  private static final List<String> OPTIONS =
      List.of("--runner", "--scale", "--data", "--seeds", "--processes", "--threads", "--retries");

  private static final String EVIDENCE = "evidence";

  private final String name;
  private final Map<String, String> options;
  private final boolean terminal;

  private SweepCommand(String name, Map<String, String> options, boolean terminal) {
    this.name = name;
    this.options = options;
    this.terminal = terminal;
  }

  /** Makes the runner that the command asks for. */
  @FunctionalInterface
  public interface Runners {

    /**
     * Makes a runner.
     *
     * @param name what {@code --runner} says
     * @param processes how many processes {@code --processes} asks for; 0 where it does not say
     * @param threads how many threads a trial computes with
     * @return the runner
     */
    Runner of(String name, int processes, int threads);
  }

  /**
   * Runs a sweep in this process or in others on this machine. Ends the process with 0 if every
   * trial is complete, 1 if one failed or something was missing, 2 if it was asked wrongly.
   *
   * @param args the sweep's name and options, as in {@code environment/lab help}
   */
  public static void main(String[] args) {
    System.exit(
        run(
            args,
            (name, processes, threads) ->
                switch (name) {
                  case "local" -> new InProcess();
                  case "processes" ->
                      processes == 0 ? new Processes(threads) : new Processes(processes, threads);
                  default ->
                      throw new IllegalArgumentException(
                          "there is no runner '%s' here; there are local and processes"
                              .formatted(name));
                }));
  }

  /**
   * Runs a sweep.
   *
   * @param args the sweep's name and options
   * @param runners makes the runner
   * @return the status to end the process with
   */
  public static int run(String[] args, Runners runners) {
    try {
      return parse(args).run(runners);
    } catch (IllegalArgumentException e) {
      return complain(e, 2);
    } catch (DataException | IllegalStateException e) {
      return complain(e, 1);
    }
  }

  private static int complain(RuntimeException e, int status) {
    System.err.println("lab: " + e.getMessage());
    return status;
  }

  private static SweepCommand parse(String[] args) {
    List<String> words = new ArrayList<>(List.of(args));
    boolean terminal = words.remove("--terminal");
    String name = null;
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("--")) {
        if (name != null) {
          throw new IllegalArgumentException(
              "sweep takes one name, but got '%s' and '%s'".formatted(name, word));
        }
        name = word;
      } else if (!OPTIONS.contains(word)) {
        throw new IllegalArgumentException("sweep has no option '" + word + "'");
      } else if (++i == words.size()) {
        throw new IllegalArgumentException(word + " needs a value");
      } else {
        options.put(word, words.get(i));
      }
    }
    return new SweepCommand(String.valueOf(name), options, terminal);
  }

  private int number(String option, int otherwise) {
    String value = options.getOrDefault(option, Integer.toString(otherwise));
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be a whole number, not '%s'".formatted(option, value), e);
    }
  }

  private int run(Runners runners) {
    String scale = options.getOrDefault("--scale", "quick");
    List<PaperModel.Family> evidence =
        Stream.of(PaperModel.Family.GPT, PaperModel.Family.VIT, PaperModel.Family.RESNET)
            .filter(family -> name.equals(EVIDENCE) || name.equals(evidence(family)))
            .toList();
    int threads = number("--threads", 1);
    RunStore store = RunStore.here();
    if (!evidence.isEmpty()) {
      try (Runner runner = runner(runners, threads)) {
        evidence.forEach(family -> evidence(family, scale, store, runner));
      }
      return 0;
    }
    PaperSweep sweep = PaperSweep.of(name);
    List<String> data = data().orElseGet(() -> sweep.data(scale));
    int seeds = number("--seeds", Scale.of(sweep.family(), scale).seeds());
    Sweep made = sweep.at(scale, data, seeds, number("--retries", 1));
    try (Runner runner = runner(runners, threads)) {
      System.out.println(
          "%s: %d trials of %d thread%s each, %d at once"
              .formatted(
                  made.name(),
                  made.trials().size(),
                  runner.threads(),
                  runner.threads() == 1 ? "" : "s",
                  runner.slots()));
      Report report = made.run(store, runner, new SweepLines(System.out, terminal));
      System.out.println(report.line());
      System.out.println(
          "kept in %s; as tables: environment/lab run 04_paper_tables --scale %s"
              .formatted(store.root(), scale));
      return report.failed() ? 1 : 0;
    }
  }

  private Runner runner(Runners runners, int threads) {
    return runners.of(
        options.getOrDefault("--runner", "processes"), number("--processes", 0), threads);
  }

  private Optional<List<String>> data() {
    return Optional.ofNullable(options.get("--data")).map(data -> List.of(data.split(",")));
  }

  /** {@return the name of the evidence on one family} */
  private static String evidence(PaperModel.Family family) {
    return family.name().toLowerCase(Locale.ROOT) + "-" + EVIDENCE;
  }

  private void evidence(PaperModel.Family family, String scale, RunStore store, Runner runner) {
    List<String> data = data().orElseGet(() -> new PaperSweep(family, true).data(scale));
    Evidence made = Evidence.of(family, scale, data, number("--seeds", Evidence.SEEDS));
    List<EvidenceTable> tables =
        made.run(store, runner, number("--retries", 1), new SweepLines(System.out, terminal));
    for (EvidenceTable table : tables) {
      System.out.println(table);
    }
    System.out.println(
        "kept in %s; as tables: environment/lab run 04_paper_tables --scale %s"
            .formatted(store.root(), scale));
  }
}
