package grafs.run;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import grafs.data.BatchSource;
import grafs.data.DatasetBatches;
import grafs.data.DatasetCheck;
import grafs.data.LabelRule;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.run.FoundComparison.Side;
import grafs.train.Learner;
import grafs.train.OptimizerSettings;
import grafs.train.Progress;
import grafs.train.RunningScore;
import grafs.train.Score;
import grafs.train.Training;
import grafs.train.WeightOptimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Trainings of one network with two activations, in pairs of the same seed; {@link
 * FoundActivation#compare} says how.
 *
 * @param data the rows that a search was run on
 * @param loss the loss
 * @param settings the search's numbers: optimizer, batch size, and which share of the rows tells
 *     the learning rate
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

  /** From one learning rate that is tried to the next. */
  private static final double STEP = 3;

  /** The rates tried are the search's own times 3⁻³ to 3³. */
  private static final int FARTHEST = 3;

  /** Rounds in which both networks are timed in turn; the median counts. */
  private static final int ROUNDS = 5;

  private static final int TIMED_STEPS = 5;

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
    network.with(null, block -> fits(block, parts.get(0), test));

    Rate theirRate = best(theirs, parts);
    Rate ourRate = kept ? theirRate : best(ours, parts);
    List<Score> ourScores = new ArrayList<>();
    List<Score> theirScores = new ArrayList<>();
    for (long each : seeds) {
      Score standard = train(theirs, theirRate.optimizer, each, parts.get(0), tested);
      theirScores.add(standard);
      ourScores.add(kept ? standard : train(ours, ourRate.optimizer, each, parts.get(0), tested));
    }
    double[][] seconds = new double[2][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      seconds[0][round] = secondsPerStep(kept ? theirs : ours, ourRate.optimizer, parts.get(0));
      seconds[1][round] = secondsPerStep(theirs, theirRate.optimizer, parts.get(0));
    }
    return new FoundComparison(
        search.found().text(),
        kept,
        side(ours, ourRate, ourScores, seconds[0]),
        side(theirs, theirRate, theirScores, seconds[1]),
        LongStream.of(seeds).boxed().toList(),
        new FoundComparison.Rows(parts.get(0).examples(), parts.get(1).examples(), test.size()));
  }

  /** Throws if the network, the loss or the test rows do not go together. */
  private Void fits(Block block, DatasetBatches batches, RandomAccessDataset test) {
    Shape[] input = NetworkCheck.input(batches);
    try (Learner learner = NetworkCheck.learner(block, loss, input, seed)) {
      Shape output = NetworkCheck.output(learner, batches, input);
      DatasetCheck.require(test, settings.batchSize(), LabelRule.of(loss), output);
    }
    return null;
  }

  /**
   * The learning rate with which a network does best on the rows that are for this choice: of the
   * search's own, its third and its triple; and as long as the best is the lowest or the highest
   * one tried, the next one beyond.
   */
  private Rate best(Contestant contestant, List<DatasetBatches> parts) {
    Rate best = null;
    int lowest = -1;
    int highest = 1;
    for (int power = lowest; power <= highest; power++) {
      best = better(best, tried(contestant, power, parts));
    }
    while (best.power == lowest && lowest > -FARTHEST
        || best.power == highest && highest < FARTHEST) {
      int next = best.power == lowest ? --lowest : ++highest;
      best = better(best, tried(contestant, next, parts));
    }
    return best;
  }

  /** A learning rate, and the score of a training with it. */
  private record Rate(int power, OptimizerSettings optimizer, Score score) {}

  private Rate tried(Contestant contestant, int power, List<DatasetBatches> parts) {
    double own = settings.weights().learningRate();
    OptimizerSettings optimizer = settings.weights().withLearningRate(own * Math.pow(STEP, power));
    return new Rate(
        power, optimizer, train(contestant, optimizer, seed, parts.get(0), parts.get(1)));
  }

  private static Rate better(Rate best, Rate other) {
    return best == null || better(other.score, best.score) ? other : best;
  }

  private static boolean better(Score one, Score other) {
    int byMerit = Double.compare(FoundComparison.merit(one), FoundComparison.merit(other));
    return byMerit > 0 || byMerit == 0 && one.loss() < other.loss();
  }

  /** The score after a training from scratch; NaN if it diverged. */
  private Score train(
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
                Training.run(
                    task,
                    learner,
                    optimizer,
                    weights.ordered(trainingSeed),
                    scored,
                    epochs,
                    settings.accumulation(),
                    null,
                    epoch -> {},
                    listener);
            return run.get(run.size() - 1).test();
          } catch (TrainingDivergedException e) {
            return new Score(Double.NaN, Double.NaN, 0);
          }
        });
  }

  private double secondsPerStep(
      Contestant contestant, OptimizerSettings settings, DatasetBatches batches) {
    return contestant.network.with(
        contestant.activation,
        block -> {
          try (Learner learner = new Learner(block, loss, seed, NetworkCheck.input(batches));
              WeightOptimizer optimizer = settings.optimizer(learner.weights(), 2 * TIMED_STEPS)) {
            // The first step finds everything cold.
            seconds(learner, optimizer, batches, 1);
            return seconds(learner, optimizer, batches, TIMED_STEPS) / TIMED_STEPS;
          }
        });
  }

  private static double seconds(
      Learner learner, WeightOptimizer optimizer, DatasetBatches batches, int steps) {
    Iterator<Batch> turn = batches.epoch(learner.manager(), 0).iterator();
    try (RunningScore tally = new RunningScore(learner.manager())) {
      long start = System.nanoTime();
      for (int step = 0; step < steps; step++) {
        if (!turn.hasNext()) {
          turn = batches.epoch(learner.manager(), step).iterator();
        }
        try (Batch batch = turn.next()) {
          learner.backpropagate(batch, tally);
        }
        optimizer.step();
      }
      // A GPU computes while Java goes on: what is read has been computed.
      tally.score();
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static Side side(Contestant contestant, Rate rate, List<Score> scores, double[] seconds) {
    boolean edge = Math.abs(rate.power) == FARTHEST;
    double median = Arrays.stream(seconds).sorted().toArray()[ROUNDS / 2];
    return new Side(contestant.name, rate.optimizer.learningRate(), edge, scores, median);
  }
}
