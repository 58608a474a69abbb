package grafs.run;

import ai.djl.TrainingDivergedException;
import ai.djl.nn.Block;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import grafs.data.BatchSource;
import grafs.data.DatasetBatches;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.run.FoundComparison.Side;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Trainings of one network with two activations, in pairs of the same seed; {@link
 * FoundActivation#compare} says how.
 *
 * @param network the network
 * @param search the search
 * @param data the rows that the search was run on
 * @param loss the loss
 * @param settings the search's settings: optimizer, batch size, and the share of the rows on which
 *     the learning rate is chosen
 * @param seed the search's seed, by which the rows are split
 * @param listener receives progress
 */
record PairedTraining(
    SearchedNetwork network,
    SearchResult search,
    RandomAccessDataset data,
    Loss loss,
    SearchSettings settings,
    long seed,
    Progress.Listener listener) {

  /** The ratio of neighbouring learning rates. */
  private static final double STEP = 3;

  /** Orders by merit; of equal merits, the one with the lower loss is better. */
  private static final Comparator<Score> BY_MERIT =
      Comparator.comparingDouble(FoundComparison::merit)
          .thenComparingDouble(score -> -score.loss());

  /** One of the two networks; its activation is null for the default. */
  private record Contestant(String name, Supplier<Block> activation) {}

  FoundComparison compare(RandomAccessDataset test, long... seeds) {
    if (test == data) {
      throw new IllegalArgumentException(
          "the function was chosen on these rows, so they cannot say whether it is better: keep some apart before the search, such as parts[1] of data.randomSplit(4, 1), and search on parts[0]");
    }
    if (seeds.length == 0 || LongStream.of(seeds).distinct().count() < seeds.length) {
      throw new IllegalArgumentException(
          "a comparison takes seeds, each once, not " + Arrays.toString(seeds));
    }
    List<DatasetBatches> parts =
        DatasetBatches.split(data, 1 - settings.alphaShare(), settings.batchSize(), seed);
    BatchSource tested = DatasetBatches.inOrder(test, settings.batchSize());
    Contestant ours = new Contestant("found", search.found()::get);
    Contestant theirs = new Contestant(network.standardName(), null);
    boolean kept = search.keptDefault();
    network.with(
        null,
        block -> {
          NetworkCheck.learner(block, loss, parts.get(0), test, settings.batchSize(), seed).close();
          return block;
        });

    LearningRates<Score> theirRates = rates(theirs, parts);
    LearningRates<Score> ourRates = kept ? theirRates : rates(ours, parts);
    List<Trained> ourRuns = new ArrayList<>();
    List<Trained> theirRuns = new ArrayList<>();
    for (long each : seeds) {
      Trained standard = train(theirs, theirRates.best(), each, parts.get(0), tested);
      theirRuns.add(standard);
      ourRuns.add(kept ? standard : train(ours, ourRates.best(), each, parts.get(0), tested));
    }
    return new FoundComparison(
        search.found().text(),
        kept,
        side(ours, ourRates.best(), ourRuns),
        side(theirs, theirRates.best(), theirRuns),
        LongStream.of(seeds).boxed().toList(),
        new FoundComparison.Rows(parts.get(0).examples(), parts.get(1).examples(), test.size()));
  }

  /** Chooses a network's learning rate by its score on the second part of the rows. */
  private LearningRates<Score> rates(Contestant contestant, List<DatasetBatches> parts) {
    LearningRates<Score> rates = new LearningRates<>(new LinkedHashMap<>(), BY_MERIT);
    while (!rates.missing().isEmpty()) {
      for (int step : rates.missing()) {
        Trained trained = train(contestant, step, seed, parts.get(0), parts.get(1).inOrder());
        rates.scores().put(step, trained.score);
      }
    }
    return rates;
  }

  private double rate(int step) {
    return settings.weights().learningRate() * Math.pow(STEP, step);
  }

  /** The score after a training from scratch, and the time of a step; both NaN if it diverged. */
  private record Trained(Score score, double secondsPerStep) {}

  private Trained train(
      Contestant contestant, int step, long seed, DatasetBatches weights, BatchSource scored) {
    String task =
        String.format(
            Locale.ROOT, "%s, learning rate %.2g, seed %d", contestant.name, rate(step), seed);
    return network.with(
        contestant.activation,
        block -> {
          try (Learner learner = new Learner(block, loss, seed, NetworkCheck.input(weights))) {
            learner.restartFromScratch(seed);
            List<Training.Epoch> run =
                new Training(
                        learner,
                        settings.weights().withLearningRate(rate(step)),
                        weights.ordered(seed),
                        scored,
                        search.epochs().size(),
                        settings.accumulation(),
                        listener)
                    .run(task);
            double epoch = median(run.stream().mapToDouble(Training.Epoch::seconds));
            return new Trained(run.get(run.size() - 1).test(), epoch / weights.batchesPerEpoch());
          } catch (TrainingDivergedException e) {
            return new Trained(new Score(Double.NaN, Double.NaN, 0), Double.NaN);
          }
        });
  }

  /** The median of the finite values; NaN if there are none. */
  private static double median(DoubleStream values) {
    return StatUtils.percentile(values.filter(Double::isFinite).toArray(), 50);
  }

  private Side side(Contestant contestant, int step, List<Trained> runs) {
    return new Side(
        contestant.name,
        rate(step),
        Math.abs(step) == LearningRates.FARTHEST,
        runs.stream().map(Trained::score).toList(),
        median(runs.stream().mapToDouble(Trained::secondsPerStep)));
  }
}
