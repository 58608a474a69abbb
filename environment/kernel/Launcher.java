import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.rapaio.jupyter.kernel.MainApp;
import org.rapaio.jupyter.kernel.channels.Channels;
import org.rapaio.jupyter.kernel.channels.LoopThread;
import org.rapaio.jupyter.kernel.core.RapaioKernel;
import org.rapaio.jupyter.kernel.core.java.JavaEngine;
import org.rapaio.jupyter.kernel.core.java.RapaioExecutionControl;
import org.rapaio.jupyter.kernel.core.java.RapaioExecutionControlProvider;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Starts the Rapaio kernel 3.0.1 and mends two things about it. Runs from its source, as {@code
 * java -cp KERNEL.jar Launcher.java CONNECTION-FILE}.
 *
 * <p>Stop: to an {@code interrupt_request} the kernel shuts down the threads that run its cells,
 * and runs nothing more. The kernelspec therefore has Jupyter send SIGINT, which here interrupts
 * the thread that runs the cell: what it throws ends the cell as any exception does, and the kernel
 * goes on.
 *
 * <p>Start: a thread that reads a channel ends at once if it looks at its {@code running} before
 * that is set, or if a message is there before the kernel can handle any. Nobody reads that channel
 * then; here another thread takes over.
 */
public final class Launcher {

  /** How many nanoseconds a snippet may ignore Stop before another Stop gives it up. */
  private static final long PATIENCE = 5_000_000_000L;

  /** When Stop first asked a snippet to end, by the number the kernel gave to its execution. */
  private static final Map<String, Long> ASKED = new ConcurrentHashMap<>();

  private static final AtomicInteger STOPS = new AtomicInteger();

  private static volatile RapaioKernel kernel;

  private Launcher() {}

  /**
   * Runs the kernel until it is told to shut down.
   *
   * @param arguments Jupyter's connection file
   */
  public static void main(String[] arguments) throws Exception {
    if (Signal.handle(new Signal("INT"), signal -> stop()) == SignalHandler.SIG_IGN) {
      System.err.println("SIGINT is ignored, as in what a script runs with &: Stop does nothing");
    }
    // Made by this thread, and first: JShell gives it the class loader of the cells, which the
    // threads that it and its like start inherit.
    kernel = MainApp.kernel;
    Thread listening = new Thread(Launcher::listen, "Listening");
    listening.setDaemon(true);
    listening.start();
    MainApp.main(arguments);
  }

  /**
   * Interrupts the running cell: each of its snippets once, since the thread that runs them forgets
   * between two of them that it was interrupted.
   */
  private static void stop() {
    if (kernel == null) {
      return;
    }
    int stop = STOPS.incrementAndGet();
    AtomicInteger count = field(RapaioKernel.class, null, "executionCount");
    int cell = count.get();
    Map<String, ?> running = field(RapaioExecutionControl.class, control(), "running");
    Set<String> interrupted = new HashSet<>();
    while (stop == STOPS.get() && cell == count.get()) {
      Set<String> snippets = new HashSet<>(running.keySet());
      ASKED.keySet().retainAll(snippets);
      snippets.removeAll(interrupted);
      Map<Thread, StackTraceElement[]> stacks = Thread.getAllStackTraces();
      if (stacks.values().stream().noneMatch(stack -> calls(stack, "handleExecuteRequest"))) {
        return;
      }
      stacks.values().removeIf(stack -> !calls(stack, "do_it$"));
      if (!stacks.isEmpty()) {
        snippets.forEach(snippet -> end(snippet, stacks.keySet()));
        interrupted.addAll(snippets);
      }
      pause(10);
    }
  }

  private static boolean calls(StackTraceElement[] stack, String method) {
    return Arrays.stream(stack).anyMatch(frame -> frame.getMethodName().equals(method));
  }

  /** Interrupts a snippet; or, if that was long ago, gives it up, so that the kernel goes on. */
  private static void end(String snippet, Set<Thread> threads) {
    long now = System.nanoTime();
    Long asked = ASKED.putIfAbsent(snippet, now);
    if (asked == null || now - asked < PATIENCE) {
      // Not while it sends output: ZeroMQ would lose a part of the message, or close its pipe.
      synchronized (Launcher.<Object>field(Channels.class, kernel.channels(), "iopub")) {
        threads.forEach(Thread::interrupt);
      }
      return;
    }
    control().interrupt();
    try {
      for (Thread thread : threads) {
        Thread.class.getMethod("stop").invoke(thread);
      }
    } catch (ReflectiveOperationException e) {
      System.err.println("What was given up runs on: only up to Java 19 can it be ended");
    }
  }

  private static RapaioExecutionControl control() {
    JavaEngine engine = kernel.javaEngine();
    RapaioExecutionControlProvider provider = field(JavaEngine.class, engine, "controlProvider");
    return provider.getRegisteredControl(field(JavaEngine.class, engine, "executionId"));
  }

  /** Sees to it that each channel is read until the kernel closes them; ends the process then. */
  private static void listen() {
    Channels channels = null;
    while (channels == null || !Launcher.<Boolean>field(Channels.class, channels, "isConnected")) {
      pause(10);
      channels = kernel.channels();
    }
    Map<LoopThread, Thread> readers = new HashMap<>();
    for (String name : List.of("heartbeat", "shell", "control")) {
      Object channel = field(Channels.class, channels, name);
      LoopThread loop = field(channel.getClass(), channel, "loopThread");
      readers.put(loop, loop);
    }
    do {
      readers.replaceAll(Launcher::reader);
      pause(50);
    } while (readers.entrySet().stream()
        .anyMatch(reader -> running(reader.getKey()) || reader.getValue().isAlive()));
    // The threads that ran cells would keep it for another minute.
    System.exit(0);
  }

  private static Thread reader(LoopThread loop, Thread reader) {
    if (reader.isAlive() || !running(loop)) {
      return reader;
    }
    System.err.println("Reading on in place of a thread that ended: " + loop.getName());
    Thread next = new Thread(loop::run, loop.getName());
    // Not a daemon, as the thread that starts it: it keeps the process running.
    next.setDaemon(false);
    next.start();
    return next;
  }

  /** Whether a channel is to be read: until the kernel closes it. */
  private static boolean running(LoopThread loop) {
    return Launcher.<Boolean>field(LoopThread.class, loop, "running");
  }

  /** What the kernel keeps to itself. */
  @SuppressWarnings("unchecked")
  private static <T> T field(Class<?> type, Object owner, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return (T) field.get(owner);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This is not the Rapaio kernel 3.0.1: " + e, e);
    }
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IllegalStateException("Nobody interrupts this thread", e);
    }
  }
}
