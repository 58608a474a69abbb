package grafs.sweep;

import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Task;
import grafs.train.Progress;
import java.util.concurrent.CancellationException;

/** Runs trials in this process, one after another, with all of its threads. */
public final class InProcess implements Runner {

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public int threads() {
    return Runtime.getRuntime().availableProcessors();
  }

  @Override
  public Outcome run(RunRequest order, Task task, RunStore store, Progress.Listener listener)
      throws InterruptedException {
    try {
      store.run(order, task, listener);
      return Outcome.COMPLETE;
    } catch (CancellationException e) {
      throw new InterruptedException(e.getMessage());
    } catch (Exception | OutOfMemoryError e) {
      return Outcome.of(e);
    }
  }
}
