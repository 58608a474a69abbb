package grafs.run;

import grafs.data.DatasetBatches;
import grafs.nas.SearchSettings;
import grafs.nas.Verification;
import grafs.train.Learner;
import java.util.List;

/**
 * Computes the number of epochs for which an {@link ActivationSearch} has time, from the measured
 * time of a forward pass. The search begins with a warm start: epochs in which the network keeps
 * its default activation. They are added to the number computed here, and their time is not
 * counted. After the search comes its verification: brief trainings that compare the functions
 * found with the default activation.
 */
final class SearchTime {

  /** The number of forward passes that are timed. */
  private static final int TIMED = 3;

  /** The approximate duration of a training step, as a multiple of that of a forward pass. */
  private static final int PASSES = 3;

  /** The approximate duration of a step of the search, as a multiple of that of a training step. */
  private static final int STEPS = 3;

  private static final int MOST_EPOCHS = 100;

  private SearchTime() {}

  /**
   * Chooses the number of epochs.
   *
   * @param minutes the time in minutes, more than 0, for all that is timed here: the trainings that
   *     choose the search's learning rate, then the search, then its verification
   * @param settings the settings of the search, whose number of epochs is replaced
   * @param trainings the number of trainings that choose the search's learning rate; each has as
   *     many epochs as the search
   * @param learner the network with its default activation
   * @param batches the batches of the examples that train the weights
   * @return the settings with 2 to 100 epochs after the warm start; with verification off if it
   *     would take more than half of the time
   */
  static SearchSettings within(
      double minutes,
      SearchSettings settings,
      int trainings,
      Learner learner,
      DatasetBatches batches) {
    // The first batch is not timed: it is slower, since the JVM and the engine are not warmed up.
    learner.evaluate(List.of(NetworkCheck.first(batches, learner.manager())));
    long start = System.nanoTime();
    for (int timed = 0; timed < TIMED; timed++) {
      learner.evaluate(List.of(NetworkCheck.first(batches, learner.manager())));
    }
    double pass = (System.nanoTime() - start) / 1e9 / TIMED;
    double trainingEpoch = pass * PASSES * batches.batchesPerEpoch();
    double epoch = trainingEpoch * (STEPS * settings.searches() + trainings);
    Verification verification = settings.verification();
    double verified = trainingEpoch * verification.allEpochs(verification.functions());
    boolean tooLong = verified > 30 * minutes;
    double left = 60 * minutes - (tooLong ? 0 : verified);
    int epochs = (int) Math.max(2, Math.min(MOST_EPOCHS, left / epoch));
    SearchSettings chosen = settings.epochs(epochs + settings.warmStartEpochs());
    return tooLong ? chosen.verification(Verification.OFF) : chosen;
  }
}
