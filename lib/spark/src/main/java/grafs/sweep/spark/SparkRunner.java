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
 * Runs trials on Apache Spark: each is a job of one task, so that Spark repeats it elsewhere when
 * an executor or a worker is lost, and its result arrives as soon as it ends. The files of complete
 * runs are sent back and written into the store of the process that runs the sweep.
 *
 * <p>The library is sent to the executors, unless {@value #CLASSPATH} says where it is there. The
 * data are not sent: see {@code environment/cluster.md}.
 */
public final class SparkRunner implements Runner {

  /** The Spark setting that names the library's class path on the executors. */
  public static final String CLASSPATH = "spark.grafs.classpath";

  private final JavaSparkContext spark;
  private final int threads;
  private final String classpath;

  /**
   * Connects to a cluster.
   *
   * @param conf settings of Spark's, with its master; a task has as many cores as a trial has
   *     threads, if that is not set
   * @param threads how many threads a trial computes with
   * @throws IllegalStateException if there is no such cluster; Spark tries for a minute
   */
  public SparkRunner(SparkConf conf, int threads) {
    this(conf, threads, Processes.classpath());
  }

  SparkRunner(SparkConf conf, int threads, String library) {
    this.threads = threads;
    conf.setIfMissing("spark.app.name", "GRAFS sweep");
    conf.setIfMissing("spark.task.cpus", Integer.toString(threads));
    conf.setIfMissing("spark.ui.enabled", "false");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    try {
      spark = new JavaSparkContext(conf);
      // The JAR files with the classes of the task itself.
      Stream.of(TrialTask.class, Outcome.class)
          .map(SparkRunner::origin)
          .filter(path -> path.endsWith(".jar"))
          .forEach(spark::addJar);
      classpath = spark.isLocal() ? library : conf.get(CLASSPATH, null);
      if (classpath == null) {
        Stream.of(library.split(File.pathSeparator)).forEach(spark::addFile);
      }
    } catch (Exception e) {
      // Spark throws a checked exception that it does not declare.
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
   * Runs a sweep on Spark, whose settings are system properties: {@code spark.master} and others.
   *
   * @param args the sweep's name and options, as in {@code environment/lab help}
   */
  public static void main(String[] args) {
    System.exit(
        SweepCommand.run(args, command -> new SparkRunner(new SparkConf(), command.threads())));
  }

  private static String origin(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(type + " comes from nowhere: " + e.getMessage(), e);
    }
  }

  @Override
  public int slots() {
    try {
      return Math.max(1, spark.defaultParallelism() / threads);
    } catch (IllegalStateException gone) {
      return 1;
    }
  }

  @Override
  public int threads() {
    return threads;
  }

  /** Whether Spark has ended the application, for example because its master has ended. */
  private boolean gone() {
    return spark.sc().isStopped();
  }

  @Override
  public Outcome run(RunRequest order, Task task, RunStore store, BiConsumer<Long, Long> progress)
      throws InterruptedException {
    if (gone()) {
      return Outcome.failed(
          "Spark has ended the application, see its log; the same sweep, started again, goes on");
    }
    TrialTask trial =
        new TrialTask(classpath, order.config().folder(), Processes.environment(), threads);
    // Cancelling the job then interrupts its trial at once.
    spark.setLocalProperty("spark.job.interruptOnCancel", "true");
    JavaFutureAction<List<TrialTask.Result>> job =
        spark.parallelize(List.of(order.text()), 1).map(trial).collectAsync();
    try {
      TrialTask.Result result = job.get().get(0);
      if (result.outcome().complete()) {
        store.take(order.config(), result.files());
      }
      return result.outcome();
    } catch (InterruptedException e) {
      job.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      // The executors were lost more often than spark.task.maxFailures allows.
      return Outcome.failed("Spark gave it up: " + e.getCause().getMessage());
    }
  }

  @Override
  public void close() {
    spark.close();
  }
}
