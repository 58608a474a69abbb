package grafs.nas;

import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.nio.file.Path;

/**
 * Runs small searches for an activation function on the task {@link Rings}. They serve tests of
 * searches and of the verification, which compares the functions found with the default activation
 * after a search.
 */
final class RingSearch {

  /** The number of batches in an epoch. */
  static final int STEPS = 8;

  private RingSearch() {}

  /**
   * Returns settings of a search of four epochs. After it, a verification compares three functions
   * with the default activation; it trains with three seeds, and each training has two epochs.
   */
  static SearchSettings settings() {
    return SearchSettings.paper(new SgdSettings(0.05, 0.9, 0, Decay.COSINE))
        .epochs(4)
        .batchSize(32)
        .accumulation(1)
        .alphaLearningRate(0.1)
        .verification(new Verification(3, 2, 3));
  }

  /** Runs a search with seed 1. Checkpoints are in {@code folder}; null for none. */
  static SearchResult search(SearchSettings settings, CellSpace space, Path folder) {
    return search(settings, space, 1, folder, Progress.Listener.NONE);
  }

  /**
   * Runs a search. The seed is that of the initial weights and of the search. Checkpoints are in
   * {@code folder}; null for none.
   */
  static SearchResult search(
      SearchSettings settings,
      CellSpace space,
      long seed,
      Path folder,
      Progress.Listener listener) {
    Cells cells = new Cells(space, Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, seed)) {
      return new Search(settings, cells, learner, listener)
          .run(Rings.batches(STEPS, 32, 1), Rings.batches(STEPS, 32, 2), seed, folder, e -> {});
    }
  }
}
