package grafs.run;

import grafs.data.ProjectHome;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A training that is kept.
 *
 * @param folder where
 * @param header its configuration and provenance
 * @param run what came of it
 */
public record KeptTraining(Path folder, RunStore.Header header, Experiment.Run run) {

  /**
   * Checks that the result is the configuration's.
   *
   * @throws IllegalArgumentException if a score cannot be one, or the result names another
   *     activation or seed than the configuration
   */
  public KeptTraining {
    for (Training.Epoch epoch : run.epochs()) {
      for (Score score : Arrays.asList(epoch.train(), epoch.test())) {
        if (!plausible(score)) {
          throw new IllegalArgumentException(
              "%s: epoch %d has the score %s".formatted(folder, epoch.epoch(), score));
        }
      }
    }
    RunConfig config = header.config();
    if (config.seed() != run.seed() || !Objects.equals(config.activation(), run.activation())) {
      throw new IllegalArgumentException(
          "%s: its %s is of %s, seed %d, but its %s of %s, seed %d"
              .formatted(
                  folder,
                  RunFolder.RESULT,
                  run.activation(),
                  run.seed(),
                  RunFolder.CONFIG,
                  config.activation(),
                  config.seed()));
    }
  }

  /**
   * {@return what it tells a claim: the test accuracy, 0 to 1, or of a text the test loss in nats,
   * after the last epoch}
   */
  public Measurement measurement() {
    RunConfig config = header.config();
    PaperModel.Family family = config.model().family();
    return new Measurement(
        config.model().title(),
        config.data(),
        config.scale().name(),
        family.nameOf(run.activation()),
        run.seed(),
        family.metric(),
        family.metric() == Metric.LOSS ? run.test().loss() : run.accuracy(),
        RunSettings.of(config));
  }

  @Override
  public String toString() {
    RunConfig config = header.config();
    Score test = run.test();
    double seconds = run.epochs().stream().mapToDouble(Training.Epoch::seconds).sum();
    String score =
        Double.isNaN(test.loss())
            ? "diverged"
            : String.format(Locale.ROOT, "test loss %.4f", test.loss())
                + (Double.isNaN(test.accuracy())
                    ? ""
                    : String.format(Locale.ROOT, ", accuracy %.2f %%", 100 * test.accuracy()));
    return "%s, %s, %s, seed %d: training with %s%n%s after %d epochs in %s%n%s"
        .formatted(
            config.model(),
            config.data(),
            config.scale().name(),
            config.seed(),
            run.activation(),
            score,
            run.epochs().size(),
            Progress.duration(seconds),
            ProjectHome.shortened(folder));
  }

  boolean standard() {
    PaperModel.Family family = header.config().model().family();
    return family.nameOf(run.activation()).equals(family.standard());
  }

  /** What it cost, if it ran to its end. */
  Stream<Measurement> cost() {
    long passes = run.epochs().stream().mapToLong(epoch -> epoch.train().examples()).sum();
    return Double.isNaN(run.test().loss())
        ? Stream.empty()
        : Stream.of(Measurement.cost(header.config(), "training", passes));
  }

  /** Reads a training's folder; empty where it is a search's. */
  static Optional<KeptTraining> read(Path folder, RunStore.Header header) {
    if (header.config().isSearch()) {
      return Optional.empty();
    }
    JsonFile result = new JsonFile(folder.resolve(RunFolder.RESULT));
    return Optional.of(new KeptTraining(folder, header, result.read(Experiment.Run.class)));
  }

  /** NaN is the score of a training that diverged. */
  private static boolean plausible(Score score) {
    return score != null
        && !Double.isInfinite(score.loss())
        && !(score.accuracy() < 0)
        && !(score.accuracy() > 1)
        && score.examples() >= 0
        && score.examples() < 1L << 40;
  }
}
