package grafs.nas;

import ai.djl.TrainingDivergedException;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.data.BatchSource;
import grafs.nas.SearchResult.Epoch;
import grafs.train.Learner;
import grafs.train.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A complete gradient-based search for an activation function. It consists of {@link
 * SearchSettings#searches} single searches. The first one starts from the learner's present
 * weights, each further one from other initial weights and with other random numbers. Then a {@link
 * Verification} trains the network with functions that the single searches have found and with the
 * default activation, the one that the network has without a search, and compares them.
 * Verification is skipped if the search has regularisers. During a search each activation of the
 * network is a cell, a small graph of operations such as sin or +, with several candidate
 * operations for each edge and vertex. α is one number for each candidate, which rates it. The
 * training set comes in two parts: one trains the network's weights, the other α. The search
 * records every epoch, reports progress, and can be interrupted and continued from a checkpoint.
 *
 * @param settings the settings of the search
 * @param cells the cells that the network was built with
 * @param learner the network with its weights and loss
 * @param listener receives progress
 * @param goals regularisers, penalties that are added to the loss when α is updated
 */
public record Search(
    SearchSettings settings,
    Cells cells,
    Learner learner,
    Progress.Listener listener,
    Regularizer... goals) {

  /**
   * Runs the search without checkpoints.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α; it is repeated within an epoch if it has fewer batches than the
   *     part for the weights
   * @param seed the seed of all random numbers: the starting values of α and of β (the learnable
   *     scalars that some operations have, as in β·x), the mixing weights that are drawn in every
   *     step, and the trainings of the verification
   * @return the function found, and a record of the search
   * @throws IllegalArgumentException if a part has no batch, or the network no cell
   * @throws TrainingDivergedException if all searches diverge: a loss or gradient is not finite;
   *     the message says where and why the first search did
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public SearchResult run(BatchSource weights, BatchSource alpha, long seed) {
    return run(weights, alpha, seed, null, epoch -> {});
  }

  /**
   * Runs the search, or continues it from checkpoints. After every epoch the state is saved in a
   * folder; a state found there at the beginning is loaded. The result does not depend on
   * interruptions; on one CPU it is the same bit for bit.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α; it is repeated within an epoch if it has fewer batches than the
   *     part for the weights
   * @param seed the seed of all random numbers: the starting values of α and of β (the learnable
   *     scalars that some operations have, as in β·x), the mixing weights that are drawn in every
   *     step, and the trainings of the verification
   * @param folder the folder of the checkpoints; null for none
   * @param over receives the record of every epoch after it is saved; if the search is continued,
   *     first the records of the checkpoint
   * @return the function found, and a record of the search
   * @throws IllegalArgumentException if a part has no batch, the network has no cell, or the folder
   *     holds a checkpoint of another search
   * @throws TrainingDivergedException if all searches diverge: a loss or gradient is not finite;
   *     the message says where and why the first search did
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public SearchResult run(
      BatchSource weights, BatchSource alpha, long seed, Path folder, Consumer<Epoch> over) {
    check("the weights", weights);
    check("α", alpha);
    List<SingleSearch.Done> results = new ArrayList<>();
    List<TrainingDivergedException> diverged = new ArrayList<>();
    for (int number = 1; number <= settings.searches(); number++) {
      long own = number == 1 ? seed : Objects.hash(seed, -number);
      String name = number == 1 ? "search.zip" : "search-%d.zip".formatted(number);
      Path file = folder == null ? null : folder.resolve(name);
      if (number > 1) {
        learner.restart(own);
      }
      try {
        results.add(
            new SingleSearch(settings, cells, learner, listener, goals, number, own)
                .run(weights, alpha, file, over));
      } catch (TrainingDivergedException e) {
        diverged.add(e);
      }
    }
    SingleSearch.Done best =
        results.stream()
            // The best score comes first; NaN, the score of a network that diverged, comes last.
            .min(Comparator.comparingDouble(done -> -selected(done).discrete().value()))
            .orElseThrow(() -> diverged.get(0));
    Expression found = cells.space().parse(selected(best).found());
    Verifier.Verified verified = new Verifier.Verified(found, null, 0);
    // Verification ranks functions by the loss without the penalties of regularisers. So it could
    // prefer a function without the property for which the regularisers were set.
    if (settings.verification().functions() > 0 && goals.length == 0) {
      List<List<Epoch>> searches = results.stream().map(SingleSearch.Done::epochs).toList();
      Verifier verifier = new Verifier(settings, cells, learner, listener, seed);
      verified = verifier.run(weights, alpha, searches, folder);
    }
    return new SearchResult(
        verified.function(),
        cells.space(),
        settings.relaxation(),
        best.start(),
        best.epochs(),
        diverged.stream().map(Throwable::getMessage).toList(),
        verified.outcome(),
        results.stream().mapToDouble(SingleSearch.Done::seconds).sum() + verified.seconds());
  }

  private Epoch selected(SingleSearch.Done search) {
    return settings.selection().of(search.epochs());
  }

  private void check(String whose, BatchSource batches) {
    if (batches.batchesPerEpoch() < 1) {
      throw new IllegalArgumentException(
          "the part of the training set for %s does not fill one batch: take a batchSize below %d, or more examples"
              .formatted(whose, settings.batchSize()));
    }
  }
}
