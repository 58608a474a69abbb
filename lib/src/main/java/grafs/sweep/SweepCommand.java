package grafs.sweep;

import grafs.data.DataException;
import grafs.run.PaperModel;
import grafs.run.RunStore;
import grafs.run.Scale;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The main class of the command {@code environment/lab sweep}. A sweep runs many searches for
 * activation functions and many trainings, called trials. The script {@code environment/lab} checks
 * the options before it starts this program.
 */
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
   * Runs a sweep on this machine, in this process or in several others, and then exits with the
   * status of {@link #run(String[], Function)}.
   *
   * @param args the sweep's name, then options of {@code environment/lab sweep}, each followed by
   *     its value
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

  /** {@return the number of threads that each trial computes with: {@code --threads}, or else 1} */
  public int threads() {
    return number("--threads", 1);
  }

  /**
   * Runs a sweep with a runner of the caller's choice, and prints its progress.
   *
   * @param args the sweep's name, then options of {@code environment/lab sweep}, each followed by
   *     its value
   * @param runners creates the runner, which this method closes
   * @return the exit status: 0 if every trial is complete; 1 if a trial failed, data are missing or
   *     the thread was interrupted; 2 if an argument is wrong
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
    // The name "gpt-evidence" stands for a comparison of activations in one family of networks,
    // here GPTs (see Evidence). The name "evidence" stands for the comparisons in all three
    // families. For any other name, this list of families is empty.
    List<PaperModel.Family> evidence =
        Stream.of(PaperModel.Family.GPT, PaperModel.Family.VIT, PaperModel.Family.RESNET)
            .filter(
                f ->
                    List.of("evidence", f.name().toLowerCase(Locale.ROOT) + "-evidence")
                        .contains(name))
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

  /**
   * Runs the {@link Evidence} for one family of networks, a comparison of found activations with
   * known ones. Prints its tables, or, if a trial failed or data are missing, the error.
   */
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
    } catch (CancellationException e) {
      throw e;
    } catch (DataException | IllegalStateException e) {
      // Data are missing, or a trial failed. The next family is compared all the same, since it
      // needs neither these data nor this trial.
      System.err.println("lab: " + e.getMessage());
      failed = true;
    }
  }
}
