package grafs.sweep.spark;

import grafs.sweep.SweepCommand;
import org.apache.spark.SparkConf;

/** What {@code environment/lab sweep --runner spark} runs. */
public final class SparkSweepCommand {

  private SparkSweepCommand() {}

  /**
   * Runs a sweep on Spark, whose settings are system properties: {@code spark.master} and others.
   *
   * @param args the sweep's name and options, as in {@code environment/lab help}
   */
  public static void main(String[] args) {
    System.exit(
        SweepCommand.run(args, command -> new SparkRunner(new SparkConf(), command.threads())));
  }
}
