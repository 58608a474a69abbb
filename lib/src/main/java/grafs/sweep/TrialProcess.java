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
 * Runs each trial in a process of its own, so that no trial's memory use can harm another. This
 * class needs only the JDK, so that any Java process can start a trial.
 *
 * @param classpath the library's class path
 * @param environment variables that the process gets where they are not set already
 * @param threads how many threads it computes with
 */
public record TrialProcess(String classpath, Map<String, String> environment, int threads)
    implements Serializable {

  /**
   * The part of the machine's memory that the heaps of all processes together may take, in percent.
   */
  private static final double HEAPS = 35;

  /** The exit status of a trial whose failure another attempt would repeat. */
  static final int FINAL = 3;

  /**
   * Runs a trial.
   *
   * @param root the folder of the store that it works in
   * @param order the request, as text
   * @param heap the option that limits its Java heap, see {@link #heap}
   * @param device the number of the only GPU that it sees; null for the devices that this process
   *     sees
   * @param progress receives the steps done and the steps in all
   * @return how it ended
   * @throws IOException if no process could be started
   * @throws InterruptedException if the thread was interrupted; the process is killed then
   */
  public Outcome run(
      Path root, String order, String heap, String device, BiConsumer<Long, Long> progress)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("grafs-trial-", ".log");
    ProcessBuilder builder = new ProcessBuilder(command(root, heap)).redirectError(log.toFile());
    Map<String, String> variables = builder.environment();
    environment.forEach(variables::putIfAbsent);
    variables.put("OMP_NUM_THREADS", Integer.toString(threads));
    variables.put("MKL_NUM_THREADS", Integer.toString(threads));
    // Without this, DJL sends usage data to its authors.
    variables.put("OPT_OUT_TRACKING", "true");
    if (device != null) {
      variables.put("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
      variables.put("CUDA_VISIBLE_DEVICES", device);
    }
    Process process = builder.start();
    try {
      return follow(process, order, log, progress);
    } finally {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
      Files.deleteIfExists(log);
    }
  }

  /**
   * Returns the option that limits a process's Java heap: to {@code GRAFS_HEAP} if that is set,
   * otherwise to a part of the memory, since tensors live outside the heap.
   *
   * @param processes how many processes this machine runs at once
   * @return the option for Java
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

  /** Sends the request, and reads the process's reports until it ends. */
  private static Outcome follow(
      Process process, String order, Path log, BiConsumer<Long, Long> progress)
      throws IOException, InterruptedException {
    String failure = null;
    // Not closed here: the process exits when its input closes, as when this process dies.
    var input = process.outputWriter(StandardCharsets.UTF_8);
    try {
      input.write(order + "\n");
      input.flush();
    } catch (IOException e) {
      // The process has ended already; its exit status says why.
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

  /** The next line, or null at the end. Polls, since a blocking read cannot be interrupted. */
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

  /** The last line that the process printed. */
  private static String last(Path log) throws IOException {
    String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).strip();
    return text.isEmpty() ? "" : ": " + text.substring(text.lastIndexOf('\n') + 1);
  }
}
