package grafs.run;

import grafs.data.ProjectHome;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/**
 * A complete training that a {@link RunStore} keeps.
 *
 * @param folder the folder with the training's files
 * @param header the training's configuration and provenance, which is the software, device and time
 * @param run the training's result
 */
public record KeptTraining(Path folder, RunStore.Header header, Experiment.Run run) {

  /**
   * Checks that the result belongs to the configuration.
   *
   * @throws IllegalArgumentException if the activation or the seed in the result is not the one in
   *     the configuration
   */
  public KeptTraining {
    RunConfig config = header.config();
    if (config.seed() != run.seed() || !Objects.equals(config.activation(), run.activation())) {
      throw new IllegalArgumentException(
          "%s has files of two runs: result.json is of %s, seed %d, but config.json of %s; delete it and run again"
              .formatted(folder, run.activation(), run.seed(), config.title()));
    }
  }

  /**
   * {@return the metric by which trainings of such networks are compared by default: accuracy for
   * networks that classify images, loss for language models}
   */
  public Metric metric() {
    return header.config().model().family().metric();
  }

  /**
   * Returns the accuracy, 0 to 1, or the loss, in nats, on the test examples after the last epoch.
   *
   * @param metric which of the two
   * @return the value; NaN if the training diverged
   * @throws IllegalArgumentException if the accuracy of a training on a text is asked for, since
   *     texts are compared by the loss only
   */
  public double value(Metric metric) {
    if (metric != Metric.LOSS && metric != metric()) {
      throw new IllegalArgumentException(
          "trainings of %s have no %s: ask for the %s"
              .formatted(header.config().model(), metric.title(), metric().title()));
    }
    if (run.diverged()) {
      return Double.NaN;
    }
    return metric == Metric.LOSS ? run.test().loss() : run.accuracy();
  }

  @Override
  public String toString() {
    RunConfig config = header.config();
    Score test = run.test();
    String accuracy =
        Double.isNaN(test.accuracy()) ? "" : ", accuracy " + Metric.ACCURACY.text(test.accuracy());
    double seconds = run.epochs().stream().mapToDouble(Training.Epoch::seconds).sum();
    // The record of a training that diverged says neither when it diverged nor how long it took.
    String score =
        run.diverged()
            ? "diverged"
            : String.format(
                Locale.ROOT,
                "test loss %.4f%s after %d epochs in %s",
                test.loss(),
                accuracy,
                run.epochs().size(),
                Progress.duration(seconds));
    return "%s, %s, %s, seed %d: training with %s%n%s%n%s"
        .formatted(
            config.model(),
            config.data(),
            config.scale().name(),
            config.seed(),
            run.activation(),
            score,
            ProjectHome.shortened(folder));
  }

  /**
   * Reads a training from its folder.
   *
   * @throws IllegalArgumentException if the run is a search, or if a file is damaged
   */
  static KeptTraining read(RunFolder folder) {
    return new KeptTraining(folder.path(), folder.header(false), folder.training());
  }
}
