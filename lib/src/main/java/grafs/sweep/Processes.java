package grafs.sweep;

import ai.djl.engine.Engine;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Runs each trial in a process of its own, several at once: one per GPU, or without a GPU as many
 * as processors and memory allow.
 */
public final class Processes implements Runner {

  /**
   * The memory that is reserved for a trial, in bytes. At {@code quick}, ResNet-20 takes 0.9 GB,
   * searched or trained, and ViT-Ti 1.3; batches at {@code paper} are larger.
   */
  private static final long MEMORY = 3L << 30;

  private final TrialProcess process;
  private final int slots;
  // The free slots: a GPU's number, or "" for a share of the processors.
  private final BlockingQueue<String> devices;

  /**
   * Uses as many processes as fit this machine.
   *
   * @param threads how many threads each computes with; 1 does the most trials in an hour
   */
  public Processes(int threads) {
    this(fitting(threads), threads);
  }

  /**
   * Uses a given number of processes, which share the GPUs, or run on the CPU if there is none.
   *
   * @param count how many
   * @param threads how many threads each computes with
   * @throws IllegalArgumentException if one is not positive
   */
  public Processes(int count, int threads) {
    this(devices(count, gpus()), threads);
  }

  Processes(List<String> devices, int threads) {
    if (devices.isEmpty() || threads < 1) {
      throw new IllegalArgumentException(
          "%d processes of %d threads do nothing; both must be at least 1"
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

  /** Assigns GPUs to processes in turn. */
  static List<String> devices(int count, List<String> gpus) {
    return gpus.isEmpty()
        ? Collections.nCopies(Math.max(0, count), "")
        : IntStream.range(0, count).mapToObj(i -> gpus.get(i % gpus.size())).toList();
  }

  /** The GPUs that this process sees, by their numbers for {@code CUDA_VISIBLE_DEVICES}. */
  private static List<String> gpus() {
    int count = Engine.getInstance().getGpuCount();
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    return visible == null || visible.isBlank()
        ? IntStream.range(0, count).mapToObj(Integer::toString).toList()
        : Stream.of(visible.split(",")).map(String::strip).limit(count).toList();
  }

  /**
   * {@return the class path of the library, which in a notebook's kernel is not the JVM's class
   * path}
   */
  public static String classpath() {
    return Setting.of("classpath", System.getProperty("java.class.path"));
  }

  /**
   * {@return the environment variables of every process that computes, for those that are not set:
   * the project's folder, and the settings of {@code environment/native.env}}
   */
  public static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    Path home = ProjectHome.find().orElse(null);
    if (home == null) {
      return environment;
    }
    environment.put(ProjectHome.VARIABLE, home.toString());
    Path file = home.resolve("environment/native.env");
    Properties settings = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        settings.load(reader);
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read: " + e, e);
      }
    }
    settings
        .stringPropertyNames()
        .forEach(name -> environment.put(name, settings.getProperty(name)));
    return environment;
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
  public Outcome run(RunRequest order, Task task, RunStore store, BiConsumer<Long, Long> progress)
      throws InterruptedException {
    String device = devices.take();
    try {
      return process.run(
          store.root().toAbsolutePath(),
          order.text(),
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
