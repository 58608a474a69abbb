import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.LogManager;
import org.rapaio.jupyter.kernel.MainApp;
import org.rapaio.jupyter.kernel.channels.AbstractChannel;
import org.rapaio.jupyter.kernel.channels.Channels;
import org.rapaio.jupyter.kernel.channels.LoopThread;
import org.rapaio.jupyter.kernel.channels.MessageHandler;
import org.rapaio.jupyter.kernel.core.ConnectionProperties;
import org.rapaio.jupyter.kernel.core.RapaioKernel;
import org.rapaio.jupyter.kernel.core.Transform;
import org.rapaio.jupyter.kernel.core.java.JavaEngine;
import org.rapaio.jupyter.kernel.core.java.RapaioExecutionControl;
import org.rapaio.jupyter.kernel.core.java.RapaioExecutionControlProvider;
import org.rapaio.jupyter.kernel.core.java.io.JShellConsole;
import org.rapaio.jupyter.kernel.core.java.io.JShellOutputStream;
import org.rapaio.jupyter.kernel.message.HMACDigest;
import org.rapaio.jupyter.kernel.message.Message;
import org.rapaio.jupyter.kernel.message.MessageType;
import org.rapaio.jupyter.kernel.message.messages.ErrorReply;
import org.rapaio.jupyter.kernel.message.messages.IOPubError;
import org.rapaio.jupyter.kernel.message.messages.ShellExecuteRequest;
import org.rapaio.org.zeromq.ZMQ;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Starts the Rapaio kernel 3.0.1, a Java kernel for Jupyter, and corrects five defects of it, by
 * reflection on its private fields. Runs from its source: {@code java -cp KERNEL.jar Launcher.java
 * CONNECTION-FILE}.
 *
 * <p>The kernel runs the cells of a notebook. JShell splits a cell into snippets, each a statement
 * or a declaration. Kernel and client, which is Jupyter, exchange messages over channels, each a
 * ZeroMQ socket: {@code shell} carries requests to run cells and the replies, {@code iopub} what
 * cells print and show.
 *
 * <p>Stop, Jupyter's button that interrupts a cell: at an {@code interrupt_request}, the kernel
 * shuts down the threads that run its cells, and can run no more cells. Therefore the kernelspec
 * has Jupyter send the signal SIGINT instead. Here SIGINT interrupts the thread that runs the cell.
 * The exception that follows ends the cell, and the kernel runs the next one.
 *
 * <p>Output: the kernel sends each printed line as a message of its own, and its socket drops
 * messages while a thousand are waiting. Here printed text is collected, and sent twenty times a
 * second and before any other message; and the socket drops no messages.
 *
 * <p>Queue: when a cell fails or is stopped, the cells that are queued behind it are answered with
 * 'aborted', as Jupyter's protocol demands. The kernel itself would run them.
 *
 * <p>Failures: the kernel does not answer a cell if the stack overflows while it compiles the cell,
 * or if the value of the cell throws an error while it is displayed; the client would wait forever.
 * Here the cell ends with that error.
 *
 * <p>Start: each channel has a thread that reads it. This thread ends at once if it reads its flag
 * {@code running} before the flag is set, or if a message arrives before the kernel can handle
 * messages. The channel would then have no reader. Here another thread takes over.
 */
public final class Launcher {

  /** The time, in nanoseconds, for which a snippet may ignore Stop; another Stop then ends it. */
  private static final long PATIENCE = 5_000_000_000L;

  /**
   * The time of {@link System#nanoTime} at which Stop first interrupted each running snippet. The
   * key is the kernel's identifier of the snippet's run.
   */
  private static final Map<String, Long> ASKED = new ConcurrentHashMap<>();

  /** The number of Stops so far. The handler of a Stop returns when the next one arrives. */
  private static final AtomicInteger STOPS = new AtomicInteger();

  private static volatile RapaioKernel kernel;

  private Launcher() {}

  /**
   * Runs the kernel until it is told to shut down.
   *
   * @param arguments one argument: the path of Jupyter's connection file
   */
  public static void main(String[] arguments) throws Exception {
    if (Signal.handle(new Signal("INT"), signal -> stop()) == SignalHandler.SIG_IGN) {
      System.err.println("SIGINT is ignored, as in what a script runs with &: Stop does nothing");
    }
    // Loading MainApp creates the kernel. That must be in this thread and before other threads
    // start: JShell sets the class loader of this thread to the one that loads the cells' classes,
    // and threads that are started later inherit it.
    kernel = MainApp.kernel;
    Thread listening = new Thread(Launcher::listen, "Listening");
    listening.setDaemon(true);
    listening.start();
    LogManager.getLogManager()
        .readConfiguration(MainApp.class.getClassLoader().getResourceAsStream("logging.properties"));
    ConnectionProperties connection =
        Transform.fromJson(Files.readString(Path.of(arguments[0])), ConnectionProperties.class);
    Channels channels = new Channels(connection);
    AbstractChannel iopub = field(Channels.class, channels, "iopub");
    // 0 removes the limit to the number of waiting messages. It is set before the socket is bound,
    // since it applies only to connections that are made later.
    Launcher.<ZMQ.Socket>field(AbstractChannel.class, iopub, "socket").setHWM(0);
    Output output = new Output(iopub);
    channels.connect(kernel);
    Map<MessageType<?>, MessageHandler<?>> handlers = field(Channels.class, channels, "handlers");
    MessageHandler<ShellExecuteRequest> handler = message -> execute(channels, output, message);
    handlers.put(MessageType.SHELL_EXECUTE_REQUEST, handler);
    // This waits for the thread that listens, not for the channels' own threads: if all of them
    // ended at the start, the process would end.
    listening.join();
  }

