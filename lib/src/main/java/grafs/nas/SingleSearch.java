package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.dataset.Batch;
import grafs.cell.Cells;
import grafs.data.BatchSource;
import grafs.nas.SearchResult.Epoch;
import grafs.nas.SearchResult.Start;
import grafs.train.Checkpoint;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One of the searches that a {@link Search} makes; their number is {@link SearchSettings#searches}.
 * In each epoch it takes the steps of a {@link GradientOptimizer}. Then it scores the network with
 * the function that the search would have as its result if it ended now, and saves a checkpoint.
 *
 * <p>Each activation of the network is a cell, a small graph of operations such as sin or +. The
 * edges and vertices of the graph are called places; each has several candidate operations. A
 * relaxed cell mixes all candidates of a place. α is one number for each candidate, from which the
 * mixing weights are drawn. β are the learnable scalars that some operations have, as in β·x.
 * Pre-activations are the numbers that the network feeds into the cells. The default activation is
 * the one that the network has without a search. In the warm start, the first epochs, the cells
 * compute the default activation while the weights are trained. The training set comes in two
 * parts: one trains the network's weights, the other α and β.
 *
 * @param settings the settings of the search
 * @param cells the cells that the network was built with
 * @param learner the network with its initial weights
 * @param listener receives progress
 * @param goals regularisers, penalties that are added to the loss when α is updated
 * @param number the number of this search, from 1
 * @param seed the seed of all random numbers: the starting values of α and β, mixing weights and
 *     dropout
 */
record SingleSearch(
    SearchSettings settings,
    Cells cells,
    Learner learner,
    Progress.Listener listener,
    Regularizer[] goals,
    int number,
    long seed) {

  /**
   * The number of pre-activations sampled from the input of each cell at the end of the warm start.
   */
  private static final int SEEN_PER_CELL = 256;

  /**
   * The number of quantiles in {@link Start#inputs}, which describe the sampled pre-activations.
   */
  private static final int INPUT_QUANTILES = 201;

  /**
   * The results of a search so far.
   *
   * @param start the losses and pre-activations at the end of the warm start; null before this end
   * @param epochs one record for each epoch
   * @param seconds the time of the search in seconds, including the time before an interruption
   */
  record Done(Start start, List<Epoch> epochs, double seconds) {}

  /**
   * What a checkpoint contains besides tensors: α and β with the state of their optimizers, and the
   * results of the epochs done.
   */
  private record Log(Adam alpha, Adam beta, Done done) {}

  /**
   * Runs the search, or continues it from a checkpoint. If the checkpoint is that of a finished
   * search, no step is taken.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α
   * @param file the file of the checkpoint; null for none
   * @param over receives the record of every epoch after it is saved; if a checkpoint is continued,
   *     first the records in it
   * @return the results of the search
   * @throws IllegalArgumentException if the checkpoint is of another search
   */
  Done run(BatchSource weights, BatchSource alpha, Path file, Consumer<Epoch> over) {
    Split split = new Split(weights, alpha, settings.accumulation());
    try (GradientOptimizer optimizer =
        new GradientOptimizer(settings, cells, learner, split.steps(), seed, goals)) {
      ArchitectureParameters architecture = optimizer.architecture();
      Map<String, NDArray> tensors = new LinkedHashMap<>(learner.state());
      tensors.putAll(optimizer.descent.state());
      Checkpoint<Log> checkpoint =
          new Checkpoint<>(file, file == null ? "" : identity(split), Log.class);
      Optional<Log> saved = checkpoint.load(tensors);
      Done before = saved.map(log -> log.done).orElse(new Done(null, List.of(), 0));
      List<Epoch> epochs = new ArrayList<>(before.epochs);
      Start start = before.start;
      saved.ifPresent(log -> optimizer.restore(epochs.get(epochs.size() - 1), log.alpha, log.beta));
      epochs.forEach(over);
      String task =
          (settings.searches() > 1 ? "search %d of %d" : "search")
                  .formatted(number, settings.searches())
              + (saved.isPresent() ? ", continued" : "");
      long left = (long) (settings.epochs() - epochs.size()) * split.steps();
      Progress.Meter meter = new Progress.Meter(task, left, listener);
      if (settings.warmStartEpochs() == 0 && start == null) {
        start = start(optimizer, alpha);
      }
      while (epochs.size() < settings.epochs()) {
        int epoch = epochs.size() + 1;
        double began = meter.seconds();
        boolean warm = optimizer.warming();
        // The engine's random numbers, such as those of dropout, depend on the search's seed and
        // the epoch only. So a search that continues from a checkpoint draws the same ones as an
        // uninterrupted one.
        Engine.getInstance().setRandomSeed(Objects.hash(seed, epoch));
        steps(optimizer, split, epoch, meter);
        if (epoch == settings.warmStartEpochs()) {
          start = start(optimizer, alpha);
        }
        optimizer.endEpoch();
        if (epoch == settings.warmStartEpochs() && settings.fit().steps() > 0) {
          double after = lossOfRelaxedCells(optimizer, alpha);
          start = new Start(start.lossBefore(), after, start.inputs());
        }
        cells.compute(optimizer.found());
        Score discrete = learner.evaluate(alpha.epoch(learner.manager(), 0));
        epochs.add(
            new Epoch(
                epoch,
                warm,
                optimizer.weightsScore(),
                optimizer.alphaScore(),
                discrete,
                optimizer.found().toString(),
                architecture.alphaValues(),
                architecture.betaValues(),
                architecture.candidates(),
                meter.seconds() - began));
        Done done = new Done(start, epochs, before.seconds + meter.seconds());
        checkpoint.save(tensors, new Log(architecture.alpha, architecture.beta, done));
        over.accept(epochs.get(epochs.size() - 1));
      }
      return new Done(start, List.copyOf(epochs), before.seconds + meter.seconds());
    }
  }

  private void steps(GradientOptimizer optimizer, Split split, int epoch, Progress.Meter meter) {
    // A data source has an order of the examples for each epoch number. Every search has its own
    // range of epoch numbers.
    int order = (number - 1) * settings.epochs() + epoch;
    for (Split.Step step : split.epoch(learner.manager(), order)) {
      try (step) {
        optimizer.step(step.weights(), step.alpha());
      }
      meter.step(optimizer.weightsTally).ifPresent(optimizer::check);
    }
  }

  /**
   * Measures the network at the end of the warm start. It samples pre-activations in one forward
   * pass with the default activation, and computes the loss on one batch with the default
   * activation and with the relaxed cells.
   */
  private Start start(GradientOptimizer optimizer, BatchSource alpha) {
    cells.restoreDefault();
    try (Batch batch = first(alpha)) {
      optimizer.seen = cells.inputs(SEEN_PER_CELL, seed, () -> learner.output(batch));
    }
    double before = lossAsInTraining(alpha);
    double after = lossOfRelaxedCells(optimizer, alpha);
    return new Start(before, after, quantiles(optimizer.seen));
  }

  private double lossOfRelaxedCells(GradientOptimizer optimizer, BatchSource alpha) {
    cells.relax(optimizer.mixing(), false);
    return lossAsInTraining(alpha);
  }

  /**
   * Computes the loss on the first batch of α's part, with batch normalisation and dropout in
   * training mode.
   */
  private double lossAsInTraining(BatchSource alpha) {
    try (Batch batch = first(alpha)) {
      // The seed is a constant, so that dropout is the same with the default activation and with
      // the relaxed cells.
      Engine.getInstance().setRandomSeed(1);
      return learner.evaluateAsInTraining(batch).loss();
    }
  }

  private Batch first(BatchSource source) {
    return source.epoch(learner.manager(), 0).iterator().next();
  }

  /** Computes quantiles of some values, at equal steps of probability from 0 to 1. */
  private static float[] quantiles(float... values) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    float[] quantiles = new float[INPUT_QUANTILES];
    for (int i = 0; i < quantiles.length; i++) {
      quantiles[i] = sorted[(int) ((long) i * (sorted.length - 1) / (quantiles.length - 1))];
    }
    return quantiles;
  }

  /**
   * Describes what determines the result of the search. A checkpoint stores this text; a checkpoint
   * with another text is that of another search and is not continued. Each part of the training set
   * is represented by its number of batches and a hash of its first batch, the default activation
   * by its values at −2, −1, 1 and 2, the initial weights by their seed. A regulariser whose class
   * has no {@code toString} has a text that differs in each process. So a search with such a
   * regulariser is not continued in another process, where nothing shows whether the regulariser is
   * the same.
   */
  private String identity(Split split) {
    double[] standard = cells.defaultValues(learner.manager(), -2, -1, 1, 2);
    return String.join(
        "\n  ",
        "seed " + seed,
        "settings " + settings,
        "goals " + Arrays.toString(goals),
        "space " + cells.space() + cells.space().custom(),
        "cells " + cells.instances(),
        "loss " + learner.loss().getName(),
        "layers " + layers(learner.block()),
        "initial weights of seed " + learner.seed(),
        "weights " + learner.parameters() + " in " + learner.state().keySet(),
        "default activation " + Arrays.toString(standard),
        "data for weights " + describe(split.weights()),
        "data for α " + describe(split.alpha()));
  }

  private String describe(BatchSource source) {
    try (Batch first = first(source)) {
      List<Integer> hashes =
          Stream.of(first.getData(), first.getLabels())
              .flatMap(List::stream)
              .map(array -> array.toByteBuffer().hashCode())
              .toList();
      return "%d batches, the first one's hash with its labels is %08x"
          .formatted(source.batchesPerEpoch(), hashes.hashCode());
    }
  }

  /**
   * Describes the layers of a network by their classes, and a {@link LambdaBlock}, a layer that
   * computes a Java function, by the name of the function. If the function was given no name, DJL
   * uses the name of the lambda's class. That name differs between processes and is left out.
   */
  static String layers(Block block) {
    boolean named = block instanceof LambdaBlock f && !f.getName().contains("$$Lambda");
    return (named ? ((LambdaBlock) block).getName() : block.getClass().getSimpleName())
        + block.getChildren().values().stream().map(SingleSearch::layers).toList();
  }
}
