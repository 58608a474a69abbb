package grafs.bench;

import ai.djl.engine.Engine;
import grafs.bench.Measurement.Subject;
import grafs.run.Scale;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.runner.RunnerException;

/**
 * The program of {@code environment/lab bench gpu}. It checks that the first steps of searches for
 * activation functions have the same losses on a GPU as on the CPU, and that a search that was
 * killed and resumed gives the same result, bit for bit. It also measures what training and search
 * steps cost, and compares training steps with those of PyTorch for Python. Each check is a line of
 * output and of a CSV file, with a value and in most cases a goal that the value must not exceed.
 * If a check fails, the others still run. Without a GPU, the system property {@code grafs.likeGpu}
 * makes the CPU run the code for GPUs; this tests only the program, and its times mean nothing.
 */
public final class GpuCheck {

  /** The goal of a check whose value is only reported. */
  private static final double NO_GOAL = Double.POSITIVE_INFINITY;

  /** The exit status that Java reports for a process that was killed by signal 9. */
  private static final int SIGKILLED = 128 + 9;

  private final PrintStream csv;
  private final Path log;

  /** The file that receives the error output of the processes that the checks start. */
  private final Path errors;

  private final Path temp;
  private final Optional<PyTorchPeer> peer;

  /** The number of GPUs that DJL computes on; 0 if PyTorch's libraries are a build for the CPU. */
  private final int gpus = Engine.getInstance().getGpuCount();

  private final boolean gpu = gpus > 0;
  private final long start = System.nanoTime();

  /** The number of checks that failed or missed their goal. */
  private int missed;

  private GpuCheck(PrintStream csv, Path log, Path temp, Path library) throws IOException {
    this.csv = csv;
    this.log = log;
    errors = log.resolveSibling("gpu-check.log");
    Files.deleteIfExists(errors);
    this.temp = temp;
    peer = PyTorchPeer.find(library.resolve(Benchmarks.PEER));
  }

  /** Computes the value of one check. */
  @FunctionalInterface
  private interface Question {
    double ask() throws Exception;
  }

  /**
   * Runs all checks. The exit status is 1 if a check failed or missed its goal.
   *
   * @param arguments the folder of the CSV file, the file for the report of JMH (the benchmark
   *     library), the folder {@code lib}, and the batch sizes of the measured steps with commas
   *     between
   * @throws IOException if the CSV file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    String now = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss"));
    Path file = folder.resolve("gpu-" + now + ".csv");
    int missed;
    try (PrintStream csv = new PrintStream(Files.newOutputStream(file), true, "UTF-8")) {
      csv.println("line,value,goal,verdict");
      GpuCheck check =
          new GpuCheck(
              csv,
              Path.of(arguments[1]),
              Files.createTempDirectory("grafs-gpu-"),
              Path.of(arguments[2]));
      check.askAll(arguments[3].split(","));
      missed = check.missed;
    }
    System.out.println("\n" + file);
    System.exit(missed > 0 ? 1 : 0);
  }

  private void askAll(String[] batches) throws IOException {
    System.out.printf(
        "%s; %s; PyTorch of Python: %s%n",
        Machine.here(),
        gpu
            ? gpus + " GPU"
            : "DJL finds no GPU, so that the CPU runs the code for GPUs and the times mean nothing",
        peer.map(PyTorchPeer::version).orElse("none"));
    for (String model : List.of("RESNET_20", "VIT_TI", "GPT_MINI")) {
      for (String relaxation : List.of("DRNAS", "SOFTMAX")) {
        String name = "losses_" + model.toLowerCase(Locale.ROOT) + "_" + relaxation;
        line(name.toLowerCase(Locale.ROOT), 1e-3, () -> lossDifference(model, relaxation));
      }
    }
    line("killed_search_differs", 0, this::killedSearchDiffers);
    for (String batch : batches) {
      costs(batch);
    }
  }

  /**
   * Runs a check, compares its value with the goal, and writes its line of output and of the CSV
   * file.
   *
   * @param name the name of the check
   * @param goal the largest value that is good; {@link #NO_GOAL} if any is
   * @param question computes the value
   */
  private void line(String name, double goal, Question question) {
    String verdict;
    double value = Double.NaN;
    try {
      value = question.ask();
      verdict = goal == NO_GOAL ? "" : value <= goal ? "ok" : "missed";
    } catch (Exception e) {
      verdict = "failed: " + (e instanceof RunnerException ? e.getMessage() : e);
    }
    missed += verdict.isEmpty() || verdict.equals("ok") ? 0 : 1;
    String limit = goal == NO_GOAL ? "" : String.format(Locale.ROOT, "%.4g", goal);
    System.out.printf(
        Locale.ROOT,
        "%4.0f s  %-34s %10.4g  %8s  %s%n",
        (System.nanoTime() - start) / 1e9,
        name,
        value,
        limit.isEmpty() ? "" : "<= " + limit,
        verdict);
    csv.printf(Locale.ROOT, "%s,%.6g,%s,\"%s\"%n", name, value, limit, verdict.replace('"', '\''));
  }

