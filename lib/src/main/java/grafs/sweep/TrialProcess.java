package grafs.sweep;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Runs trials, which are searches and trainings, each in a Java process of its own, so that a trial
 * that runs out of memory ends no other trial. The code of this class needs no other library: it
 * also runs in an executor of Apache Spark, a process on a machine of a cluster, which does not
 * load the libraries that a trial needs.
 *
 * @param classpath the class path of the processes: this library and the libraries that it uses
 * @param environment environment variables of the processes; a variable that this process has too
 *     is inherited from it instead
 * @param threads the number of threads that each process computes with
 */
public record TrialProcess(String classpath, Map<String, String> environment, int threads)
    implements Serializable {

  /**
   * The limit for the Java heaps of all trial processes together, in percent of the machine's
   * memory. The rest is for tensors, which are outside the heap.
   */
  private static final double HEAPS = 35;

  /**
   * The exit status of a process whose trial failed and would fail again, see {@link
   * Outcome#again}.
   */
  static final int FINAL = 3;

  /**
   * Starts a process for a trial, and waits until it ends.
   *
   * @param root the folder in which checkpoints and results of trials are kept
   * @param request the request, which describes the trial, as {@link grafs.run.RunRequest#text}
   *     writes it
   * @param heap the Java option that limits the heap, see {@link #heap}
   * @param device the only GPU that the process can use, as the environment variable {@code
   *     CUDA_VISIBLE_DEVICES} names it, such as {@code 1}; null to let it use the same devices as
   *     this process
   * @param progress receives the number of steps done and of all steps of this attempt
   * @return how the attempt ended
   * @throws IOException if the process could not be started, or its output could not be read
   * @throws InterruptedException if the thread was interrupted; the process is then killed
   */
  public Outcome run(
      Path root, String request, String heap, String device, BiConsumer<Long, Long> progress)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command(root, heap));
    Map<String, String> variables = builder.environment();
    environment.forEach(variables::putIfAbsent);
    variables.put("OMP_NUM_THREADS", Integer.toString(threads));
    variables.put("MKL_NUM_THREADS", Integer.toString(threads));
    // Without this, DJL sends usage data to its authors.
    variables.put("OPT_OUT_TRACKING", "true");
    if (device != null) {
      if (!variables.containsKey("CUDA_VISIBLE_DEVICES")) {
        // With this setting, CUDA numbers the GPUs by their places on the PCI bus, otherwise by
        // speed. If the user has set CUDA_VISIBLE_DEVICES, its numbers are meant in the order that
        // is in effect already, so the order is not changed.
        variables.putIfAbsent("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
      }
      variables.put("CUDA_VISIBLE_DEVICES", device);
    }
    Path log = Files.createTempFile("grafs-trial-", ".log");
    try {
      Process process = builder.redirectError(log.toFile()).start();
      try {
        return follow(process, request, log, progress);
      } finally {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
      }
    } finally {
      Files.deleteIfExists(log);
    }
  }

  /**
   * Returns the Java option that limits the heap of one process: to the environment variable {@code
   * GRAFS_HEAP}, such as {@code 8g}, if it is set; otherwise to an equal share of 35 % of the
   * machine's memory. The rest is for tensors, which are outside the heap.
   *
   * @param processes the number of trial processes that this machine runs at the same time
   * @return the option
   */
  public static String heap(int processes) {
    String heap = System.getenv("GRAFS_HEAP");
    return heap == null || heap.isBlank()
        ? "-XX:MaxRAMPercentage=" + HEAPS / processes
        : "-Xmx" + heap;
  }

  private List<String> command(Path root, String heap) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(heap);
    command.add("-XX:ActiveProcessorCount=" + threads);
    command.add("-Djava.awt.headless=true");
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-cp", classpath, TrialMain.class.getName(), root.toString()));
    return command;
  }

  /**
   * Sends the request to the process, and reads the lines that the process prints until it ends;
   * {@link TrialMain} describes these lines.
   */
  private static Outcome follow(
      Process process, String request, Path log, BiConsumer<Long, Long> progress)
      throws IOException, InterruptedException {
    String failure = null;
    // Left open, since the trial's process exits at the end of its input. If this process dies, the
    // operating system closes the input, so that the trial ends too.
    var input = process.outputWriter(StandardCharsets.UTF_8);
    try {
      input.write(request + "\n");
      input.flush();
    } catch (IOException e) {
      // The process has ended already. Its exit status, read below, becomes the outcome.
    }
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; (line = line(process, output)) != null; ) {
        String[] words = line.split(" ", 3);
        if (words[0].equals("progress") && words.length == 3) {
          progress.accept(Long.parseLong(words[1]), Long.parseLong(words[2]));
        } else if (words[0].equals("failed")) {
          failure = line.substring("failed ".length());
        }
      }
    }
    int status = process.waitFor();
    if (status == 0) {
      return Outcome.COMPLETE;
    }
    return failure == null
        ? Outcome.failed(death(status) + last(log))
        : new Outcome(false, status != FINAL, failure);
  }

  /**
   * Reads the next line; null at the end of the output. Polls every 50 ms, since a blocking read
   * cannot be interrupted.
   */
  private static String line(Process process, BufferedReader output)
      throws IOException, InterruptedException {
    while (!output.ready() && process.isAlive()) {
      Thread.sleep(50);
    }
    return output.readLine();
  }

  private static String death(int status) {
    if (status == 128 + 9) {
      return "its process was killed (signal 9), which is what Linux does when memory runs out";
    }
    return status > 128
        ? "its process was ended by signal " + (status - 128)
        : "its process ended with status " + status;
  }

  /** Returns a colon and the last line of the log; empty if the log is empty. */
  private static String last(Path log) throws IOException {
    String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).strip();
    return text.isEmpty() ? "" : ": " + text.substring(text.lastIndexOf('\n') + 1);
  }
}
