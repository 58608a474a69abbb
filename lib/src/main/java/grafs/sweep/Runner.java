package grafs.sweep;

import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Task;
import grafs.train.Progress;

/**
 * Does trials. The same trial has the same result on every runner, bit for bit, where {@link
 * #threads} and the kind of processor are the same: over how many threads a sum is spread decides
 * how it is rounded.
 */
public interface Runner extends AutoCloseable {

  /** {@return how many trials it can do at the moment, those under way included} */
  int slots();

  /** {@return how many threads a trial computes with} */
  int threads();

  /**
   * Does one trial to its end. Called from as many threads at once as there are slots.
   *
   * @param order what to do
   * @param task the task, for runners that need no other process
   * @param store the store that receives the complete run
   * @param listener receives progress, as far as the runner knows it
   * @return how it ended; {@link Outcome#complete} only if the store has the run
   * @throws InterruptedException if the thread was interrupted; the trial is given up then
   */
  Outcome run(RunRequest order, Task task, RunStore store, Progress.Listener listener)
      throws InterruptedException;

  /** Ends what the runner has started. */
  @Override
  default void close() {}
}
