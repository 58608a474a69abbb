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
 * One trial, a search or a training, as a Spark task. An executor, a process that Spark starts on a
 * machine of the cluster, runs the task. The task starts a process for the trial, as PySpark does
 * for Python code: so the executor needs few classes of the library, and survives a trial that runs
 * out of memory. If the trial fails, the task succeeds and returns the failure; Spark repeats a
 * task only if the task itself fails, for example because its executor is lost.
 *
 * @param classpath the library's class path on the executors; null if Spark has sent the library's
 *     JAR files, into the folder for files of the application
 * @param folder the folder of the trial's files, relative to the folder in which results are kept
 * @param environment the environment variables of the trial's process
 * @param threads the number of threads that the process computes with
 */
record TrialTask(String classpath, String folder, Map<String, String> environment, int threads)
    implements Function<String, TrialTask.Result> {

  /**
   * The result of a task.
   *
   * @param outcome how the trial ended
   * @param files the contents of the files in the trial's folder, by name; null if the trial is not
   *     complete
   */
  record Result(Outcome outcome, Map<String, byte[]> files) implements Serializable {}

  @Override
  public Result call(String request) throws IOException, InterruptedException {
    Path application = Path.of(SparkFiles.getRootDirectory()).toAbsolutePath();
    // The folder in which results are kept: GRAFS_RESULTS if it is set, which can be a folder that
    // all machines share; otherwise a folder of the Spark application, which Spark deletes.
    String shared = System.getenv("GRAFS_RESULTS");
    Path root =
        shared == null || shared.isBlank() ? application.resolve("results") : Path.of(shared);
    int processes =
        Math.max(1, Runtime.getRuntime().availableProcessors() / TaskContext.get().cpus());
    Outcome outcome =
        new TrialProcess(
                classpath == null ? application.resolve("*").toString() : classpath,
                environment,
                threads)
            .run(root, request, TrialProcess.heap(processes), device(), (done, total) -> {});
    return new Result(outcome, outcome.complete() ? files(root.resolve(folder)) : null);
  }

  /** Returns the number of the GPU that Spark has assigned to the task; null if it assigns none. */
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
