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
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * Trainings of one network with two activations, in pairs of the same seed; {@link
 * FoundActivation#compare} says how.
 *
 * @param network the network
 * @param data the rows of the search
 * @param loss the loss
 * @param settings the search's settings: optimizer, batch size, epochs, and the share of the rows
 *     on which the learning rate is chosen
 * @param seed the search's seed, by which the rows are split
 * @param listener receives progress
 */
record PairedTraining(
    SearchedNetwork network,
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

  /**
   * The choice of a network's learning rate.
   *
   * @param middle the rate from which steps are counted
   * @param tried the scores of the rates tried
   */
  record Rates(double middle, LearningRates<Score> tried) {

    private static double of(double middle, int step) {
      return middle * Math.pow(STEP, step);
    }

    double best() {
      return of(middle, tried.best());
    }

    /** {@return whether a better rate may lie beyond the lowest or highest one} */
    boolean edge() {
      return Math.abs(tried.best()) == LearningRates.FARTHEST;
    }

    double lowest() {
      return of(middle, Collections.min(tried.scores().keySet()));
    }

    double highest() {
      return of(middle, Collections.max(tried.scores().keySet()));
    }

    /** {@return the same scores, for a choice that goes on around the best rate} */
    Rates aroundBest() {
      TreeMap<Integer, Score> scores = new TreeMap<>();
      tried.scores().forEach((step, score) -> scores.put(step - tried.best(), score));
      return new Rates(best(), new LearningRates<>(scores, tried.order()));
    }
  }

  /**
   * Chooses the learning rate of the network as it is.
   *
   * @throws TrainingDivergedException if the network diverges at every rate
   */
  Rates standardRates() {
    Contestant standard = new Contestant(network.standardName(), null);
    Rates rates = rates(standard, noRates(settings.weights().learningRate()), parts());
    Score best = rates.tried.scores().get(rates.tried.best());
    if (FoundComparison.merit(best) == Double.NEGATIVE_INFINITY) {
      throw new TrainingDivergedException(
          String.format(
              Locale.ROOT,
              "with %s the network diverges at each learning rate tried, %.2g to %.2g; say one with learningRate(…)",
              network.standardName(),
              rates.lowest(),
              rates.highest()));
    }
    return rates.edge() ? rates(standard, rates.aroundBest(), parts()) : rates;
  }

  private List<DatasetBatches> parts() {
    return DatasetBatches.split(data, 1 - settings.alphaShare(), settings.batchSize(), seed);
  }

  /**
   * Compares. Both choices of a learning rate are around the same one and go equally far.
   *
   * @param search the search's result
   * @param standard the choice of the default's learning rate; null if none has been made
   */
  FoundComparison compare(
      SearchResult search, Rates standard, RandomAccessDataset test, long... seeds) {
    if (test == data) {
      throw new IllegalArgumentException(
          "the function was chosen on these rows, so they cannot say whether it is better: keep some apart before the search, such as parts[1] of data.randomSplit(4, 1), and search on parts[0]");
    }
    if (seeds.length == 0 || LongStream.of(seeds).distinct().count() < seeds.length) {
      throw new IllegalArgumentException(
          "a comparison takes seeds, each once, not " + Arrays.toString(seeds));
    }
    List<DatasetBatches> parts = parts();
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

    double searched = standard == null ? settings.weights().learningRate() : standard.best();
    Rates theirRates =
        rates(theirs, standard == null ? noRates(searched) : standard.aroundBest(), parts);
    Rates ourRates = kept ? theirRates : rates(ours, noRates(searched), parts);
    List<Trained> ourRuns = new ArrayList<>();
    List<Trained> theirRuns = new ArrayList<>();
    for (long each : seeds) {
      Trained run = train(theirs, theirRates.best(), each, parts.get(0), tested);
      theirRuns.add(run);
      ourRuns.add(kept ? run : train(ours, ourRates.best(), each, parts.get(0), tested));
    }
    return new FoundComparison(
        search.found().text(),
        kept,
        side(ours, ourRates, ourRuns),
        side(theirs, theirRates, theirRuns),
        LongStream.of(seeds).boxed().toList(),
        new FoundComparison.Rows(parts.get(0).examples(), parts.get(1).examples(), test.size()));
  }

  private static Rates noRates(double middle) {
    return new Rates(middle, new LearningRates<>(new TreeMap<>(), BY_MERIT));
  }

  /**
   * Chooses a network's learning rate by its score on the second part of the rows.
   *
   * @param begun the rates tried so far, to which those that are missing are added
   * @return {@code begun}
   */
  private Rates rates(Contestant contestant, Rates begun, List<DatasetBatches> parts) {
    LearningRates<Score> tried = begun.tried;
    while (!tried.missing().isEmpty()) {
      for (int step : tried.missing()) {
        double rate = Rates.of(begun.middle, step);
        Trained trained = train(contestant, rate, seed, parts.get(0), parts.get(1).inOrder());
        tried.scores().put(step, trained.score);
      }
    }
    return begun;
  }

  /** The score after a training from scratch, and the time of a step; both NaN if it diverged. */
  private record Trained(Score score, double secondsPerStep) {}

  private Trained train(
      Contestant contestant, double rate, long seed, DatasetBatches weights, BatchSource scored) {
    String task =
        String.format(Locale.ROOT, "%s, learning rate %.2g, seed %d", contestant.name, rate, seed);
    return network.with(
        contestant.activation,
        block -> {
          try (Learner learner = new Learner(block, loss, seed, NetworkCheck.input(weights))) {
            learner.restart(seed);
            List<Training.Epoch> run =
                new Training(
                        learner,
                        settings.weights().withLearningRate(rate),
                        weights.ordered(seed),
                        scored,
                        settings.epochs(),
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
    return Comparison.median(values.filter(Double::isFinite));
  }

  private Side side(Contestant contestant, Rates rates, List<Trained> runs) {
    return new Side(
        contestant.name,
        rates.best(),
        rates.edge(),
        runs.stream().map(Trained::score).toList(),
        median(runs.stream().mapToDouble(Trained::secondsPerStep)));
  }
}
