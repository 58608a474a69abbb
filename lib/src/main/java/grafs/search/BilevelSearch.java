package grafs.search;

import ai.djl.nn.Block;
import grafs.cell.ActivationCells;
import grafs.data.BatchSource;
import grafs.train.Learner;
import grafs.train.Progress;
import java.nio.file.Path;
import java.util.function.Consumer;

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
            settings, cells, learner, defaultActivation, weightBatches, alphaBatches, seed)) {
      return run.toTheEnd(folder, listener, epochs);
    }
  }

  private void check(String half, BatchSource batches) {
    if (batches.batchesPerEpoch() < 1) {
      throw new IllegalArgumentException(
          "the half of the training set for %s does not fill one batch: take a batchSize below %d, or more images"
              .formatted(half, settings.batchSize()));
    }
  }
}
