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
import grafs.train.OptimizerSettings;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Trainings of one network with two activations, in pairs of the same seed; {@link
 * FoundActivation#compare} says how.
 *
 * @param data the rows that a search was run on
 * @param loss the loss
 * @param settings the search's settings: optimizer, batch size, and the share of the rows on which
 *     the learning rate is chosen
 * @param epochs the epochs of each training
 * @param seed the search's seed, by which the rows are split
 * @param listener receives progress
 */
record PairedTraining(
    RandomAccessDataset data,
    Loss loss,
    SearchSettings settings,
    int epochs,
    long seed,
    Progress.Listener listener) {

  /** The ratio of neighbouring learning rates. */
  private static final double STEP = 3;

  /** The largest exponent: the rates tried are the search's own times 3⁻³ to 3³. */
  private static final int FARTHEST = 3;

  /** One of the two networks. */
  private record Contestant(String name, SearchedNetwork network, Supplier<Block> activation) {}

  FoundComparison compare(
      SearchedNetwork network, SearchResult search, RandomAccessDataset test, long... seeds) {
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
    Contestant ours = new Contestant("found", network, search.found()::get);
    Contestant theirs = new Contestant(network.standardName(), network, null);
    boolean kept = search.verified() != null && search.verified().keptDefault();
    network.with(
        null,
        block -> {
          NetworkCheck.learner(block, loss, parts.get(0), test, settings.batchSize(), seed).close();
          return block;
        });

    Rate theirRate = best(theirs, parts);
    Rate ourRate = kept ? theirRate : best(ours, parts);
    List<Trained> ourRuns = new ArrayList<>();
    List<Trained> theirRuns = new ArrayList<>();
    for (long each : seeds) {
      Trained standard = train(theirs, theirRate.optimizer, each, parts.get(0), tested);
      theirRuns.add(standard);
      ourRuns.add(kept ? standard : train(ours, ourRate.optimizer, each, parts.get(0), tested));
    }
    return new FoundComparison(
        search.found().text(),
        kept,
        side(ours, ourRate, ourRuns),
        side(theirs, theirRate, theirRuns),
        LongStream.of(seeds).boxed().toList(),
        new FoundComparison.Rows(parts.get(0).examples(), parts.get(1).examples(), test.size()));
  }

  /**
   * Chooses a network's learning rate by its score on the second part of the rows: tries the
   * search's rate, a third of it and three times it, and, while the best one is the lowest or the
   * highest one tried, the next one beyond.
   */
  private Rate best(Contestant contestant, List<DatasetBatches> parts) {
    Map<Integer, Rate> tried = new LinkedHashMap<>();
    List<Integer> missing = List.of(-1, 0, 1);
    Rate best = null;
    while (!missing.isEmpty()) {
      missing.forEach(power -> tried.put(power, tried(contestant, power, parts)));
      best = Collections.max(tried.values(), BY_SCORE);
      missing =
          Stream.of(best.power - 1, best.power + 1)
              .filter(power -> !tried.containsKey(power) && Math.abs(power) <= FARTHEST)
              .toList();
    }
    return best;
  }

  /** A learning rate, and the score of a training with it. */
  private record Rate(int power, OptimizerSettings optimizer, Score score) {}

  /** Orders by merit; of equal merits, the one with the lower loss is better. */
  private static final Comparator<Rate> BY_SCORE =
      Comparator.<Rate>comparingDouble(rate -> FoundComparison.merit(rate.score))
          .thenComparingDouble(rate -> -rate.score.loss());

  private Rate tried(Contestant contestant, int power, List<DatasetBatches> parts) {
    double own = settings.weights().learningRate();
    OptimizerSettings optimizer = settings.weights().withLearningRate(own * Math.pow(STEP, power));
    return new Rate(
        power, optimizer, train(contestant, optimizer, seed, parts.get(0), parts.get(1)).score);
  }

  /** The score after a training from scratch, and the time of a step; both NaN if it diverged. */
  private record Trained(Score score, double secondsPerStep) {}

  private Trained train(
      Contestant contestant,
      OptimizerSettings optimizer,
      long trainingSeed,
      DatasetBatches weights,
      BatchSource scored) {
    String task =
        String.format(
            Locale.ROOT,
            "%s, learning rate %.2g, seed %d",
            contestant.name,
            optimizer.learningRate(),
            trainingSeed);
    return contestant.network.with(
        contestant.activation,
        block -> {
          try (Learner learner =
              new Learner(block, loss, trainingSeed, NetworkCheck.input(weights))) {
            learner.restartFromScratch(trainingSeed);
            List<Training.Epoch> run =
                new Training(
                        learner,
                        optimizer,
                        weights.ordered(trainingSeed),
                        scored,
                        epochs,
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

  private static Side side(Contestant contestant, Rate rate, List<Trained> runs) {
    return new Side(
        contestant.name,
        rate.optimizer.learningRate(),
        Math.abs(rate.power) == FARTHEST,
        runs.stream().map(Trained::score).toList(),
        median(runs.stream().mapToDouble(Trained::secondsPerStep)));
  }
}
