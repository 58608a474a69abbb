package grafs.data.fetch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps a data set's folder for one thread of one process. The system drops it when the process
 * ends, however it ends; its empty file {@code .lock} stays, since deleting it would let two in.
 */
final class FolderLock implements AutoCloseable {

  /** A process's file locks are not against itself. */
  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private final ReentrantLock thread;
  private final FileChannel channel;

  private FolderLock(ReentrantLock thread, FileChannel channel) {
    this.thread = thread;
    this.channel = channel;
  }

  /**
   * Waits for the folder.
   *
   * @param folder an existing folder
   * @param waiting is run first if somebody else has it
   */
  static FolderLock take(Path folder, Runnable waiting) throws IOException, InterruptedException {
    ReentrantLock thread = THREADS.computeIfAbsent(folder.toRealPath(), f -> new ReentrantLock());
    if (!thread.tryLock()) {
      waiting.run();
      thread.lockInterruptibly();
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock process = channel.tryLock();
      if (process == null) {
        waiting.run();
        channel.lock();
      }
      return new FolderLock(thread, channel);
    } catch (IOException | RuntimeException e) {
      if (channel != null) {
        channel.close();
      }
      thread.unlock();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    thread.unlock();
  }
}
