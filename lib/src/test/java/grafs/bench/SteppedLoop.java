package grafs.bench;

import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * One of the library's own loops, a training or a search, that is run step by step: it runs in a
 * thread of its own and waits at {@link #pause} before each step. So a benchmark measures the steps
 * that users run, not a copy of them.
 */
final class SteppedLoop implements AutoCloseable {

  private final Semaphore go = new Semaphore(0);
  private final Semaphore waits = new Semaphore(0);
  private final Thread thread;
  private volatile boolean ended;
  private volatile Throwable failure;

  /**
   * Starts a loop and returns when it waits for the first time.
   *
   * @param loop runs without an end, and calls {@link #pause} before each step
   */
  SteppedLoop(Consumer<SteppedLoop> loop) {
    thread = new Thread(() -> run(loop), "stepped loop");
    thread.start();
    await();
  }

  private void run(Consumer<SteppedLoop> loop) {
    try {
      loop.accept(this);
    } catch (Throwable e) {
      failure = e;
    } finally {
      ended = true;
      waits.release();
    }
  }

  /**
   * Lets the loop go on until it waits again.
   *
   * @throws IllegalStateException if it ends instead; the cause says why
   */
  void step() {
    go.release();
    await();
  }

  private void await() {
    waits.acquireUninterruptibly();
    if (ended) {
      throw new IllegalStateException("the loop ended before its next step", failure);
    }
  }

  /**
   * Waits for the next {@link #step}; for the loop to call.
   *
   * @throws CancellationException if the loop is to end
   */
  void pause() {
    waits.release();
    try {
      go.acquire();
    } catch (InterruptedException e) {
      throw new CancellationException("closed");
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