  /**
   * Runs a cell. If the cell fails, the cells that are queued behind it are answered with
   * 'aborted'.
   */
  private static void execute(
      Channels channels, Output output, Message<ShellExecuteRequest> message) {
    output.failed = false;
    try {
      kernel.handleExecuteRequest(message);
    } catch (Error | RuntimeException e) {
      fail(channels, e);
    }
    List<Message<?>> queued = new ArrayList<>();
    if (output.failed && message.content().stopOnError()) {
      // The queue is read before the failed cell is answered, so that a cell which the client sends
      // after that answer is run.
      AbstractChannel shell = field(Channels.class, channels, "shell");
      ZMQ.Socket socket = field(AbstractChannel.class, shell, "socket");
      // Waits 20 ms, since a client that runs all cells may still be sending them.
      pause(20);
      while ((socket.getEvents() & ZMQ.Poller.POLLIN) != 0) {
        queued.add(shell.readMessage());
      }
    }
    channels.runAfterActions();
    queued.forEach(each -> answer(channels, each));
  }

  /**
   * Answers a cell with an error that the kernel threw, for example because the value of the cell
   * cannot be shown.
   */
  private static void fail(Channels channels, Throwable failure) {
    String name = failure.getClass().getSimpleName();
    String said = String.valueOf(failure.getMessage());
    List<String> trace = new ArrayList<>(List.of(failure.toString()));
    Arrays.stream(failure.getStackTrace()).limit(20).forEach(frame -> trace.add("   at " + frame));
    channels.publish(new IOPubError(name, said, trace));
    AtomicInteger count = field(RapaioKernel.class, null, "executionCount");
    ErrorReply reply = new ErrorReply(name, said, trace, count.get() - 1);
    MessageType<?> type = MessageType.SHELL_EXECUTE_REPLY.newError();
    channels.scheduleAfter(() -> channels.replyError(type, reply));
  }

  /** Answers a request to run a cell with 'aborted', and handles any other message as usual. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static void answer(Channels channels, Message<?> message) {
    channels.setMsgId(message.getId());
    MessageType type = message.header().type();
    if (type.equals(MessageType.SHELL_EXECUTE_REQUEST)) {
      channels.busyThenIdle();
      AbstractChannel shell = field(Channels.class, channels, "shell");
      MessageType reply = MessageType.SHELL_EXECUTE_REPLY;
      shell.sendMessage(new Message(message.getId(), reply, Map.of("status", "aborted")));
    } else if (channels.getHandler(type) != null) {
      ((MessageHandler) channels.getHandler(type)).handle(message);
    }
    channels.runAfterActions();
  }

  /**
   * Collects what cells print, and sends it twenty times a second and before any other message of
   * the channel iopub. For this it replaces the channel's signer, an object that the kernel calls
   * before it sends a message.
   */
  private static final class Output extends HMACDigest {

    private final HMACDigest digest;
    private final Stream out;
    private final Stream err;

    /** Whether a message with an error was sent since the last cell began. */
    private volatile boolean failed;

    /**
     * Whether printed text is being sent. Its message is signed by {@link #computeSignature}, which
     * must not send more text meanwhile: the later text would arrive first.
     */
    private boolean sending;

    Output(AbstractChannel iopub) throws GeneralSecurityException {
      // The superclass demands a key. It is not used, since the kernel's own signer signs.
      super("HmacSHA256", "unused");
      digest = field(AbstractChannel.class, iopub, "hmacGenerator");
      set(AbstractChannel.class, iopub, "hmacGenerator", this);
      out = new Stream(false, iopub, this);
      err = new Stream(true, iopub, this);
      JShellConsole console = field(RapaioKernel.class, kernel, "shellConsole");
      set(JShellConsole.class, console, "out", out);
      set(JShellConsole.class, console, "err", err);
      Thread sending = new Thread(this::send, "Output");
      sending.setDaemon(true);
      sending.start();
    }

    private void send() {
      while (true) {
        pause(50);
        out.send();
        err.send();
      }
    }

