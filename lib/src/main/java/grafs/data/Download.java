package grafs.data;

import static grafs.data.DataException.grouped;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Downloads one file over HTTP to a {@code .part} file, continues one that an earlier attempt left,
 * and retries after failures that may pass. The caller must compare the published checksum, which
 * also reveals if the server's file changed between two attempts.
 *
 * @param file what to download
 * @param part the {@code .part} file
 * @param stall the time without a byte after which a connection counts as lost
 * @param pause the time to wait after an attempt that brought bytes; each attempt in a row that
 *     brings none doubles it
 * @param console prints progress
 */
record Download(PublishedFile file, Path part, Duration stall, Duration pause, Console console) {

  /** The download fails after this many attempts in a row that bring no bytes. */
  private static final int ATTEMPTS = 6;

  private static final Set<Integer> PASSING = Set.of(408, 416, 425, 429, 500, 502, 503, 504);

  /** A failure of the network or the server; any other IOException is one of the disk. */
  static final class TransferException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Whether another attempt may help. */
    private final boolean passing;

    TransferException(boolean passing, String message) {
      super(message);
      this.passing = passing;
    }
  }

  // HTTP/1.1, since with HTTP/2 the JDK's client asks servers without encryption for an upgrade.
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();

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
        fruitless = have() > best ? 0 : fruitless + 1;
        best = Math.max(best, have());
        if (!e.passing || fruitless == ATTEMPTS) {
          throw e;
        }
        console.say(file.name() + ": " + e.getMessage() + "; trying again");
        Thread.sleep(pause.toMillis() << fruitless);
      }
    }
  }

  private long have() throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  private void attempt() throws IOException, InterruptedException {
    long from = have();
    HttpRequest request =
        HttpRequest.newBuilder(file.url())
            .timeout(stall)
            .header("User-Agent", "grafs-kit")
            .header("Range", "bytes=" + from + "-")
            .build();
    int status = await(CLIENT.sendAsync(request, this::body), from).statusCode();
    if (status == 416) {
      // The server's file is shorter than the part.
      Files.deleteIfExists(part);
    }
    if (status != 200 && status != 206) {
      throw new TransferException(PASSING.contains(status), "the server answers " + status);
    }
    long have = have();
    if (status == 200 && have != file.size()) {
      Files.delete(part);
      throw new TransferException(
          false,
          "%s is a file of %s bytes, but %s were published: it has changed, or something on the way answers in the server's place"
              .formatted(file.url(), grouped(have), grouped(file.size())));
    }
    if (have == from) {
      throw new TransferException(true, "the server sent nothing");
    }
  }

  /**
   * Writes a response to the part: appends the rest of the file (206), or replaces the part by the
   * whole file (200) if the server does not support ranges.
   */
  private BodySubscriber<Path> body(ResponseInfo response) {
    return switch (response.statusCode()) {
      case 200 -> BodySubscribers.ofFile(part, CREATE, WRITE, TRUNCATE_EXISTING);
      case 206 -> BodySubscribers.ofFile(part, CREATE, APPEND);
      default -> BodySubscribers.replacing(part);
    };
  }

  /**
   * Waits for the end of a response and prints progress; throws if no byte comes for the time
   * {@code stall}.
   */
  private HttpResponse<Path> await(CompletableFuture<HttpResponse<Path>> answer, long from)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    long last = from;
    long grown = began;
    while (true) {
      try {
        return answer.get(Math.min(console.interval(), stall.toMillis()), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        throw broken(e.getCause());
      } catch (TimeoutException e) {
        long now = System.nanoTime();
        long have = have();
        if (have != last) {
          last = have;
          grown = now;
        } else if (now - grown > stall.toNanos()) {
          answer.cancel(true);
          throw new TransferException(true, "no byte came for " + stall.toSeconds() + " s");
        }
        console.progress(file.name(), have, file.size(), (have - from) * 1e9 / (now - began));
      }
    }
  }

  /**
   * Makes the exception of a failed request. It is final if the server cannot be reached and there
   * is no part yet, so that the user learns at once that there is no network.
   */
  private TransferException broken(Throwable why) throws IOException {
    if (why instanceof FileSystemException disk) {
      throw disk;
    }
    boolean none = why instanceof ConnectException || why instanceof SSLException;
    return new TransferException(
        !none || have() > 0,
        none
            ? "%s does not answer (%s)".formatted(file.url().getHost(), why)
            : "the connection broke off after %s of %s bytes (%s)"
                .formatted(grouped(have()), grouped(file.size()), why));
  }
}
