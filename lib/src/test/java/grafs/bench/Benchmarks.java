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
 * The program of {@code environment/lab bench}: measures what activations, the relaxed cell,
 * training steps and search steps cost, in time and memory. The relaxed cell is the mixture of
 * candidate operations that a search trains in place of an activation. Parameters α determine the
 * weights of the mixture, and some operations have a parameter β. The program prints the
 * measurements and their ratios, such as that of a search step to a training step with ReLU, and
 * writes them to a CSV file. The two costs of a ratio are measured in turn, so that a change in the
 * machine's speed affects both. If the machine has PyTorch for Python, training steps are also
 * compared with PyTorch's.
 */
public final class Benchmarks {

  /**
   * The Python program that takes training steps in PyTorch; the path is relative to the folder
   * {@code lib}.
   */
  static final Path PEER = Path.of("src", "test", "python", "resnet20_step.py");

  /**
   * Functions such as searches find, in the notation of {@link grafs.cell.Expression#parse}.
   * Searches of this project on ResNet-20 found the first four. The other six were chosen by hand;
   * the code of the paper (arXiv 2408.06820) lists five of them as found by its authors, see {@link
   * grafs.cell.KnownActivation}.
   */
  private static final List<String> FOUND =
      List.of(
          "gate(abs(elu(x)), leaky_relu(x))",
          "abs(leaky_relu(x))",
          "max(log(x), leaky_relu(x))",
          "max(leaky_relu(x), abs(elu(x)))",
          "gate(max0(x), gelu(x))",
          "gate(square(gelu(silu(x))), silu(x))",
          "gate(gelu(x), gelu(x))",
          "add(gelu(gelu(x)), gelu(x))",
          "add(silu(add(silu(x), gelu(x))), gelu(x))",
          "multiply(silu(gate(max0(x), gelu(x))), silu(x))");

  /**
   * A forward and a backward pass of the relaxed cell on a tensor of one number, including the
   * gradient of the loss with respect to α. Its time is the part of a pass's cost that does not
   * depend on the size of the tensor.
   */
  private static final Subject ONE_NUMBER = cell("alphaStep", CellBenchmark.Activation.CELL, "1");

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
   * Benchmarks that are measured together.
   *
   * @param rounds the number of rounds, in each of which every benchmark is measured once
   * @param parts the benchmarks, in the order in which rounds 1, 3, … measure them; rounds 2, 4, …
   *     measure them in the opposite order
   */
  private record Group(int rounds, List<Part> parts) {}

  /**
   * A benchmark and how often it is invoked in a round: first {@code warmups} times without timing,
   * then {@code samples} times with timing.
   */
  private record Part(Subject subject, int warmups, int samples) {}