    /**
     * Signs a message, after sending the printed text that must come before it. The kernel calls
     * this method before it sends a message. Not synchronized, unlike the overridden method:
     * sending takes the channel's lock, and with two locks, two threads could wait for each other.
     */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public String computeSignature(byte[]... parts) {
      out.send();
      err.send();
      failed |= new String(parts[0], StandardCharsets.UTF_8).contains("\"msg_type\":\"error\"");
      return digest.computeSignature(parts);
    }
  }

  /** The standard output or the standard error of the cells. */
  private static final class Stream extends JShellOutputStream {

    /** As soon as the collected text has at least this many bytes, it is sent. */
    private static final int MOST = 1 << 16;

    private final boolean err;
    private final AbstractChannel iopub;
    private final Output output;
    private Channels bound;

    Stream(boolean err, AbstractChannel iopub, Output output) {
      super(err);
      this.err = err;
      this.iopub = iopub;
      this.output = output;
    }

    @Override
    public synchronized void bindChannels(Channels channels) {
      bound = channels;
    }

    @Override
    public void unbindChannels() {
      send();
      synchronized (iopub) {
        synchronized (this) {
          bound = null;
        }
      }
    }

    /**
     * Sends the collected text of the other stream, so that output and errors keep their order. The
     * text of this stream is sent later, unless there is much of it. Called after each printed
     * line.
     */
    @Override
    public void flush() {
      if (Thread.interrupted()) {
        // Stop set the thread's interrupt status; the exception ends also a cell that only prints.
        throw new CancellationException("interrupted while it printed");
      }
      Stream other = err ? output.out : output.err;
      if (other.size() > 0) {
        other.send();
      }
      if (size() >= MOST) {
        send();
      }
    }

    /**
     * Sends the collected text. Locks the channel before the stream, in the order in which all
     * senders take these locks.
     */
    void send() {
      synchronized (iopub) {
        String printed;
        Channels channels;
        synchronized (this) {
          if (output.sending || size() == 0 || bound == null) {
            return;
          }
          printed = toString(StandardCharsets.UTF_8);
          channels = bound;
          reset();
        }
        output.sending = true;
        try {
          if (err) {
            channels.writeToStdErr(printed);
          } else {
            channels.writeToStdOut(printed);
          }
        } finally {
          output.sending = false;
        }
      }
    }
  }

  /**
   * Interrupts the running cell. Each of its snippets is interrupted once, since the interrupt of
   * one snippet has no effect on the next one. Returns when the cell has ended or another Stop
   * arrives.
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
      // JShell compiles a snippet to a method of this name, so that a thread in it runs a snippet.
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

  /**
   * Interrupts the threads of a snippet. Stops them if the snippet was first interrupted at least
   * {@link #PATIENCE} ago and still runs.
   */
  private static void end(String snippet, Set<Thread> threads) {
    long now = System.nanoTime();
    Long asked = ASKED.putIfAbsent(snippet, now);
    if (asked == null || now - asked < PATIENCE) {
      // Threads that send output hold this lock, so that none is interrupted while it sends:
      // ZeroMQ would then lose a part of the message, or close its connection.
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
      System.err.println(
          "The cell cannot be stopped on Java 20 and later; it computes on until the kernel is"
              + " restarted");
    }
  }

  private static RapaioExecutionControl control() {
    JavaEngine engine = kernel.javaEngine();
    RapaioExecutionControlProvider provider = field(JavaEngine.class, engine, "controlProvider");
    return provider.getRegisteredControl(field(JavaEngine.class, engine, "executionId"));
  }

  /**
   * Makes sure that each channel has a thread that reads it, until the kernel closes the channels.
   * Then exits.
   */
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
    // Without this, idle threads that ran cells would keep the process alive for another minute.
    System.exit(0);
  }

  /** Returns a channel's reader, or a new one if the reader ended before the channel was closed. */
  private static Thread reader(LoopThread loop, Thread reader) {
    if (reader.isAlive() || !running(loop)) {
      return reader;
    }
    System.err.println("Restarted the reader of channel " + loop.getName());
    Thread next = new Thread(loop::run, loop.getName());
    // A new thread is a daemon if its creator is one. Readers must not be daemons, since they keep
    // the process running.
    next.setDaemon(false);
    next.start();
    return next;
  }

  /** Returns whether a channel must still be read: the kernel has not closed it. */
  private static boolean running(LoopThread loop) {
    return Launcher.<Boolean>field(LoopThread.class, loop, "running");
  }

  /** Reads a private field of an object of the kernel, or a static field if the owner is null. */
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

  private static void set(Class<?> type, Object owner, String name, Object value) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      field.set(owner, value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This is not the Rapaio kernel 3.0.1: " + e, e);
    }
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IllegalStateException("unexpected interrupt", e);
    }
  }
}
