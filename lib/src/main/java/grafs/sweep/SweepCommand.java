package grafs.sweep;

import grafs.data.DataException;
import grafs.run.PaperModel;
import grafs.run.RunStore;
import grafs.run.Scale;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/** The program of {@code environment/lab sweep}, a script that has checked the options. */
public final class SweepCommand {

  private final String name;
  private final Map<String, String> options = new HashMap<>();
  private boolean failed;

  private SweepCommand(String... args) {
    name = args[0];
    for (int i = 1; i < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
  }

  /**
   * Runs a sweep in this process or in others on this machine. Ends the process with 0 if every
   * trial is complete, 1 if one failed or something was missing, 2 if the arguments are wrong.
   *
   * @param args the sweep's name, and options as in {@code environment/lab help}, each with its
   *     value
   */
  public static void main(String[] args) {
    System.exit(run(args, SweepCommand::runner));
  }

  private Runner runner() {
    if (options.getOrDefault("--runner", "processes").equals("local")) {
      return Runner.IN_PROCESS;
    }
    return options.containsKey("--processes")
        ? new Processes(number("--processes", 0), threads())
        : new Processes(threads());
  }

  /** {@return how many threads a trial computes with} */
  public int threads() {
    return number("--threads", 1);
  }

  /**
   * Runs a sweep.
   *
   * @param args the sweep's name and options
   * @param runners makes the runner
   * @return the status to end the process with
   */
  public static int run(String[] args, Function<SweepCommand, Runner> runners) {
    try {
      return new SweepCommand(args).run(runners);
    } catch (IllegalArgumentException | DataException | IllegalStateException e) {
      System.err.println("lab: " + e.getMessage());
      return e instanceof IllegalArgumentException ? 2 : 1;
    }
  }

  private int number(String option, int otherwise) {
    return Integer.parseInt(options.getOrDefault(option, Integer.toString(otherwise)));
  }

  private int run(Function<SweepCommand, Runner> runners) {
    String scale = options.getOrDefault("--scale", "quick");
    RunStore store = RunStore.here();
    // "evidence" alone means all families: every family's name for it ends so.
    List<PaperModel.Family> evidence =
        Stream.of(PaperModel.Family.GPT, PaperModel.Family.VIT, PaperModel.Family.RESNET)
            .filter(f -> (f.name().toLowerCase(Locale.ROOT) + "-evidence").endsWith(name))
            .toList();
    Sweep sweep = evidence.isEmpty() ? sweep(scale) : null;
    SweepLines lines = new SweepLines(System.out, options.containsKey("--terminal"));
    Consumer<Report> listener =
        report -> {
          lines.accept(report);
          failed |= report.failed();
        };
    try (Runner runner = runners.apply(this)) {
      for (PaperModel.Family family : evidence) {
        evidence(family, scale, store, runner, listener);
      }
      if (sweep != null) {
        run(sweep, store, runner, listener);
      }
    }
    System.out.println(
        "kept in %s; as tables: environment/lab run 04_paper_tables --scale %s"
            .formatted(store.root(), scale));
    return failed ? 1 : 0;
  }

  private List<String> data(PaperSweep sweep, String scale) {
    String data = options.get("--data");
    return data == null ? sweep.data(scale) : List.of(data.split(","));
  }

  private Sweep sweep(String scale) {
    PaperSweep sweep = PaperSweep.of(name);
    int seeds = number("--seeds", Scale.of(sweep.family(), scale).seeds());
    return sweep.at(scale, data(sweep, scale), seeds, number("--retries", 1));
  }

  private static void run(Sweep sweep, RunStore store, Runner runner, Consumer<Report> listener) {
    System.out.println(
        "%s: %d trials of %d thread%s each, %d at once"
            .formatted(
                sweep.name(),
                sweep.trials().size(),
                runner.threads(),
                runner.threads() == 1 ? "" : "s",
                runner.slots()));
    System.out.println(sweep.run(store, runner, listener).line());
  }

  /** Compares a family's activations, and prints the tables. */
  private void evidence(
      PaperModel.Family family,
      String scale,
      RunStore store,
      Runner runner,
      Consumer<Report> listener) {
    List<String> data = data(new PaperSweep(family, true), scale);
    Evidence evidence = Evidence.of(family, scale, data, number("--seeds", Evidence.SEEDS));
    try {
      evidence.run(store, runner, number("--retries", 1), listener).forEach(System.out::println);
    } catch (IllegalStateException e) {
      // The other families do not need this one.
      System.err.println("lab: " + e.getMessage());
      failed = true;
    }
  }
}
