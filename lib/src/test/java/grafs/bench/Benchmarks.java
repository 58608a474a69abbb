package grafs.bench;

import grafs.bench.Measurement.Subject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures the kit and prints its costs as ratios, each of figures that alternate in the same run.
 */
public final class Benchmarks {

  private static final int BATCH = 64;

  private static final Path PEER = Path.of("src", "test", "python", "resnet20_step.py");

  /** More would take minutes a step, and more memory than most machines have. */
  private static final int EXACT_BATCH = 16;

  /** A search step with exact cells keeps every operation's output: megabytes an example. */
  private static final double EXACT_PER_EXAMPLE = 520;

  private final boolean quick;
  private final int stepBatch;
  private final Optional<PyTorchPeer> peer;
  private final Path log;
  private final long start = System.nanoTime();

  private Benchmarks(boolean quick, int stepBatch, Path library, Path log) {
    this.quick = quick;
    this.stepBatch = stepBatch;
    peer = PyTorchPeer.find(library.resolve(PEER));
    this.log = log;
  }

  /**
   * Subjects that are measured one after another, in as many rounds: forwards in the odd ones and
   * backwards in the even ones.
   */
  private record Group(int rounds, List<Part> parts) {}

  private record Part(Subject subject, int warmups, int samples) {}

  /**
   * Measures everything.
   *
   * @param arguments the folder of the CSV file, the file for JMH's own report, the library's
   *     folder, the batch size of the steps, and {@code quick} for few samples
   * @throws IOException if the file cannot be written
   * @throws InterruptedException if it is interrupted
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path log = Path.of(arguments[1]);
    boolean quick = arguments.length > 4;
    double load = Machine.load();
    if (load > 0.15) {
      System.out.printf(
          Locale.ROOT,
          "Others use %.0f %% of this machine: the figures below will be off, ratios included.%n",
          100 * load);
    }
    try {
      int batch = Integer.parseInt(arguments[3]);
      new Benchmarks(quick, batch, Path.of(arguments[2]), log).run(Path.of(arguments[0]));
    } catch (RunnerException e) {
      System.err.println("bench: " + e.getMessage() + "; see " + log);
      System.exit(1);
    }
  }

  private void run(Path folder) throws IOException, RunnerException {
    Subject relu = cell("alphaStep", CellBenchmark.Activation.RELU);
    Subject tabulated = cell("alphaStep", CellBenchmark.Activation.TABULATED);
    Subject exact = cell("alphaStep", CellBenchmark.Activation.EXACT);
    List<Measurement> cells = measure(cells());
    List<Measurement> exactCells =
        measure(
            new Group(
                1,
                List.of(
                    part(relu, 10, 20),
                    once(cell("forward", CellBenchmark.Activation.EXACT)),
                    once(exact),
                    once(cell("weightStep", CellBenchmark.Activation.EXACT)),
                    part(relu, 10, 20))));

    Subject plainStep = step(StepBenchmark.Kind.PLAIN, stepBatch);
    Subject tabulatedStep = step(StepBenchmark.Kind.TABULATED, stepBatch);
    Subject doubledStep = step(StepBenchmark.Kind.DOUBLED, stepBatch);
    List<Measurement> steps =
        measure(
            new Group(
                quick ? 1 : 4,
                List.of(
                    part(plainStep, 4, 12), part(tabulatedStep, 4, 12), part(doubledStep, 4, 12))));
    System.out.println(
        "PyTorch of Python: "
            + peer.map(PyTorchPeer::version).orElse("none, so that nothing is compared with it"));
    Subject peerStep = PyTorchPeer.subject(stepBatch);
    List<Measurement> besides =
        peer.isEmpty()
            ? List.of()
            : measure(
                new Group(quick ? 1 : 4, List.of(part(plainStep, 4, 12), part(peerStep, 4, 12))));
    List<Measurement> memory =
        measure(new Group(1, List.of(part(plainStep, 0, 40), part(tabulatedStep, 0, 40))));

    int batch = exactBatch();
    Subject plainBaseline = step(StepBenchmark.Kind.PLAIN, batch);
    Subject exactStep = step(StepBenchmark.Kind.EXACT, batch);
    List<Measurement> exactSteps =
        measure(
            new Group(
                1,
                List.of(part(plainBaseline, 4, 12), once(exactStep), part(plainBaseline, 4, 12))));

    List<Ratio> ratios = new ArrayList<>();
    if (peer.isPresent()) {
      ratios.add(Ratio.of("plain_over_pytorch", besides, plainStep, peerStep, Measurement::time));
    }
    ratios.addAll(
        List.of(
            Ratio.of(
                "search_step_tabulated_over_plain",
                steps,
                tabulatedStep,
                plainStep,
                Measurement::time),
            Ratio.of(
                "search_step_exact_over_plain",
                exactSteps,
                exactStep,
                plainBaseline,
                Measurement::time),
            Ratio.of("cell_tabulated_over_relu", cells, tabulated, relu, Measurement::time),
            Ratio.of("cell_exact_over_relu", exactCells, exact, relu, Measurement::time),
            Ratio.of(
                "search_peak_rss_over_plain", memory, tabulatedStep, plainStep, Measurement::peak),
            Ratio.of(
                "double_ops_over_single", steps, doubledStep, tabulatedStep, Measurement::time)));
    List<Measurement> all = new ArrayList<>();
    List.of(cells, exactCells, steps, besides, memory, exactSteps).forEach(all::addAll);
    Report report = new Report(Machine.here(), all, ratios);
    report.print(System.out);
    System.out.println("\n" + report.write(folder, LocalDateTime.now()) + "\n");
    for (Ratio ratio : ratios) {
      System.out.printf(Locale.ROOT, "%s: %.3f%n", ratio.name(), ratio.median());
    }
  }

  private Group cells() {
    List<Part> parts = new ArrayList<>();
    for (CellBenchmark.Activation known :
        List.of(CellBenchmark.Activation.RELU, CellBenchmark.Activation.GELU)) {
      // Without α and β the two steps are the same.
      parts.add(part(cell("forward", known), 10, 20));
      parts.add(part(cell("alphaStep", known), 10, 20));
    }
    for (String method : List.of("forward", "alphaStep", "weightStep")) {
      parts.add(part(cell(method, CellBenchmark.Activation.TABULATED), 10, 20));
    }
    // One element to read: what remains is the table's own cost, which a network's cells share.
    parts.add(part(cell("alphaStep", CellBenchmark.Activation.TABULATED, "1"), 10, 20));
    return new Group(quick ? 1 : 4, parts);
  }

  private Part part(Subject subject, int warmups, int samples) {
    return quick ? new Part(subject, 1, 2) : new Part(subject, warmups, samples);
  }

  /** What takes so long that little else disturbs it. */
  private Part once(Subject subject) {
    return new Part(subject, quick ? 0 : 1, 1);
  }

