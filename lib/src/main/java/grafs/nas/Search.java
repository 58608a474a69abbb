package grafs.nas;

import ai.djl.TrainingDivergedException;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.data.BatchSource;
import grafs.train.Learner;
import grafs.train.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A complete search by gradient: the number of searches in the settings, each from other initial
 * weights and with other draws, and the {@link Verification} of their results, which is skipped if
 * there are goals. It keeps a record, reports progress, and can be interrupted and continued.
 */
public final class Search {

  private final SearchSettings settings;
  private final Cells cells;
  private final Learner learner;
  private final Progress.Listener listener;
  private final List<Regularizer> goals;

  /**
   * Prepares a search.
   *
   * @param settings the numbers
   * @param cells the cells that the network was built with
   * @param learner the network with its weights and loss
   * @param listener receives progress
   * @param goals regularisers that are added to the loss of α's steps
   */
  public Search(
      SearchSettings settings,
      Cells cells,
      Learner learner,
      Progress.Listener listener,
      Regularizer... goals) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.listener = listener;
    this.goals = List.of(goals);
  }

  /**
   * Runs the search.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α; it is repeated within an epoch if it has fewer batches
   * @param seed the seed of α, β and all draws
   * @return what was found
   * @throws IllegalArgumentException if a part has no batch, or the network no cell
   * @throws TrainingDivergedException if in every search a loss or gradient stops being finite;
   *     says where and why
   */
  public SearchResult run(BatchSource weights, BatchSource alpha, long seed) {
    return run(weights, alpha, seed, null, epoch -> {});
  }

  /**
   * Runs the search, or continues it from a checkpoint: after every epoch its state is saved in a
   * folder, and a state found there at the beginning is loaded. The result does not depend on
   * interruptions; on one CPU it is the same bit for bit.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α; it is repeated within an epoch if it has fewer batches
   * @param seed the seed of α, β and all draws
   * @param folder the folder of the checkpoints; null for none
   * @param over receives every epoch after it is saved; if the search is continued, first the
   *     epochs done before
   * @return what was found
   * @throws IllegalArgumentException if a part has no batch, the network has no cell, or the folder
   *     holds a checkpoint of another search
   * @throws TrainingDivergedException if in every search a loss or gradient stops being finite;
   *     says where and why
   */
  public SearchResult run(
      BatchSource weights,
      BatchSource alpha,
      long seed,
      Path folder,
      Consumer<SearchResult.Epoch> over) {
    check("the weights", weights);
    check("α", alpha);
    List<SearchResult> results = new ArrayList<>();
    List<TrainingDivergedException> diverged = new ArrayList<>();
    for (int number = 1; number <= settings.searches(); number++) {
      long own = number == 1 ? seed : Objects.hash(seed, -number);
      if (number > 1) {
        learner.restart(own);
      }
      try {
        results.add(
            new SingleSearch(settings, cells, learner, listener, goals, number, own)
                .run(weights, alpha, file(folder, number), over));
      } catch (TrainingDivergedException e) {
        diverged.add(e);
      }
    }
    if (results.isEmpty()) {
      throw diverged.get(0);
    }
    SearchResult best = SearchResult.best(results, settings.selection());
    double seconds = results.stream().mapToDouble(SearchResult::seconds).sum();
    Expression found = best.found();
    Verification.Outcome verified = null;
    // Verification ranks by the score alone, which ignores goals.
    if (settings.verification().isOn() && goals.isEmpty()) {
      Verifier verifier = new Verifier(settings, cells, learner, listener, seed);
      verified = verifier.run(weights, alpha, results, folder);
      found = verifier.winner(verified);
      seconds += verifier.seconds();
    }
    return new SearchResult(
        found,
        best.space(),
        best.relaxation(),
        best.start(),
        best.epochs(),
        diverged.stream().map(Throwable::getMessage).toList(),
        verified,
        seconds);
  }

  private static Path file(Path folder, int number) {
    String name = number == 1 ? "search.zip" : "search-%d.zip".formatted(number);
    return folder == null ? null : folder.resolve(name);
  }

  private void check(String whose, BatchSource batches) {
    if (batches.batchesPerEpoch() < 1) {
      throw new IllegalArgumentException(
          "the part of the training set for %s does not fill one batch: take a batchSize below %d, or more examples"
              .formatted(whose, settings.batchSize()));
    }
  }
}
