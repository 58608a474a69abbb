package grafs.search;

import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import grafs.cell.ActivationCells;
import grafs.cell.Candidates;
import grafs.cell.CellWeights;
import grafs.cell.DiscreteActivation;
import grafs.data.BatchSource;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Tally;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * First-order bilevel search for an activation function: in turn, α takes a step on one half of the
 * training set with the weights held, and the weights take a step on the other half with α held
 * (Liu et al. 2019, algorithm 1; arXiv 2408.06820, section 3).
 */
public final class BilevelSearch {

  private final SearchSettings settings;
  private final ActivationCells cells;
  private final Learner learner;
  private final Block defaultActivation;
  private final Progress.Listener listener;

  /**
   * Prepares a search.
   *
   * @param settings the numbers
   * @param cells the cells that the network was built with
   * @param learner the network with its weights and loss
   * @param defaultActivation the activation to start from, a block without parameters
   * @param listener hears of progress
   */
  public BilevelSearch(
      SearchSettings settings,
      ActivationCells cells,
      Learner learner,
      Block defaultActivation,
      Progress.Listener listener) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.defaultActivation = defaultActivation;
    this.listener = listener;
  }

  /**
   * Runs the search.
   *
   * @param weightBatches the half of the training set for the weights
   * @param alphaBatches the half for α, with as many batches an epoch
   * @param seed the seed of α
   * @return what was found
   * @throws ArithmeticException if a loss stops being finite
   */
  public SearchResult run(BatchSource weightBatches, BatchSource alphaBatches, long seed) {
    int batches = Math.min(weightBatches.batchesPerEpoch(), alphaBatches.batchesPerEpoch());
    int epochs = settings.warmStartEpochs() + settings.epochs();
    Optimizer sgd = settings.weights().optimizer(epochs * weightBatches.batchesPerEpoch());
    Progress.Meter meter =
        new Progress.Meter(
            "search",
            (long) settings.warmStartEpochs() * weightBatches.batchesPerEpoch()
                + 2L * settings.epochs() * batches,
            listener);
    cells.restoreDefault();
    List<Score> warmStart = new ArrayList<>();
    for (int epoch = 1; epoch <= settings.warmStartEpochs(); epoch++) {
      warmStart.add(warmStartEpoch(epoch, weightBatches, sgd, meter));
    }
    try (ArchitectureParameters alpha =
        new ArchitectureParameters(cells.space(), learner.manager(), seed)) {
      double error =
          settings
              .cellWarmStart()
              .fit(
                  cells.space(),
                  alpha,
                  settings.relaxation(),
                  defaultActivation,
                  stepRandom(seed, 0));
      ArchitectureParameters.Values fitted = alpha.values();
      Optimizer adam =
          Optimizer.adam()
              .optLearningRateTracker(Tracker.fixed((float) settings.alphaLearningRate()))
              .optBeta1(0.5f)
              .optBeta2(0.999f)
              .optWeightDecays(1e-3f)
              .build();
      Shrinking shrinking = new Shrinking(settings.startShrinking(), settings.endShrinking());
      List<SearchResult.Epoch> records = new ArrayList<>();
      for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
        double start = meter.seconds();
        int number = settings.warmStartEpochs() + epoch - 1;
        try (Tally train = new Tally(learner.manager());
            Tally validation = new Tally(learner.manager())) {
          Iterator<Batch> alphaTurn = alphaBatches.epoch(learner.manager(), number).iterator();
          Iterator<Batch> weightTurn = weightBatches.epoch(learner.manager(), number).iterator();
          boolean decided = alpha.candidates().decided();
          for (int b = 0; b < batches; b++) {
            long step = (epoch - 1L) * batches + b + 1;
            if (!decided) {
              alphaStep(alphaTurn.next(), alpha, adam, validation, stepRandom(seed, 2 * step - 1));
              meter.step(validation);
            }
            weightStep(weightTurn.next(), alpha, sgd, train, stepRandom(seed, 2 * step));
            meter.step(train);
            shrink(alpha, shrinking, epoch - 1 + (b + 1.0) / batches);
          }
          for (int b = 0; decided && b < batches; b++) {
            validate(alphaTurn.next(), alpha, validation);
            meter.step(validation);
          }
          Score score = Training.finite("the search", epoch, train.score());
          records.add(
              new SearchResult.Epoch(
                  epoch,
                  score,
                  validation.score(),
                  alpha.values(),
                  alpha.candidates(),
                  meter.seconds() - start));
        }
      }
      DiscreteActivation found =
          DiscreteActivation.of(cells.space(), alpha.candidates(), cells.meanBeta());
      return new SearchResult(
          found, cells.space(), warmStart, error, fitted, records, meter.seconds());
    }
  }

  /**
   * The randomness of one step, a function of seed and step alone: a search that goes on from a
   * checkpoint draws what an unbroken one would.
   *
   * @param step 0 for the fit of the cell, then 1, 2, … in turn for α and the weights
   */
  private static RandomGenerator stepRandom(long seed, long step) {
    // Mixed, since generators whose seeds differ by little must not be related across seeds.
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + step);
  }

  private static void shrink(ArchitectureParameters alpha, Shrinking shrinking, double epochs) {
    Candidates left = shrinking.shrink(alpha.candidates(), alpha.values(), epochs);
    if (!left.equals(alpha.candidates())) {
      alpha.keep(left);
    }
  }

  private Score warmStartEpoch(
      int epoch, BatchSource batches, Optimizer sgd, Progress.Meter meter) {
    try (Tally tally = new Tally(learner.manager())) {
      for (Batch batch : batches.epoch(learner.manager(), epoch - 1)) {
        try (batch) {
          learner.backpropagate(batch, tally);
        }
        learner.update(sgd);
        meter.step(tally);
      }
      return Training.finite("the warm start", epoch, tally.score());
    }
  }

  private void alphaStep(
      Batch batch,
      ArchitectureParameters alpha,
      Optimizer adam,
      Tally tally,
      RandomGenerator random) {
    learner.freeze(true);
    try (batch) {
      learner.backpropagate(
          batch, tally, () -> cells.relax(weights(alpha, random, false)), cells::backward);
    } finally {
      learner.freeze(false);
    }
    alpha.update(adam);
  }

  private CellWeights weights(ArchitectureParameters alpha, RandomGenerator random, boolean held) {
    Relaxation relaxation = settings.relaxation();
    int draws = relaxation.draws(cells.instances());
    return held ? relaxation.held(alpha, draws, random) : relaxation.weights(alpha, draws, random);
  }

  private void weightStep(
      Batch batch,
      ArchitectureParameters alpha,
      Optimizer sgd,
      Tally tally,
      RandomGenerator random) {
    try (batch) {
      learner.backpropagate(
          batch, tally, () -> cells.relax(weights(alpha, random, true)), cells::backward);
    }
    learner.update(sgd);
  }

  /**
   * With one operation left everywhere α has nothing to learn; its half tells how well the network
   * does.
   */
  private void validate(Batch batch, ArchitectureParameters alpha, Tally tally) {
    try (batch;
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      cells.relax(settings.relaxation().mean(alpha));
      learner.evaluate(batch, tally);
    }
  }
}