  /**
   * Takes all measurements. The exit status is 1 if one fails.
   *
   * @param arguments the folder of the CSV file, the file for the report of JMH (the benchmark
   *     library), the folder {@code lib}, the batch size of the steps and, to take few samples,
   *     {@code quick}
   * @throws IOException if the CSV file cannot be written
   * @throws InterruptedException if the thread is interrupted
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
    List<Measurement> cells = measure(cells());
    Subject plainStep = step(StepBenchmark.Kind.PLAIN, stepBatch);
    Subject searchStep = step(StepBenchmark.Kind.SEARCH, stepBatch);
    Subject jointStep = step(StepBenchmark.Kind.JOINT, stepBatch);
    Subject doubledStep = step(StepBenchmark.Kind.DOUBLED, stepBatch);
    List<Measurement> steps =
        measure(
            new Group(
                quick ? 1 : 4,
                List.of(
                    part(plainStep, 4, 12),
                    part(searchStep, 4, 12),
                    part(jointStep, 4, 12),
                    part(doubledStep, 4, 12))));
    List<Part> foundParts = new ArrayList<>();
    foundParts.add(part(plainStep, 4, 12));
    List<Subject> foundSteps = FOUND.stream().map(this::foundStep).toList();
    foundSteps.forEach(found -> foundParts.add(part(found, 4, 12)));
    List<Measurement> found = measure(new Group(1, foundParts));
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
        measure(
            new Group(
                1,
                List.of(
                    part(plainStep, 0, 40),
                    part(searchStep, 0, 40),
                    part(foundSteps.get(0), 0, 40))));

    List<Ratio> ratios = new ArrayList<>();
    if (peer.isPresent()) {
      ratios.add(Ratio.of("plain_over_pytorch", besides, plainStep, peerStep, Measurement::time));
    }
    ratios.add(Ratio.of("search_step_over_plain", steps, searchStep, plainStep, Measurement::time));
    ratios.add(Ratio.of("joint_step_over_plain", steps, jointStep, plainStep, Measurement::time));
    ratios.add(
        Ratio.of("double_ops_over_single", steps, doubledStep, searchStep, Measurement::time));
    ratios.add(
        new Ratio(
            "found_over_relu",
            foundSteps.stream()
                .map(s -> Ratio.of("", found, s, plainStep, Measurement::time))
                .mapToDouble(Ratio::median)
                .toArray()));
    ratios.add(
        Ratio.of(
            "found_peak_rss_over_relu", memory, foundSteps.get(0), plainStep, Measurement::peak));
    ratios.add(
        Ratio.of("search_peak_rss_over_plain", memory, searchStep, plainStep, Measurement::peak));
    ratios.add(
        new Ratio(
            "alpha_step_of_one_number_ms",
            cells.stream()
                .filter(m -> m.subject().equals(ONE_NUMBER))
                .mapToDouble(Measurement::time)
                .toArray()));
    List<Measurement> all = new ArrayList<>();
    List.of(cells, steps, found, besides, memory).forEach(all::addAll);
    Report report = new Report(Machine.here(), all, ratios);
    report.print(System.out);
    System.out.println("\n" + report.write(folder, LocalDateTime.now()) + "\n");
    for (Ratio ratio : ratios) {
      System.out.printf(Locale.ROOT, "%s: %.3f%n", ratio.name(), ratio.median());
    }
  }

  /** {@return the benchmarks of single activations and of the relaxed cell} */
  private Group cells() {
    List<Part> parts = new ArrayList<>();
    for (CellBenchmark.Activation known :
        List.of(CellBenchmark.Activation.RELU, CellBenchmark.Activation.GELU)) {
      // ReLU and GELU have no α and β, so that "weightStep" would measure the same as "alphaStep".
      parts.add(part(cell("forward", known), 10, 20));
      parts.add(part(cell("alphaStep", known), 10, 20));
    }
    parts.add(part(cell("alphaStep", CellBenchmark.Activation.FOUND), 10, 20));
    for (String method : List.of("forward", "alphaStep", "weightStep")) {
      parts.add(part(cell(method, CellBenchmark.Activation.CELL), 10, 20));
    }
    parts.add(part(ONE_NUMBER, 200, 100));
    return new Group(quick ? 1 : 4, parts);
  }

  private Part part(Subject subject, int warmups, int samples) {
    return quick ? new Part(subject, 1, 2) : new Part(subject, warmups, samples);
  }

  /**
   * {@return a benchmark method of {@link CellBenchmark}, on a tensor of the shape that the first
   * activation of ResNet-20 has in a batch of 64 CIFAR images: [batch, channels, height, width]}
   */
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

  private Subject foundStep(String function) {
    return new Subject(
        StepBenchmark.class,
        "step",
        Map.of(
            "kind",
            StepBenchmark.Kind.FOUND.name(),
            "batch",
            String.valueOf(stepBatch),
            "function",
            function));
  }

  private Measurement take(Part part, int round) throws RunnerException {
    return part.subject().benchmark() == PyTorchPeer.class
        ? peer.orElseThrow().take(part.subject(), round, part.warmups(), part.samples())
        : Measurement.take(part.subject(), round, part.warmups(), part.samples(), log);
  }

  /** Takes the measurements of a group, and prints each. */
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
