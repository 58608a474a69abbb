package grafs.data.fetch;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/**
 * Closes a connection that gives no sign of life for too long: reading from it would wait for ever.
 */
final class StallGuard implements AutoCloseable {

  private final long nanos;
  private final Closeable connection;
  private final Thread thread;
  private volatile long last = System.nanoTime();
  private volatile boolean stalled;

  StallGuard(Duration stall, Closeable connection) {
    this.nanos = stall.toNanos();
    this.connection = connection;
    this.thread = new Thread(this::watch, "download-guard");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try {
      long left = nanos;
      while (left > 0) {
        Thread.sleep(left / 1_000_000 + 1);
        left = nanos - (System.nanoTime() - last);
      }
      stalled = true;
      connection.close();
    } catch (InterruptedException | IOException e) {
      // The download is over, or the connection is gone already.
    }
  }

  /** Notes a sign of life. */
  void alive() {
    last = System.nanoTime();
  }

  /** Whether the connection was closed for want of one. */
  boolean stalled() {
    return stalled;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
