package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import grafs.cell.ActivationCells;
import grafs.data.BatchSource;
import grafs.train.Checkpoint;
import grafs.train.Learner;
import grafs.train.Progress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

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
  private final List<Goal> goals;

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
    this(settings, cells, learner, defaultActivation, listener, List.of());
  }

  /**
   * Prepares a search that pursues goals beside a low loss.
   *
   * @param settings the numbers
   * @param cells the cells that the network was built with
   * @param learner the network with its weights and loss
   * @param defaultActivation the activation to start from, a block without parameters
   * @param listener hears of progress
   * @param goals the goals
   */
  public BilevelSearch(
      SearchSettings settings,
      ActivationCells cells,
      Learner learner,
      Block defaultActivation,
      Progress.Listener listener,
      List<Goal> goals) {
    this.goals = List.copyOf(goals);
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
   * @throws IllegalArgumentException if a half has no batch, or the network no cell
   * @throws ArithmeticException if a loss or gradient stops being finite; says where and why
   */
  public SearchResult run(BatchSource weightBatches, BatchSource alphaBatches, long seed) {
    return run(weightBatches, alphaBatches, seed, null, epoch -> {});
  }

  /**
   * Runs the search, or goes on with it where it was broken off: after every epoch its state is
   * saved in a folder, and if there is a saved state to begin with, it continues from there. What
   * comes out is the same, bit for bit on one CPU, however often it was broken off.
   *
   * @param weightBatches the half of the training set for the weights
   * @param alphaBatches the half for α, with as many batches an epoch
   * @param seed the seed of α
   * @param folder where to keep the state, or null not to
   * @param epochs hears of every epoch of the search proper when it is over and saved; where the
   *     search is continued, first of those done before
   * @return what was found
   * @throws IllegalArgumentException if a half has no batch, the network no cell, or the folder
   *     another search
   * @throws ArithmeticException if a loss or gradient stops being finite; says where and why
   */
  public SearchResult run(
      BatchSource weightBatches,
      BatchSource alphaBatches,
      long seed,
      Path folder,
      Consumer<SearchResult.Epoch> epochs) {
    check("weights", weightBatches);
    check("α", alphaBatches);
    if (cells.instances() == 0) {
      throw new IllegalArgumentException(
          "the network has no activation cell: build it with these cells as its activation");
    }
    try (SearchRun run =
        new SearchRun(
            settings,
            cells,
            learner,
            defaultActivation,
            weightBatches,
            alphaBatches,
            seed,
            goals)) {
      Checkpoint<SearchState.Log> checkpoint =
          folder == null
              ? null
              : new Checkpoint<>(
                  folder.resolve("search.zip"),
                  identity(weightBatches, alphaBatches, seed),
                  SearchState.Log.class);
      return run.toTheEnd(checkpoint, listener, epochs);
    }
  }

  private void check(String half, BatchSource batches) {
    if (batches.batchesPerEpoch() < 1) {
      throw new IllegalArgumentException(
          "the half of the training set for %s does not fill one batch: take a batchSize below %d, or more images"
              .formatted(half, settings.batchSize()));
    }
  }

  /** All that decides what the search does, for a checkpoint to be held against. */
  private Map<String, String> identity(
      BatchSource weightBatches, BatchSource alphaBatches, long seed) {
    Map<String, String> identity = new TreeMap<>();
    identity.put("seed", Long.toString(seed));
    identity.put("settings", settings.toString());
    if (!goals.isEmpty()) {
      identity.put("goals", goals.toString());
    }
    identity.put("space", cells.space().toString());
    identity.put("cells", cells.instances() + ", " + cells);
    identity.put("weights", learner.parameters() + " in " + learner.state().keySet());
    identity.put("default activation", Arrays.toString(defaultValues()));
    identity.put("data for weights", describe(weightBatches));
    identity.put("data for α", describe(alphaBatches));
    return identity;
  }

  private float[] defaultValues() {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray x = learner.manager().create(new float[] {-2, -1, 1, 2});
      return defaultActivation.forward(null, new NDList(x), false).head().toFloatArray();
    }
  }

  private String describe(BatchSource source) {
    try (Batch first = source.epoch(learner.manager(), 0).iterator().next()) {
      return "%d batches, the first one's hash is %08x"
          .formatted(source.batchesPerEpoch(), first.getData().head().toByteBuffer().hashCode());
    }
  }
}
