package grafs.sweep;

import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Task;
import java.util.function.BiConsumer;

/**
 * Executes the trials of a {@link Sweep}: in this process, in other processes or on a cluster. A
 * trial is one search for an activation function or one training of a network. It has the same
 * result on every runner, bit for bit, if the kind of processor and {@link #threads} are the same.
 * (Several threads compute a sum in parts, and its rounding depends on these parts.)
 */
public interface Runner extends AutoCloseable {

  /** Runs trials in this process, one after another, each with all processors that Java sees. */
  Runner IN_PROCESS =
      (request, task, store, progress) -> {
        store.run(request, task, now -> progress.accept(now.done(), now.total()));
        return Outcome.COMPLETE;
      };

  /**
   * {@return the number of trials that this runner can run at the same time, including those that
   * are running; by default 1}
   */
  default int slots() {
    return 1;
  }

  /**
   * {@return the number of threads that a trial computes with; by default the number of processors
   * that Java sees}
   */
  default int threads() {
    return Runtime.getRuntime().availableProcessors();
  }

  /**
   * Runs one trial until it ends. Up to {@link #slots} threads call this method at the same time.
   * An exception counts as a failed attempt, see {@link Outcome#of}.
   *
   * @param request the trial's configuration, and where to load its data from
   * @param task the loaded data, for runners that run the trial in this process
   * @param store keeps the trial's checkpoint and its result
   * @param progress receives the number of steps done and of all steps of this attempt, if the
   *     runner knows them; an attempt that resumes a trial counts only the steps that were left
   * @return how the attempt ended; {@link Outcome#complete} is true only if the store then has the
   *     complete result
   * @throws InterruptedException if the thread was interrupted; the trial is then stopped
   */
  Outcome run(RunRequest request, Task task, RunStore store, BiConsumer<Long, Long> progress)
      throws InterruptedException;

  /** Releases what the runner holds, such as its connection to a cluster; by default nothing. */
  @Override
  default void close() {}
}
