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
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Trains a user's network with each of two activations: the function that a search found and the
 * default activation, which the network had before the search. First a learning rate is chosen for
 * each activation. Then the network is trained with each, with the same seeds, and scored on test
 * rows. {@link FoundActivation#compare} describes this comparison in full. {@link
 * ActivationSearch}, which runs the search, also uses this class before the search, to choose the
 * search's learning rate ({@link #standardRates}).
 *
 * <p>A row is one example of a data set. The rows of the search are split in two, in the same way
 * as in the search: the first part trains the weights, and the second part chooses the learning
 * rates. In the search, the second part trains α, the parameters by which the search chooses
 * operations.
 *
 * @param network the network
 * @param data the rows of the search
 * @param loss the loss, computed from the network's output and the labels
 * @param settings the settings of the search: optimizer, batch size, number of epochs, and the
 *     share of the rows in the second part
 * @param seed the seed of the search, by which the rows are split
 * @param listener receives progress reports
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

  /**
   * Orders scores by {@link FoundComparison#merit}, the accuracy or, without one, minus the loss.
   * Of equal merits, the score with the lower loss is better.
   */
  private static final Comparator<Score> BY_MERIT =
      Comparator.comparingDouble(FoundComparison::merit)
          .thenComparingDouble(score -> -score.loss());

  /**
   * One of the two activations, and the learning rates tried for it.
   *
   * @param name the activation's name in progress reports
   * @param activation makes the activation's blocks; null for the default activation
   * @param middle the learning rate in the middle of those that may be tried. Each rate has a step,
   *     a whole number s: the rate is middle · 3ˢ
   * @param tried the score at each learning rate tried, by its step
   */
  record Rates(String name, Supplier<Block> activation, double middle, LearningRates<Score> tried) {

    private double of(int step) {
      return middle * Math.pow(STEP, step);
    }

    double best() {
      return of(tried.best());
    }

    /**
     * {@return whether the best rate is the lowest or the highest one that may be tried, so that a
     * better one may lie beyond}
     */
    boolean edge() {
      return Math.abs(tried.best()) == LearningRates.FARTHEST;
    }

    /** {@return the lowest and the highest rate tried, such as {@code 0.00011 to 0.0030}} */
    String range() {
      Set<Integer> steps = tried.scores().keySet();
      return String.format(
          Locale.ROOT, "%.2g to %.2g", of(Collections.min(steps)), of(Collections.max(steps)));
    }

    /**
     * {@return the same scores with the best rate as step 0, so that rates beyond those tried may
     * be tried too}
     */
    Rates aroundBest() {
      TreeMap<Integer, Score> scores = new TreeMap<>();
      tried.scores().forEach((step, score) -> scores.put(step - tried.best(), score));
      return new Rates(name, activation, best(), new LearningRates<>(scores, tried.order()));
    }
  }

  /**
   * Chooses the learning rate of the network with its default activation, within a factor of 27 of
   * the rate in the settings. If the best rate is an end of that range, the choice is continued
   * once, within a factor of 27 of that best rate.
   *
   * @throws TrainingDivergedException if the network diverges at every rate tried
   */
  Rates standardRates() {
    Rates rates = choose(standard(settings.weights().learningRate()), parts());
    Score best = rates.tried.scores().get(rates.tried.best());
    if (FoundComparison.merit(best) == Double.NEGATIVE_INFINITY) {
      throw new TrainingDivergedException(
          "with %s the network diverges at each learning rate tried, %s; set a lower one with learningRate(…), and check the scale of the data"
              .formatted(network.standardName(), rates.range()));
    }
    return rates.edge() ? choose(rates.aroundBest(), parts()) : rates;
  }

  /** {@return the default activation, with no learning rate tried yet} */
  private Rates standard(double middle) {
    return new Rates(network.standardName(), null, middle, noRates());
  }

  private static LearningRates<Score> noRates() {
    return new LearningRates<>(new TreeMap<>(), BY_MERIT);
  }

  private List<DatasetBatches> parts() {
    return DatasetBatches.split(data, 1 - settings.alphaShare(), settings.batchSize(), seed);
  }

  /**
   * Compares the found function with the default activation. The learning rates of both are chosen
   * around the same rate, that of the search, and within the same factor of that rate.
   *
   * @param search the result of the search
   * @param standard the rates that were tried for the default activation before the search; null if
   *     the user set the rate
   * @param test the rows that the trained networks are scored on
   * @param seeds the seeds of the trainings that are compared
   * @throws IllegalArgumentException if {@code test} is the data set of the search or does not fit
   *     the network and the loss, or if there is no seed or one is given twice
   */
  FoundComparison compare(
      SearchResult search, Rates standard, RandomAccessDataset test, long... seeds) {
    if (test == data) {
      throw new IllegalArgumentException(
          "the function was chosen on these rows, so they cannot say whether it is better: keep some apart before the search, such as parts[1] of data.randomSplit(4, 1), and search on parts[0]");
    }
    if (seeds.length == 0 || LongStream.of(seeds).distinct().count() < seeds.length) {
      throw new IllegalArgumentException(
          "a comparison takes at least one seed, and each once, not " + Arrays.toString(seeds));
    }
    List<DatasetBatches> parts = parts();
    BatchSource tested = DatasetBatches.inOrder(test, settings.batchSize());
    boolean kept = search.keptDefault();
    network.with(
        null,
        block -> {
          NetworkCheck.learner(block, loss, parts.get(0), test, settings.batchSize(), seed).close();
          return block;
        });

    Rates begun =
        standard == null ? standard(settings.weights().learningRate()) : standard.aroundBest();
    Rates theirs = choose(begun, parts);
    LearningRates<Score> tried = kept ? theirs.tried : noRates();
    Rates ours = choose(new Rates("found", search.found()::get, begun.middle, tried), parts);
    List<Trained> ourRuns = new ArrayList<>();
    List<Trained> theirRuns = new ArrayList<>();
    for (long each : seeds) {
      Trained run = train(theirs, theirs.best(), each, parts.get(0), tested);
      theirRuns.add(run);
      ourRuns.add(kept ? run : train(ours, ours.best(), each, parts.get(0), tested));
    }
    return new FoundComparison(
        search.found().text(),
        kept,
        side(ours, ourRuns),
        side(theirs, theirRuns),
        LongStream.of(seeds).boxed().toList(),
        new FoundComparison.Rows(parts.get(0).examples(), parts.get(1).examples(), test.size()));
  }

  /**
   * Chooses the learning rate of an activation by its score on the second part of the rows.
   *
   * @param begun the activation and the rates tried so far; this method tries those that are
   *     missing and adds them
   * @param parts the two parts of the rows
   * @return {@code begun}
   */
  private Rates choose(Rates begun, List<DatasetBatches> parts) {
    LearningRates<Score> tried = begun.tried;
    while (!tried.missing().isEmpty()) {
      for (int step : tried.missing()) {
        BatchSource scored = parts.get(1).inOrder();
        Trained trained = train(begun, begun.of(step), seed, parts.get(0), scored);
        tried.scores().put(step, trained.score);
      }
    }
    return begun;
  }

  /**
   * The score after a training from scratch, and the time of a training batch in seconds, in which
   * the scoring after each epoch is included. Both are NaN if the training diverged.
   */
  private record Trained(Score score, double secondsPerBatch) {}

  private Trained train(
      Rates contestant, double rate, long seed, DatasetBatches weights, BatchSource scored) {
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
            double epoch = Comparison.median(run.stream().mapToDouble(Training.Epoch::seconds));
            return new Trained(run.get(run.size() - 1).test(), epoch / weights.batchesPerEpoch());
          } catch (TrainingDivergedException e) {
            return new Trained(new Score(Double.NaN, Double.NaN, 0), Double.NaN);
          }
        });
  }

  private static Side side(Rates rates, List<Trained> runs) {
    return new Side(
        rates.name,
        rates.best(),
        rates.edge(),
        runs.stream().map(Trained::score).toList(),
        Comparison.median(
            runs.stream().mapToDouble(Trained::secondsPerBatch).filter(Double::isFinite)));
  }
}
