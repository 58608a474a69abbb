package grafs.bench;

import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Runs one of the library's own loops, a training or a search, step by step, so that a benchmark
 * measures the steps that users run, not a copy of them. The loop runs in a thread of its own and
 * calls {@link #pause} before each step; there it waits until the benchmark calls {@link #step}.
 */
final class SteppedLoop implements AutoCloseable {

  /** Has a permit while the loop may take a step. */
  private final Semaphore go = new Semaphore(0);

  /** Has a permit after the loop began to wait, or ended. */
  private final Semaphore waits = new Semaphore(0);

  private final Thread thread;
  private volatile boolean ended;
  private volatile Throwable failure;

  /**
   * Starts a loop and returns when it waits for the first time.
   *
   * @param loop the loop, which calls {@link #pause} before each step and has no end
   * @throws IllegalStateException if the loop ends before its first step; the cause says why
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
   * Lets the loop take one step, and returns when it waits again.
   *
   * @throws IllegalStateException if the loop ends instead; the cause says why
   */
  void step() {
    go.release();
    await();
  }

  /** Waits until the loop waits; throws if it has ended. */
  private void await() {
    waits.acquireUninterruptibly();
    if (ended) {
      throw new IllegalStateException("the loop ended before its next step", failure);
    }
  }

  /**
   * Waits for the next {@link #step}. Only the loop calls this.
   *
   * @throws CancellationException if {@link #close} was called, which ends the loop
   */
  void pause() {
    waits.release();
    try {
      go.acquire();
    } catch (InterruptedException e) {
      throw new CancellationException("closed");
    }
  }

  /** Ends the loop, at the latest at its next pause, and waits for its thread to end. */
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
