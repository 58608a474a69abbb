package grafs.sweep;

import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Task;
import java.util.function.BiConsumer;

/**
 * Runs trials. A trial has the same result on every runner, bit for bit, if {@link #threads} and
 * the kind of processor are the same: the number of threads that share a sum decides its rounding.
 */
public interface Runner extends AutoCloseable {

  /** {@return the number of trials that can run at once now, those that are running included} */
  int slots();

  /** {@return how many threads a trial computes with} */
  int threads();

  /**
   * Runs one trial to its end. Called from as many threads at once as there are slots.
   *
   * @param order the request
   * @param task the task, for runners that need no other process
   * @param store the store that receives the complete run
   * @param progress receives the steps done and the steps in all, if the runner knows them
   * @return how it ended; {@link Outcome#complete} only if the store has the run; an exception is a
   *     failure too, see {@link Outcome#of}
   * @throws InterruptedException if the thread was interrupted; the trial is then stopped
   */
  Outcome run(RunRequest order, Task task, RunStore store, BiConsumer<Long, Long> progress)
      throws InterruptedException;

  /** Stops what the runner has started. */
  @Override
  default void close() {}
}
