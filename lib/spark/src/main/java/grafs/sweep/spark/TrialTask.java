package grafs.sweep.spark;

import grafs.sweep.Outcome;
import grafs.sweep.TrialProcess;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.resource.ResourceInformation;

/**
 * One trial as a Spark task. The trial has a process of its own, as PySpark's tasks do: the
 * executor needs nothing of the library but this, and does not end when a trial runs out of memory.
 * The failure of a trial is a result of the task; a task that fails itself is repeated by Spark.
 *
 * @param classpath the library's class path on the executors; null if it consists of the
 *     application's files
 * @param folder the run's folder, relative to the store
 * @param environment the environment variables of the trial's process
 * @param threads how many threads it computes with
 */
record TrialTask(String classpath, String folder, Map<String, String> environment, int threads)
    implements Function<String, TrialTask.Result> {

  /**
   * What a task returns.
   *
   * @param outcome how it ended
   * @param files the contents of the run's files, by name; null where it is not complete
   */
  record Result(Outcome outcome, Map<String, byte[]> files) implements Serializable {}

  @Override
  public Result call(String order) throws IOException, InterruptedException {
    Path application = Path.of(SparkFiles.getRootDirectory()).toAbsolutePath();
    // A folder that all workers share, if they have one; else Spark's own, which it clears.
    String shared = System.getenv("GRAFS_RESULTS");
    Path root = shared == null ? application.resolve("results") : Path.of(shared);
    int processes = Math.max(1, Runtime.getRuntime().availableProcessors() / threads);
    Outcome outcome =
        new TrialProcess(
                classpath == null ? application.resolve("*").toString() : classpath,
                environment,
                threads)
            .run(root, order, TrialProcess.heap(processes), device(), (done, total) -> {});
    return new Result(outcome, outcome.complete() ? files(root.resolve(folder)) : null);
  }

  /** The GPU that Spark has given the task, if it knows of GPUs. */
  private static String device() {
    ResourceInformation gpus = TaskContext.get().resourcesJMap().get("gpu");
    return gpus == null ? null : gpus.addresses()[0];
  }

  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> contents = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }
}
