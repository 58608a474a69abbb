package grafs.sweep;

import ai.djl.engine.Engine;
import com.google.common.collect.Maps;
import grafs.data.ProjectHome;
import grafs.notebook.Setting;
import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Task;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Runs each trial, a search or a training, in a Java process of its own on this machine, and
 * several processes at the same time. By default, the number of processes is the number of GPUs;
 * without a GPU, it is as large as the number of processors and the memory allow.
 */
public final class Processes implements Runner {

  /**
   * The memory that a trial is assumed to need, in bytes (3 GiB). With the settings {@code quick},
   * the default of {@code environment/lab sweep}, a search or training of ResNet-20 needs 0.9 GB,
   * and one of ViT-Ti 1.3 GB; the settings {@code paper} have larger batches.
   */
  private static final long MEMORY = 3L << 30;

  private final TrialProcess process;
  private final int slots;
  // One element for each process that may still be started: the GPU for it, as CUDA_VISIBLE_DEVICES
  // names it, or "" for the CPU. A trial takes an element, and puts it back when it has ended.
  private final BlockingQueue<String> devices;

  /**
   * Creates a runner with as many processes as this machine has GPUs. If it has none, the number of
   * processes is the number of processors divided by {@code threads}, but at most one for each 3
   * GiB of memory, and at least 1.
   *
   * @param threads the number of threads that each process computes with; with 1, a machine
   *     completes the most trials in an hour
   * @throws IllegalArgumentException if {@code threads} is not positive
   */
  public Processes(int threads) {
    this(fitting(threads), threads);
  }

  /**
   * Creates a runner with a given number of processes. Process i gets GPU i, and after the last GPU
   * the first one follows again. Without a GPU, all processes compute on the CPU.
   *
   * @param count the number of processes
   * @param threads the number of threads that each process computes with
   * @throws IllegalArgumentException if one of the numbers is not positive
   */
  public Processes(int count, int threads) {
    this(devices(count, gpus()), threads);
  }

  Processes(List<String> devices, int threads) {
    if (devices.isEmpty() || threads < 1) {
      throw new IllegalArgumentException(
          "a sweep needs at least 1 process with at least 1 thread, not %d with %d"
              .formatted(devices.size(), threads));
    }
    process = new TrialProcess(classpath(), environment(), threads);
    slots = devices.size();
    this.devices = new LinkedBlockingQueue<>(devices);
  }

  private static int fitting(int threads) {
    int gpus = gpus().size();
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long processors = Runtime.getRuntime().availableProcessors() / Math.max(1, threads);
    long processes = Math.max(1, Math.min(processors, system.getTotalMemorySize() / MEMORY));
    return gpus > 0 ? gpus : (int) processes;
  }

  /**
   * Returns the GPU of each process: the GPUs in their order, and after the last one the first one
   * again; {@code ""} for each process if there is no GPU.
   */
  static List<String> devices(int count, List<String> gpus) {
    return gpus.isEmpty()
        ? Collections.nCopies(Math.max(0, count), "")
        : IntStream.range(0, count).mapToObj(i -> gpus.get(i % gpus.size())).toList();
  }

  /** Returns the GPUs that this process can use, each as {@code CUDA_VISIBLE_DEVICES} names it. */
  private static List<String> gpus() {
    int count = Engine.getInstance().getGpuCount();
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    return visible == null || visible.isBlank()
        ? IntStream.range(0, count).mapToObj(Integer::toString).toList()
        : Stream.of(visible.split(",")).map(String::strip).limit(count).toList();
  }

  /**
   * {@return the class path of the library and of the libraries that it uses: the environment
   * variable {@code GRAFS_CLASSPATH} if it is set; otherwise the class path of this JVM} The
   * variable is set in a notebook's kernel, the process that runs the notebook's code, since the
   * library is not on the class path with which the kernel's JVM was started.
   */
  public static String classpath() {
    return Setting.of("classpath", System.getProperty("java.class.path"));
  }

  /**
   * {@return the environment variables that a trial's process gets unless they are set already:
   * {@code GRAFS_HOME}, the project's folder, and those in {@code environment/native.env}, which
   * set how PyTorch's libraries use processors and memory; none if the project's folder is not
   * found}
   *
   * @throws UncheckedIOException if {@code native.env} cannot be read
   */
  public static Map<String, String> environment() {
    Path home = ProjectHome.find().orElse(null);
    if (home == null) {
      return Map.of();
    }
    Properties environment = new Properties();
    Path file = home.resolve("environment/native.env");
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        environment.load(reader);
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read: " + e, e);
      }
    }
    environment.setProperty(ProjectHome.VARIABLE, home.toString());
    return Map.copyOf(Maps.fromProperties(environment));
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public int threads() {
    return process.threads();
  }

  @Override
  public Outcome run(RunRequest request, Task task, RunStore store, BiConsumer<Long, Long> progress)
      throws InterruptedException {
    String device = devices.take();
    try {
      return process.run(
          store.root().toAbsolutePath(),
          request.text(),
          TrialProcess.heap(slots),
          device.isEmpty() ? null : device,
          progress);
    } catch (IOException e) {
      return Outcome.failed("no process could be started: " + e.getMessage());
    } finally {
      devices.put(device);
    }
  }
}
