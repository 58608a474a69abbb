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
 * Starts the Rapaio kernel 3.0.1 and mends five things about it. Runs from its source, as {@code
 * java -cp KERNEL.jar Launcher.java CONNECTION-FILE}.
 *
 * <p>Stop: to an {@code interrupt_request} the kernel shuts down the threads that run its cells,
 * and runs nothing more. The kernelspec therefore has Jupyter send SIGINT, which here interrupts
 * the thread that runs the cell: what it throws ends the cell as any exception does, and the kernel
 * goes on.
 *
 * <p>Output: the kernel sends each line that is printed as a message of its own, and its socket
 * drops messages when a thousand wait. Here what is printed is sent twenty times a second, and
 * before any other message; and the socket drops none.
 *
 * <p>Queue: when a cell has failed or was stopped, the cells that wait are aborted, as Jupyter's
 * protocol has it. The kernel itself would run them.
 *
 * <p>Failures: the kernel does not answer a cell that it cannot compile for lack of stack, nor one
 * whose value throws an error where it is shown, and a client would wait without end. Here that is
 * an error of the cell.
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
    // The kernel is created in this thread, and before other threads: JShell then sets this
    // thread's class loader to that of the cells, and the threads that it starts inherit it.
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
    // Before the socket is bound, since the limit holds for connections made afterwards.
    Launcher.<ZMQ.Socket>field(AbstractChannel.class, iopub, "socket").setHWM(0);
    Output output = new Output(iopub);
    channels.connect(kernel);
    Map<MessageType<?>, MessageHandler<?>> handlers = field(Channels.class, channels, "handlers");
    MessageHandler<ShellExecuteRequest> handler = message -> execute(channels, output, message);
    handlers.put(MessageType.SHELL_EXECUTE_REQUEST, handler);
    // Not for the channels' own threads: if all of them end while they start, so would this process.
    listening.join();
  }

  /** Runs a cell; if it fails, those that are queued behind it are not run. */
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
      // Before the reply: cells that a client sends after the reply are not part of this queue.
      AbstractChannel shell = field(Channels.class, channels, "shell");
      ZMQ.Socket socket = field(AbstractChannel.class, shell, "socket");
      // Run All may still be sending.
      pause(20);
      while ((socket.getEvents() & ZMQ.Poller.POLLIN) != 0) {
        queued.add(shell.readMessage());
      }
    }
    channels.runAfterActions();
    queued.forEach(each -> answer(channels, each));
  }

  /** Answers a cell for which the kernel itself failed, as at a value that cannot be shown. */
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

  /** Answers a request to run a cell with 'aborted', and handles any other message. */
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
   * Buffers what cells print and sends it twenty times a second, and before any other message: it
   * replaces the channel's signer, which is called for each message.
   */
  private static final class Output extends HMACDigest {

    private final HMACDigest digest;
    private final Stream out;
    private final Stream err;

    /** Whether an error was sent since the last cell began. */
    private volatile boolean failed;

    /** Whether printed text is being sent: text printed meanwhile must not overtake it. */
    private boolean sending;

    Output(AbstractChannel iopub) throws GeneralSecurityException {
      // The superclass needs a key; the original digest signs.
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

    /** Called for each message before it is sent. Not synchronized: it sends others. */
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

    /** Called after each line. Sends the other stream's text, to keep the order; this one waits. */
    @Override
    public void flush() {
      if (Thread.interrupted()) {
        // Stop ends a cell that does nothing but print, too.
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

    /** Sends what was printed. Always locks the channel before the stream, as other senders do. */
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
   * Interrupts the running cell: each of its snippets once, since the interrupt of one snippet does
   * not carry over to the next.
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

  /** Interrupts a snippet; if it has ignored that for {@code PATIENCE}, stops its threads. */
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

  /** Keeps a reader on each channel until the kernel closes them, then ends the process. */
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
    // Idle threads that ran cells would keep the process alive for another minute.
    System.exit(0);
  }

  private static Thread reader(LoopThread loop, Thread reader) {
    if (reader.isAlive() || !running(loop)) {
      return reader;
    }
    System.err.println("Reading on in place of a thread that ended: " + loop.getName());
    Thread next = new Thread(loop::run, loop.getName());
    // Unlike the thread that starts it, not a daemon: it must keep the process running.
    next.setDaemon(false);
    next.start();
    return next;
  }

  /** Whether a channel must still be read: the kernel has not closed it. */
  private static boolean running(LoopThread loop) {
    return Launcher.<Boolean>field(LoopThread.class, loop, "running");
  }

  /** Reads a private field of the kernel. */
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
      throw new IllegalStateException("Nobody interrupts this thread", e);
    }
  }
}
