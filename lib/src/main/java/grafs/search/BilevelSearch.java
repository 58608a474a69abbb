package grafs.search;

import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.tracker.Tracker;
import grafs.cell.ActivationCells;
import grafs.cell.Candidates;
import grafs.cell.CellWeights;
import grafs.cell.DiscreteActivation;
import grafs.data.BatchSource;
import grafs.train.Adam;
import grafs.train.Learner;
import grafs.train.Optimizer;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Tally;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Bilevel search for an activation function: in turn, α takes a step on one half of the training
 * set ({@link Architect}), and the weights take a step on the other half with α held (Liu et al.
 * 2019, algorithm 1; arXiv 2408.06820, section 3).
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
    int warmSteps = settings.warmStartEpochs() * settings.steps(weightBatches.batchesPerEpoch());
    int batches = Math.min(weightBatches.batchesPerEpoch(), alphaBatches.batchesPerEpoch());
    int steps = settings.steps(batches);
    Optimizer sgd =
        settings.weights().optimizer(learner.weights(), warmSteps + settings.epochs() * steps);
    Progress.Meter meter =
        new Progress.Meter("search", warmSteps + 2L * settings.epochs() * steps, listener);
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
              .fit(cells.space(), alpha, settings.relaxation(), defaultActivation);
      ArchitectureParameters.Values fitted = alpha.values();
      Optimizer adam =
          new Adam(
              alpha.arrays(),
              Tracker.fixed((float) settings.alphaLearningRate()),
              0.5,
              0.999,
              1e-3);
      Architect architect = new Architect(settings.order(), adam, sgd, learner.buffers().values());
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
          for (int step = 1; step <= steps; step++) {
            try (MicroBatches training = next(weightTurn)) {
              if (!decided) {
                alphaStep(training, next(alphaTurn), alpha, architect, validation);
                meter.step(validation);
              }
              weightStep(training, alpha, sgd, train);
              meter.step(train);
            }
            shrink(alpha, shrinking, epoch - 1 + (double) step / steps);
          }
          for (int step = 1; decided && step <= steps; step++) {
            validate(next(alphaTurn), alpha, validation);
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

  private static void shrink(ArchitectureParameters alpha, Shrinking shrinking, double epochs) {
    Candidates left = shrinking.shrink(alpha.candidates(), alpha.values(), epochs);
    if (!left.equals(alpha.candidates())) {
      alpha.keep(left);
    }
  }

  private Score warmStartEpoch(
      int epoch, BatchSource batches, Optimizer sgd, Progress.Meter meter) {
    try (Tally tally = new Tally(learner.manager())) {
      Iterator<Batch> turn = batches.epoch(learner.manager(), epoch - 1).iterator();
      while (turn.hasNext()) {
        try (MicroBatches training = next(turn)) {
          training.batches().forEach(batch -> learner.backpropagate(batch, tally));
          sgd.step(training.batches().size());
        }
        meter.step(tally);
      }
      return Training.finite("the warm start", epoch, tally.score());
    }
  }

  private void alphaStep(
      MicroBatches training,
      MicroBatches validation,
      ArchitectureParameters alpha,
      Architect architect,
      Tally tally) {
    try (validation;
        Tally unrolling = new Tally(learner.manager())) {
      architect.step(losses(training, alpha, unrolling), losses(validation, alpha, tally));
    }
  }

  private List<Architect.Loss> losses(
      MicroBatches batches, ArchitectureParameters alpha, Tally tally) {
    return batches.batches().stream()
        .map(batch -> (Architect.Loss) () -> backpropagate(batch, alpha, tally))
        .toList();
  }

  private void weightStep(
      MicroBatches training, ArchitectureParameters alpha, Optimizer sgd, Tally tally) {
    alpha.freeze(true);
    try {
      training.batches().forEach(batch -> backpropagate(batch, alpha, tally));
    } finally {
      alpha.freeze(false);
    }
    sgd.step(training.batches().size());
  }

  private void backpropagate(Batch batch, ArchitectureParameters alpha, Tally tally) {
    learner.backpropagate(batch, tally, () -> cells.relax(weights(alpha)), cells::backward);
  }

  private CellWeights weights(ArchitectureParameters alpha) {
    CellWeights weights = settings.relaxation().weights(alpha, cells.instances());
    return alpha.frozen() ? weights.hold() : weights;
  }

  /**
   * With one operation left everywhere α has nothing to learn; its half tells how well the network
   * does.
   */
  private void validate(MicroBatches validation, ArchitectureParameters alpha, Tally tally) {
    for (Batch batch : validation.batches()) {
      try (batch;
          NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        cells.relax(weights(alpha).hold());
        learner.evaluate(batch, tally);
      }
    }
  }

  /** The batches of one step. */
  private record MicroBatches(List<Batch> batches) implements AutoCloseable {
    @Override
    public void close() {
      batches.forEach(Batch::close);
    }
  }

  private MicroBatches next(Iterator<Batch> turn) {
    List<Batch> batches = new ArrayList<>();
    while (batches.size() < settings.accumulation() && turn.hasNext()) {
      batches.add(turn.next());
    }
    return new MicroBatches(batches);
  }
}