  /**
   * Computes the losses of the first steps of a search twice, on the GPU and on the CPU: 20 steps,
   * or 2 if there is no GPU.
   *
   * @param model a name of {@link grafs.run.PaperModel}
   * @param relaxation a name of {@link grafs.nas.Relaxation}
   * @return the largest absolute difference between the two losses of a step, in nats
   */
  private double lossDifference(String model, String relaxation)
      throws IOException, InterruptedException {
    // Few steps without a GPU: on a CPU, each step of the code for GPUs takes some seconds.
    String steps = gpu ? "20" : "2";
    List<String> arguments = List.of("grafs.run.DeviceLosses", model, steps, relaxation);
    double[] expected = losses(java(arguments, true, false));
    double[] found = losses(java(arguments, false, !gpu));
    double largest = expected.length == found.length ? 0 : Double.NaN;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i] - found[i]));
    }
    return largest;
  }

  /**
   * {@return the losses, in nats, that a process prints until it ends, each in a line {@code loss
   * NUMBER}}
   */
  private double[] losses(Process process) throws IOException, InterruptedException {
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      double[] losses =
          said.lines()
              .filter(line -> line.startsWith("loss "))
              .mapToDouble(line -> Double.parseDouble(line.substring(5)))
              .toArray();
      if (process.waitFor() != 0 || losses.length == 0) {
        throw new IOException(
            "its process printed %d losses and ended with status %d; see %s"
                .formatted(losses.length, process.exitValue(), errors));
      }
      return losses;
    }
  }

  /**
   * Runs a search to its end, and the same search in a process that is killed after 3 of its 8
   * epochs and in a second process that resumes it.
   *
   * @return 0 if both searches end with the same bits, otherwise 1
   * @throws IOException if a process fails, or if the first process of the second search ended
   *     before it was killed, so that nothing was resumed
   */
  private double killedSearchDiffers() throws IOException, InterruptedException {
    Path whole = Files.createDirectories(temp.resolve("whole"));
    finish(search(whole));
    Path killed = Files.createDirectories(temp.resolve("killed"));
    try {
      kill(search(killed), 3);
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "; see " + errors, e);
    }
    finish(search(killed));
    return Files.mismatch(whole.resolve("digest.txt"), killed.resolve("digest.txt")) < 0 ? 0 : 1;
  }

  /**
   * Starts a process that runs a small search, or resumes it if the folder has its checkpoint. The
   * process prints a line {@code epoch N} after each epoch.
   *
   * @param folder the folder of the search's checkpoint and of its result, {@code digest.txt}
   */
  private Process search(Path folder) throws IOException {
    return java(List.of("grafs.nas.RestartedSearch", folder.toString(), "1"), false, !gpu);
  }

  /** Waits for the end of a search's process. */
  private void finish(Process process) throws IOException, InterruptedException {
    process.getInputStream().transferTo(OutputStream.nullOutputStream());
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException("its search ended with status %d; see %s".formatted(status, errors));
    }
  }

  /**
   * Kills a search's process after some epochs.
   *
   * @param process the process, which prints a line {@code epoch N} after each epoch
   * @param epochs the number of these lines to wait for
   * @throws IOException if the process ended by itself before it was killed
   */
  static void kill(Process process, int epochs) throws IOException, InterruptedException {
    int done = 0;
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; done < epochs && (line = said.readLine()) != null; ) {
        done += line.startsWith("epoch ") ? 1 : 0;
      }
      process.destroyForcibly();
    }
    int status = process.waitFor();
    if (status != SIGKILLED) {
      throw new IOException(
          ("its search ended with status %d after %d epochs, before it could be killed,"
                  + " so that no search was resumed")
              .formatted(status, done));
    }
  }

  /**
   * Starts a Java program of the tests.
   *
   * @param arguments the main class and its arguments
   * @param cpu whether to hide the GPU from the program
   * @param likeGpu whether the CPU should run the code for GPUs
   */
  private Process java(List<String> arguments, boolean cpu, boolean likeGpu) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-Dgrafs.likeGpu=" + likeGpu));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    if (cpu) {
      builder.environment().put("CUDA_VISIBLE_DEVICES", "-1");
    }
    return builder.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile())).start();
  }

  /**
   * Measures what training steps and search steps of ResNet-20 cost ({@link StepBenchmark.Kind}):
   * milliseconds, megabytes on the GPU, and ratios of times.
   *
   * @param batch the batch size
   */
  private void costs(String batch) {
    List<Subject> subjects =
        List.of("PLAIN", "SEARCH", "JOINT", "FOUND").stream()
            .map(
                kind ->
                    new Subject(
                        StepBenchmark.class,
                        "step",
                        Map.of(
                            "kind",
                            kind,
                            "batch",
                            batch,
                            "function",
                            "gate(abs(elu(x)), leaky_relu(x))")))
            .toList();
    double[] times = new double[4];
    String[] likeGpu = gpu ? new String[0] : new String[] {"-Dgrafs.likeGpu=true"};
    for (int i = 0; i < times.length; i++) {
      Subject subject = subjects.get(i);
      int at = i;
      String name = subject.parameters().get("kind").toLowerCase(Locale.ROOT);
      MemoryWatch memory = new MemoryWatch();
      line(
          "%s_%s_ms".formatted(name, batch),
          NO_GOAL,
          () -> times[at] = milliseconds(Measurement.take(subject, 1, 8, 24, log, likeGpu)));
      double peak = memory.end();
      line("%s_%s_gpu_mb".formatted(name, batch), NO_GOAL, () -> peak);
    }
    line("search_over_plain_" + batch, 3, () -> ratio(times[1], times[0]));
    // In a search step of the kind JOINT, both passes train the network's weights, each on its own
    // batch. So the step is compared with two training steps of one batch each.
    line("joint_batch_over_plain_" + batch, 1.6, () -> ratio(times[2], 2 * times[0]));
    line("found_over_relu_" + batch, 1.3, () -> ratio(times[3], times[0]));
    if (peer.isPresent()) {
      line(
          "plain_over_pytorch_" + batch,
          1.25,
          () ->
              ratio(
                  times[0],
                  milliseconds(
                      peer.get().take(PyTorchPeer.subject(Integer.parseInt(batch)), 1, 8, 24))));
    }
    line("paper_search_hours_at_" + batch, NO_GOAL, () -> hours(times[1], Integer.parseInt(batch)));
  }

  /** {@return the median time of a step, in milliseconds} */
  private static double milliseconds(Measurement measured) {
    return Measurement.quantile(Arrays.stream(measured.milliseconds()), 0.5);
  }

  private static double ratio(double a, double b) throws RunnerException {
    if (!(a > 0 && b > 0)) {
      throw new RunnerException("a time that it is made of is missing, since a line above failed");
    }
    return a / b;
  }

  /**
   * {@return the hours that the search of arXiv 2408.06820 on ResNet-20 and CIFAR-10 would take}
   *
   * @param milliseconds the time of one search step
   * @param batch the batch size of that step
   */
  private static double hours(double milliseconds, int batch) throws RunnerException {
    var search = Scale.resnet("paper").search();
    double steps = (1 - search.alphaShare()) * 50_000 / batch;
    return ratio(milliseconds, 1) * steps * search.epochs() / TimeUnit.HOURS.toMillis(1);
  }

  /**
   * Samples the memory that all processes together hold on the first GPU, every half second, in a
   * thread of its own.
   */
  private static final class MemoryWatch {
    private final List<Double> used = new ArrayList<>();
    private final Thread thread = new Thread(this::watch, "GPU memory");
    private volatile boolean over;

    MemoryWatch() {
      thread.start();
    }

    private void watch() {
      while (!over) {
        try {
          Process process =
              new ProcessBuilder(
                      "nvidia-smi",
                      "--query-gpu=memory.used",
                      "--format=csv,noheader,nounits",
                      "--id=0")
                  .start();
          String said =
              new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
          if (process.waitFor() == 0) {
            used.add(Double.parseDouble(said));
          }
          Thread.sleep(500);
        } catch (IOException | InterruptedException e) {
          // The program nvidia-smi is not installed, so the memory is unknown.
          return;
        }
      }
    }

    /**
     * Ends the sampling.
     *
     * @return the largest sample minus the first one, in megabytes (MiB, as nvidia-smi counts); NaN
     *     if it is unknown
     */
    double end() {
      over = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return used.isEmpty()
          ? Double.NaN
          : used.stream().mapToDouble(Double::doubleValue).max().orElseThrow() - used.get(0);
    }
  }
}
