package grafs.data.fetch;

import static grafs.data.DataException.grouped;

import grafs.data.PublishedFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Brings one file over HTTP into a {@code .part}, from where an earlier attempt broke off, and
 * tries again while that helps. Whether the bytes are right is for the caller to check, by the
 * published checksum: that tells, too, if the server's file changed between two attempts.
 */
final class Download {

  private static final Duration CONNECT = Duration.ofSeconds(20);

  /** The longest pause that a server may ask for. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  /** How many attempts in a row may bring less than one part in {@link #FRUIT}. */
  private static final int ATTEMPTS = 6;

  private static final long FRUIT = 1000;
  private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

  /** The network's failure, or the server's; any other IOException is the disk's. */
  static final class TransferException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Whether another attempt may help. */
    private final boolean passing;

    TransferException(boolean passing, String message) {
      super(message);
      this.passing = passing;
    }
  }

  private final PublishedFile file;
  private final Path part;
  private final Duration stall;
  private final Duration pause;
  private final Console console;
  private final HttpClient client;
  private boolean answered;

  /** The pause that the server asked for in the last attempt, or null. */
  private Duration asked;

  /**
   * Prepares a download.
   *
   * @param file what to download
   * @param part where it goes
   * @param stall the time without a byte after which a connection counts as lost
   * @param pause the time to wait after the first fruitless attempt; doubles with each
   * @param console says how it goes
   */
  Download(PublishedFile file, Path part, Duration stall, Duration pause, Console console) {
    this.file = file;
    this.part = part;
    this.stall = stall;
    this.pause = pause;
    this.console = console;
    // HTTP/1.1: the 2 of the JDK's client asks servers without encryption for an upgrade.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(CONNECT)
            .build();
  }

  /**
   * Downloads until the part has the published size.
   *
   * @throws TransferException if the server refuses, has another file, or fails too often in a row
   * @throws IOException if the part cannot be written
   */
  void run() throws IOException, InterruptedException {
    long best = have();
    int fruitless = 0;
    while (have() < file.size()) {
      try {
        attempt();
      } catch (TransferException e) {
        fruitless = have() > best + file.size() / FRUIT ? 0 : fruitless + 1;
        best = Math.max(best, have());
        if (!e.passing || fruitless >= ATTEMPTS) {
          throw e;
        }
        console.say(file.name() + ": " + e.getMessage() + "; trying again");
        Duration next =
            asked == null ? pause.multipliedBy(1L << Math.max(0, fruitless - 1)) : asked;
        Thread.sleep(next.toMillis());
      }
    }
  }

  private long have() throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  private void attempt() throws IOException, InterruptedException {
    asked = null;
    long have = have();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(file.url())
            .timeout(stall)
            .header("User-Agent", "grafs-kit")
            .header("Accept-Encoding", "identity");
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    HttpResponse<InputStream> response;
    try {
      response = client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (IOException | IllegalArgumentException e) {
      throw unanswered(e);
    }
    answered = true;
    try (InputStream body = response.body()) {
      receive(body, start(response, have));
    }
  }

  /** Without a network from the start, saying so at once is better than trying again. */
  private TransferException unanswered(Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String what =
        root instanceof UnresolvedAddressException
            ? "its name is not known to this network"
            : Optional.ofNullable(e.getMessage()).orElse("no connection");
    boolean none =
        e instanceof ConnectException
            || e instanceof HttpConnectTimeoutException
            || e instanceof SSLException;
    return new TransferException(
        answered || !none, "%s does not answer (%s)".formatted(file.url().getHost(), what));
  }

  /** Reads what the server says of its answer, and returns at which byte of the file it begins. */
  private long start(HttpResponse<?> response, long have) throws IOException {
    int status = response.statusCode();
    if (status == 200) {
      expect(response.headers().firstValueAsLong("Content-Length").orElse(file.size()));
      Files.deleteIfExists(part);
      return 0;
    }
    if (status != 206 && status != 416) {
      throw refused(response);
    }
    Matcher range = RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    if (!range.matches() || Long.parseLong(range.group(1)) != have) {
      Files.deleteIfExists(part);
      throw new TransferException(
          true,
          "the server sent another part of the file than was asked for, or has a shorter one");
    }
    expect(range.group(2).equals("*") ? file.size() : Long.parseLong(range.group(2)));
    return have;
  }

  private void expect(long size) throws TransferException {
    if (size != file.size()) {
      throw new TransferException(
          false,
          "%s is a file of %s bytes, but %s were published: it has changed, or something on the way answers in the server's place"
              .formatted(file.url(), grouped(size), grouped(file.size())));
    }
  }

  /** An answer that is not the file. */
  private TransferException refused(HttpResponse<?> response) {
    int status = response.statusCode();
    String after = response.headers().firstValue("Retry-After").orElse("");
    boolean passing = PASSING.contains(status);
    String why =
        switch (status) {
          case 401, 403 -> ": it does not give the file out";
          case 404, 410 -> ": it has the file no longer";
          case 301, 302, 303, 307, 308 ->
              ": it sends on to %s, which is not followed (too often, not encrypted, or no address)"
                  .formatted(response.headers().firstValue("Location").orElse("nowhere"));
          default -> "";
        };
    // Of Retry-After, only a number of seconds is understood.
    if (passing && after.matches("\\d{1,9}")) {
      asked = Duration.ofSeconds(Long.parseLong(after));
      if (asked.compareTo(LONGEST_PAUSE) > 0) {
        passing = false;
        why = " and asks to come back in " + after + " s";
      }
    }
    return new TransferException(passing, "the server answers " + status + why);
  }

  private void receive(InputStream body, long from) throws IOException, InterruptedException {
    byte[] chunk = new byte[1 << 16];
    // Reads in a thread of its own: reading from a connection that gives no byte takes for ever.
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try (FileChannel channel =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      OutputStream out = Channels.newOutputStream(channel.position(from));
      for (long at = from; at < file.size(); ) {
        int read = read(reader, body, chunk, at);
        int wanted = (int) Math.min(read, file.size() - at);
        out.write(chunk, 0, wanted);
        at += wanted;
        console.progress(file.name(), at, file.size());
      }
      channel.force(true);
    } finally {
      reader.shutdownNow();
    }
  }

  private int read(ExecutorService reader, InputStream body, byte[] chunk, long at)
      throws TransferException, InterruptedException {
    String after = " after %s of %s bytes".formatted(grouped(at), grouped(file.size()));
    int read;
    try {
      read = reader.submit(() -> body.read(chunk)).get(stall.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TransferException(
          true, "no byte came for " + stall.toMillis() / 1e3 + " s" + after);
    } catch (ExecutionException e) {
      read = -1;
    }
    if (read < 0) {
      throw new TransferException(true, "the connection broke off" + after);
    }
    return read;
  }
}
