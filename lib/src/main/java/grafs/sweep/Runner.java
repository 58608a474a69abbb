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

  /** Runs trials in this process, one after another, with all of its threads. */
  Runner IN_PROCESS =
      (order, task, store, progress) -> {
        store.run(order, task, now -> progress.accept(now.done(), now.total()));
        return Outcome.COMPLETE;
      };

  /**
   * {@return the number of trials that can run at once now, those that are running included; 1 if
   * not overridden}
   */
  default int slots() {
    return 1;
  }

  /** {@return how many threads a trial computes with; all of this process if not overridden} */
  default int threads() {
    return Runtime.getRuntime().availableProcessors();
  }

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
