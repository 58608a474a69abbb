package grafs.sweep;

import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Task;
import java.util.function.BiConsumer;

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
  public Outcome run(RunRequest order, Task task, RunStore store, BiConsumer<Long, Long> progress) {
    store.run(order, task, now -> progress.accept(now.done(), now.total()));
    return Outcome.COMPLETE;
  }
}
