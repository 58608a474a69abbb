package grafs.run;

import grafs.data.DatasetBatches;
import grafs.nas.SearchSettings;
import grafs.nas.Verification;
import grafs.train.Learner;
import java.util.List;

/** Computes how many epochs a search has time for, from the measured time of a batch. */
final class SearchTime {

  /** The number of forward passes that are timed. */
  private static final int TIMED = 3;

  /** A training step takes about as long as three forward passes. */
  private static final int PLAIN_PASSES = 3;

  /** A search step takes about as long as three training steps. */
  private static final int PASSES = 3 * PLAIN_PASSES;

  private static final int MOST_EPOCHS = 100;

  private SearchTime() {}

  /**
   * Chooses the epochs.
   *
   * @param minutes the time, more than 0
   * @param settings the other settings
   * @param trainings how many plain trainings of as many epochs come before the search
   * @param learner the network with its default activation
   * @param batches the weights' batches
   * @return the settings with 2 to 100 epochs after the warm start; without verification where that
   *     would take more than half of the time
   */
  static SearchSettings within(
      double minutes,
      SearchSettings settings,
      int trainings,
      Learner learner,
      DatasetBatches batches) {
    // The first batch is slower, since the JVM and the engine are not warmed up, and is not timed.
    learner.evaluate(List.of(NetworkCheck.first(batches, learner.manager())));
    long start = System.nanoTime();
    for (int timed = 0; timed < TIMED; timed++) {
      learner.evaluate(List.of(NetworkCheck.first(batches, learner.manager())));
    }
    double pass = (System.nanoTime() - start) / 1e9 / TIMED;
    int passes = PASSES * settings.searches() + PLAIN_PASSES * trainings;
    double epoch = pass * passes * batches.batchesPerEpoch();
    Verification verification = settings.verification();
    double verified =
        pass
            * PLAIN_PASSES
            * batches.batchesPerEpoch()
            * verification.allEpochs(verification.functions());
    boolean tooLong = verified > 30 * minutes;
    double left = 60 * minutes - (tooLong ? 0 : verified);
    int epochs = (int) Math.max(2, Math.min(MOST_EPOCHS, left / epoch));
    SearchSettings chosen = settings.epochs(epochs + settings.warmStartEpochs());
    return tooLong ? chosen.verification(Verification.OFF) : chosen;
  }
}
