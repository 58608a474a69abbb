package grafs.data.fetch;

import static grafs.data.DataException.grouped;

import grafs.data.DataException;
import grafs.data.PublishedFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Brings one file over HTTP into a {@code .part}, from where an earlier attempt broke off, and
 * tries again while that helps. Whether the bytes are right is for the caller to check.
 *
 * <p>The server's mark of the file's version (RFC 9110: a strong ETag) is kept beside the part;
 * with it, {@code If-Range} has a server whose file has changed send all of it.
 */
final class Download {

  private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

  /** An attempt counts as fruitful if it brings one part in so many. */
  private static final long FRUIT = 1000;

  private final PublishedFile file;
  private final Path part;
  private final Path mark;
  private final Patience patience;
  private final Observer observer;
  private final HttpClient client;
  private boolean answered;

  Download(PublishedFile file, Path part, Patience patience, Observer observer) {
    this.file = file;
    this.part = part;
    this.mark = part.resolveSibling(part.getFileName() + ".etag");
    this.patience = patience;
    this.observer = observer;
    // HTTP/1.1: the 2 of the JDK's client asks servers without encryption for an upgrade.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience.connect())
            .build();
  }

  /**
   * Downloads until the part has the published size.
   *
   * @throws TransferException if the server refuses, has another file, or fails too often in a row
   * @throws DataException if the part cannot be written
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
        if (!e.isPassing() || fruitless >= patience.attempts()) {
          throw e;
        }
        pause(e, fruitless);
      }
    }
    Files.deleteIfExists(mark);
  }

  private void pause(TransferException e, int fruitless)
      throws TransferException, InterruptedException {
    Duration pause = e.waiting().orElse(patience.pauseAfter(Math.max(fruitless, 1)));
    if (pause.compareTo(patience.longestPause()) > 0) {
      throw TransferException.lasting(
          e.getMessage() + " and asks to come back in " + pause.toSeconds() + " s");
    }
    observer.say(file.name() + ": " + e.getMessage() + "; trying again");
    Thread.sleep(pause.toMillis());
  }

  private long have() throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  private void attempt() throws IOException, InterruptedException {
    long have = have();
    HttpResponse<InputStream> response;
    try {
      response = ask(have);
    } catch (TransferException e) {
      throw e;
    } catch (IOException e) {
      throw unanswered(e);
    }
    answered = true;
    try (InputStream body = response.body()) {
      receive(body, start(response, have));
    }
  }

  /** Without a network from the start, saying so at once is better than trying again. */
  private TransferException unanswered(IOException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String what =
        root instanceof UnresolvedAddressException
            ? "its name is not known to this network"
            : Optional.ofNullable(e.getMessage()).orElse("no connection");
    String why = "%s does not answer (%s)".formatted(file.url().getHost(), what);
    boolean none =
        e instanceof ConnectException
            || e instanceof HttpConnectTimeoutException
            || e instanceof SSLException;
    return none && !answered ? TransferException.lasting(why) : TransferException.passing(why);
  }

  private HttpResponse<InputStream> ask(long have) throws IOException, InterruptedException {
    URI at = file.url();
    for (int hop = 0; hop <= Redirects.LIMIT; hop++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(at)
              .timeout(patience.stall())
              .header("User-Agent", "grafs-kit")
              .header("Accept-Encoding", "identity");
      if (have > 0) {
        request.header("Range", "bytes=" + have + "-");
        if (Files.exists(mark)) {
          request.header("If-Range", Files.readString(mark));
        }
      }
      HttpResponse<InputStream> response =
          client.send(request.build(), BodyHandlers.ofInputStream());
      if (!Redirects.isOne(response.statusCode())) {
        return response;
      }
      response.body().close();
      at = Redirects.next(at, response.headers().firstValue("Location"));
    }
    throw TransferException.lasting(
        "%s sends on more than %d times, at last to %s".formatted(file.url(), Redirects.LIMIT, at));
  }

  /** Reads what the server says of its answer, and returns at which byte of the file it begins. */
  private long start(HttpResponse<?> response, long have) throws IOException {
    int status = response.statusCode();
    if (status == 200) {
      OptionalLong length = response.headers().firstValueAsLong("Content-Length");
      expect(length.orElse(file.size()));
      discard();
      Optional<String> etag = response.headers().firstValue("ETag").filter(e -> e.startsWith("\""));
      if (etag.isPresent()) {
        writing(() -> Files.writeString(mark, etag.get()));
      }
      return 0;
    }
    if (status == 206) {
      Matcher range =
          RANGE.matcher(response.headers().firstValue("Content-Range").orElse("no range"));
      if (!range.matches() || Long.parseLong(range.group(1)) != have) {
        discard();
        throw TransferException.passing(
            "the server sent another part of the file than was asked for");
      }
      if (!range.group(2).equals("*")) {
        expect(Long.parseLong(range.group(2)));
      }
      return have;
    }
    if (status == 416) {
      discard();
      throw TransferException.passing("the server's file is shorter than what is here of it");
    }
    throw TransferException.of(status, response.headers().firstValue("Retry-After"));
  }

  private void expect(long size) throws TransferException {
    if (size != file.size()) {
      throw TransferException.lasting(
          "%s is a file of %s bytes, but %s were published: it has changed, or something on the way answers in the server's place"
              .formatted(file.url(), grouped(size), grouped(file.size())));
    }
  }

  private void discard() throws IOException {
    writing(
        () -> {
          Files.deleteIfExists(mark);
          Files.deleteIfExists(part);
        });
  }

  private void receive(InputStream body, long from) throws IOException {
    byte[] chunk = new byte[1 << 16];
    long at = from;
    try (FileChannel out = open();
        StallGuard guard = new StallGuard(patience.stall(), body)) {
      out.position(from);
      while (at < file.size()) {
        int read = read(body, chunk, guard, at);
        int wanted = (int) Math.min(read, file.size() - at);
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, wanted);
        writing(
            () -> {
              while (bytes.hasRemaining()) {
                out.write(bytes);
              }
            });
        guard.alive();
        at += wanted;
        observer.progress(file.name(), at, file.size());
      }
      writing(() -> out.force(true));
    }
  }

  private int read(InputStream body, byte[] chunk, StallGuard guard, long at) throws IOException {
    String after = " after %s of %s bytes".formatted(grouped(at), grouped(file.size()));
    int read;
    try {
      read = body.read(chunk);
    } catch (IOException e) {
      read = -1;
    }
    if (guard.stalled()) {
      throw TransferException.passing(
          "no byte came for " + patience.stall().toMillis() / 1e3 + " s" + after);
    }
    if (read < 0) {
      throw TransferException.passing("the connection broke off" + after);
    }
    return read;
  }

  private FileChannel open() throws IOException {
    try {
      return FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private interface Write {
    void run() throws IOException;
  }

  /** Tells the disk's failures from the network's: another attempt does not mend them. */
  private void writing(Write write) {
    try {
      write.run();
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private DataException unwritable(IOException e) {
    return new DataException(
        "%s cannot be written (%s); make room or set its permissions, and run this again to go on"
            .formatted(part, e),
        e);
  }
}
