package grafs.data;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP server for tests, on this machine's loopback address. It gives prepared answers, one per
 * request in order; the last one is repeated.
 */
final class LoopbackServer implements AutoCloseable {

  /** An answer to a request, correct or faulty. */
  interface Answer {
    void give(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Deque<Answer> answers;

  /**
   * The time in milliseconds that the server waits before it closes a connection, so that the bytes
   * under way arrive.
   */
  private static final long ARRIVAL = 50;

  private final List<Headers> requests = Collections.synchronizedList(new ArrayList<>());

  LoopbackServer(Answer... answers) throws IOException {
    this.answers = new ArrayDeque<>(List.of(answers));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) {
    Answer answer;
    synchronized (answers) {
      requests.add(exchange.getRequestHeaders());
      answer = answers.size() > 1 ? answers.poll() : answers.peek();
    }
    try {
      answer.give(exchange);
    } catch (IOException | InterruptedException e) {
      // The client closed the connection, or the test is over.
    } finally {
      exchange.close();
    }
  }

  URI url(String name) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + name);
  }

  /** Returns the headers of the requests so far, in order. */
  List<Headers> requests() {
    return requests;
  }

  /** Answers with the file or the requested range of it, as a correct server does. */
  static Answer file(byte[] content) {
    return exchange -> send(exchange, content, content.length, 0);
  }

  /** Answers as {@link #file}, but closes the connection after {@code after} bytes. */
  static Answer drops(byte[] content, int after) {
    return exchange -> send(exchange, content, after, ARRIVAL);
  }

  /** Answers as {@link #file}, but sends nothing more for a minute after {@code after} bytes. */
  static Answer stalls(byte[] content, int after) {
    return exchange -> send(exchange, content, after, 60_000);
  }

  /**
   * Sends the file or the requested range of it.
   *
   * @param most the largest number of bytes to send
   * @param stall the time in milliseconds before the connection is closed
   */
  private static void send(HttpExchange exchange, byte[] content, int most, long stall)
      throws IOException, InterruptedException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    boolean part = range != null;
    int from = part ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
    if (part) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(part ? 206 : 200, content.length - from);
    exchange.getResponseBody().write(content, from, Math.min(most, content.length - from));
    exchange.getResponseBody().flush();
    Thread.sleep(stall);
  }

  /**
   * Answers as a server that does not support ranges: announces the length of the whole file, sends
   * its first {@code most} bytes and closes the connection.
   */
  static Answer ignoringRange(byte[] content, int most) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, Math.min(most, content.length));
      exchange.getResponseBody().flush();
      Thread.sleep(ARRIVAL);
    };
  }

  /**
   * Answers with the first {@code most} bytes of the file, in HTTP's chunked encoding, which does
   * not announce their number.
   */
  static Answer chunked(byte[] content, int most) {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(Arrays.copyOf(content, most));
    };
  }

  /** Answers with a status and headers, given as name, value, name, value, …; without a body. */
  static Answer status(int status, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
