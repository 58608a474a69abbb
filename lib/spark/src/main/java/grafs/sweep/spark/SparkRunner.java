package grafs.sweep.spark;

import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Task;
import grafs.sweep.Outcome;
import grafs.sweep.Processes;
import grafs.sweep.Runner;
import grafs.sweep.SweepCommand;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.package$;

/**
 * Runs trials on Apache Spark. A trial is one search for an activation function or one training of
 * a network. For each trial, this process, the driver, gives Spark a job with one task, so that the
 * result of a trial arrives as soon as the trial ends. An executor, a process that Spark starts on
 * a machine of the cluster, runs the task. If the executor is lost, Spark repeats the task on
 * another one. The task returns the files of the complete trial, and the driver writes them into
 * its {@link RunStore}.
 *
 * <p>Spark sends the library to the executors, unless the setting {@value #CLASSPATH} says where
 * they have it already. Data sets are not sent; {@code environment/cluster.md} says where each
 * machine needs them.
 */
public final class SparkRunner implements Runner {

  /**
   * The Spark setting for the class path of the library on the executors. If it is set, Spark does
   * not send the library.
   */
  public static final String CLASSPATH = "spark.grafs.classpath";

  private final JavaSparkContext spark;
  private final int threads;

  /** The number of processor cores that Spark reserves for a task, {@code spark.task.cpus}. */
  private final int cores;

  private final String classpath;

  /**
   * Connects to a cluster.
   *
   * @param conf Spark's settings, {@code spark.master} among them; {@code spark.task.cpus} becomes
   *     {@code threads} if it is not set
   * @param threads the number of threads that each trial computes with
   * @throws IllegalStateException if Spark cannot connect to its master, which it tries for a
   *     minute, or cannot start for another reason
   */
  public SparkRunner(SparkConf conf, int threads) {
    this(conf, threads, Processes.classpath());
  }

  SparkRunner(SparkConf conf, int threads, String library) {
    this.threads = threads;
    conf.setIfMissing("spark.app.name", "GRAFS sweep");
    conf.setIfMissing("spark.task.cpus", Integer.toString(threads));
    cores = conf.getInt("spark.task.cpus", threads);
    conf.setIfMissing("spark.ui.enabled", "false");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    JavaSparkContext context = null;
    try {
      context = new JavaSparkContext(conf);
      // An executor needs the JAR files that have these classes to run a task.
      Stream.of(TrialTask.class, Outcome.class)
          .map(SparkRunner::origin)
          .filter(path -> path.endsWith(".jar"))
          .forEach(context::addJar);
      classpath = context.isLocal() ? library : conf.get(CLASSPATH, null);
      if (classpath == null) {
        Stream.of(library.split(File.pathSeparator)).forEach(context::addFile);
      }
      spark = context;
    } catch (Exception e) {
      // Not only RuntimeException is caught: Spark, which is written in Scala, throws checked
      // exceptions without declaring them.
      if (context != null) {
        context.close(); // A process can have only one context.
      }
      throw new IllegalStateException(
          "Spark at %s cannot be used: is its master there, and of version %s? (%s)"
              .formatted(
                  conf.get("spark.master", "no master"),
                  package$.MODULE$.SPARK_VERSION(),
                  String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("")),
          e);
    }
  }

  /**
   * Runs a sweep on Spark, and then exits with the status that {@link SweepCommand} computes. Spark
   * reads its settings, such as {@code spark.master}, from the system properties.
   *
   * @param args the sweep's name, then options of {@code environment/lab sweep}, each followed by
   *     its value
   */
  public static void main(String[] args) {
    System.exit(
        SweepCommand.run(args, command -> new SparkRunner(new SparkConf(), command.threads())));
  }

  private static String origin(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(
          "the JAR file of %s, which Spark's executors need, is not found: %s"
              .formatted(type.getName(), e.getMessage()),
          e);
    }
  }

  @Override
  public int slots() {
    try {
      return Math.max(1, spark.defaultParallelism() / cores);
    } catch (IllegalStateException gone) {
      return 1;
    }
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public Outcome run(RunRequest request, Task task, RunStore store, BiConsumer<Long, Long> progress)
      throws InterruptedException {
    if (spark.sc().isStopped()) {
      return Outcome.failed(
          "Spark has ended the application, for example because its master has ended; see Spark's"
              + " messages, and run the sweep again to resume");
    }
    TrialTask trial =
        new TrialTask(classpath, request.config().folder(), Processes.environment(), threads);
    // With this property, cancelling the job interrupts the task's thread, and the interrupted task
    // kills the trial's process.
    spark.setLocalProperty("spark.job.interruptOnCancel", "true");
    JavaFutureAction<List<TrialTask.Result>> job =
        spark.parallelize(List.of(request.text()), 1).map(trial).collectAsync();
    try {
      TrialTask.Result result = job.get().get(0);
      if (result.outcome().complete()) {
        store.take(request.config(), result.files());
      }
      return result.outcome();
    } catch (InterruptedException e) {
      job.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      // The task failed or lost its executor as often as spark.task.maxFailures allows.
      return Outcome.failed("the Spark job failed: " + e.getCause().getMessage());
    }
  }

  @Override
  public void close() {
    spark.close();
  }
}