  private static Subject cell(String method, CellBenchmark.Activation activation) {
    return cell(method, activation, "64,16,32,32");
  }

  private static Subject cell(String method, CellBenchmark.Activation activation, String shape) {
    return new Subject(
        CellBenchmark.class, method, Map.of("activation", activation.name(), "shape", shape));
  }

  private static Subject step(StepBenchmark.Kind kind, int batch) {
    return new Subject(
        StepBenchmark.class, "step", Map.of("kind", kind.name(), "batch", String.valueOf(batch)));
  }

  private int exactBatch() {
    double available = PeakMemory.available();
    int batch = quick ? 1 : EXACT_BATCH;
    while (batch > 1 && batch * EXACT_PER_EXAMPLE > 0.8 * available) {
      batch /= 2;
    }
    System.out.printf(
        Locale.ROOT,
        "The exact step and its baseline at batch %d, since a batch of %d wants %.0f GB of memory;"
            + " %.0f GB are free.%n",
        batch,
        BATCH,
        BATCH * EXACT_PER_EXAMPLE / 1e3,
        available / 1e3);
    return batch;
  }

  private Measurement take(Part part, int round) throws RunnerException {
    return part.subject().benchmark() == PyTorchPeer.class
        ? peer.orElseThrow().take(part.subject(), round, part.warmups(), part.samples())
        : Measurement.take(part.subject(), round, part.warmups(), part.samples(), log);
  }

  private List<Measurement> measure(Group group) throws RunnerException {
    List<Measurement> measurements = new ArrayList<>();
    for (int round = 1; round <= group.rounds(); round++) {
      List<Part> parts = new ArrayList<>(group.parts());
      if (round % 2 == 0) {
        Collections.reverse(parts);
      }
      for (Part part : parts) {
        Measurement taken = take(part, round);
        measurements.add(taken);
        System.out.printf(
            Locale.ROOT,
            "%4.0f s  round %d/%d  %-26s %-40s %10.2f ms%n",
            (System.nanoTime() - start) / 1e9,
            round,
            group.rounds(),
            part.subject().name(),
            part.subject().settings(),
            taken.time());
      }
    }
    return measurements;
  }
}
