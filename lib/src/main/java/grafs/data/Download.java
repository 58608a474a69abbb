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
 * Downloads one file over HTTP to a temporary file, called the part. A part that an earlier attempt
 * or process left is continued. After a temporary failure, such as a lost connection, the download
 * is tried again. The caller ({@link Fetcher}) must compare the part with the published checksum.
 * That comparison also reveals whether the server's file changed between two attempts.
 *
 * @param file the file to download
 * @param part the path of the part, which ends in {@code .part}
 * @param stall a connection counts as lost if no byte arrives for this time
 * @param pause the time to wait after an attempt that made the part longer; the time doubles with
 *     each attempt in a row that did not
 * @param console prints progress
 */
record Download(PublishedFile file, Path part, Duration stall, Duration pause, Console console) {

  /** The download fails after this many attempts in a row that do not make the part longer. */
  private static final int ATTEMPTS = 6;

  /** The HTTP status codes after which another attempt may succeed. */
  private static final Set<Integer> PASSING = Set.of(408, 416, 425, 429, 500, 502, 503, 504);

  /**
   * A failure of the network or the server. Any other {@link IOException} of a download is a
   * failure of the disk.
   */
  static final class TransferException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Whether another attempt may succeed. */
    private final boolean passing;

    TransferException(boolean passing, String message) {
      super(message);
      this.passing = passing;
    }
  }

  // HTTP/1.1, since by default the JDK's client asks for an upgrade to HTTP/2 in each request by
  // plain http. Servers and proxies may answer that wrongly, and a download gains nothing from
  // HTTP/2.
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();

  /**
   * Downloads until the part has at least the published size.
   *
   * @throws TransferException if the server refuses the request, its file does not have the
   *     published size, or after {@link #ATTEMPTS} attempts in a row that do not make the part
   *     longer
   * @throws IOException if the disk lacks room, or the part cannot be written
   * @throws InterruptedException if the thread is interrupted
   */
  void run() throws IOException, InterruptedException {
    long best = have();
    long free = Files.getFileStore(part.getParent()).getUsableSpace();
    if (file.size() - best > free) {
      throw new FileSystemException(
          part.toString(),
          null,
          "%s bytes are missing, but only %s are free on the disk"
              .formatted(grouped(file.size() - best), grouped(free)));
    }
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

  /** {@return the size of the part in bytes; 0 if there is none} */
  private long have() throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  /**
   * Sends one request for the bytes that the part lacks, and writes the received bytes to the part.
   */
  private void attempt() throws IOException, InterruptedException {
    long from = have();
    HttpRequest request =
        HttpRequest.newBuilder(file.url())
            .timeout(stall)
            .header("User-Agent", "grafs-kit")
            .header("Range", "bytes=" + from + "-")
            .build();
    CompletableFuture<HttpResponse<Path>> answer = CLIENT.sendAsync(request, this::body);
    int status;
    try {
      status = await(answer, from).statusCode();
    } finally {
      // Closes the connection if the wait ended early. Otherwise bytes could still be written to
      // the part while the next attempt writes to it.
      answer.cancel(true);
    }
    if (status == 416) {
      // Status 416 means that the part is not shorter than the server's file. So the next attempt
      // begins a new part.
      Files.deleteIfExists(part);
    }
    if (status != 200 && status != 206) {
      throw new TransferException(PASSING.contains(status), "the server answers " + status);
    }
    long have = have();
    if (status == 200 && have != file.size()) {
      throw other(grouped(have));
    }
    if (have == from) {
      throw new TransferException(true, "the server sent nothing");
    }
  }

  /**
   * Deletes the part, and returns an exception whose message says that the server's file does not
   * have the published size.
   *
   * @param bytes the size of the server's file as the message shows it: a number, or "more than"
   *     and a number
   */
  private TransferException other(String bytes) throws IOException {
    Files.delete(part);
    return new TransferException(
        false,
        "%s is a file of %s bytes, but %s were published: the server's file has changed, or a proxy or login page answered in its place"
            .formatted(file.url(), bytes, grouped(file.size())));
  }

  /**
   * Returns the subscriber that stores or discards the body of a response. With status 206, the
   * rest of the file is appended to the part. With 200, which means that the server does not
   * support ranges, the whole file replaces the part. The body of any other response is discarded.
   */
  private BodySubscriber<Path> body(ResponseInfo response) {
    return switch (response.statusCode()) {
      case 200 -> BodySubscribers.ofFile(part, CREATE, WRITE, TRUNCATE_EXISTING);
      case 206 -> BodySubscribers.ofFile(part, CREATE, APPEND);
      default -> BodySubscribers.replacing(part);
    };
  }

  /**
   * Waits for the end of a response, and prints progress meanwhile.
   *
   * @param from the size of the part before the request, in bytes
   * @throws TransferException if the connection fails, no byte arrives for the time {@link #stall},
   *     or the part becomes larger than the published file
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
        if (have > file.size()) {
          // Without this check, a response without an end would fill the disk.
          throw other("more than " + grouped(file.size()));
        }
        if (have != last) {
          last = have;
          grown = now;
        } else if (now - grown > stall.toNanos()) {
          throw new TransferException(true, "no byte came for " + stall.toSeconds() + " s");
        }
        console.progress(file.name(), have, file.size(), (have - from) * 1e9 / (now - began));
      }
    }
  }

  /**
   * Makes the exception for a failed request. If the server cannot be reached and there is no part
   * yet, the exception rules out another attempt, so that a user without a network is told so at
   * once.
   *
   * @throws FileSystemException if the disk failed, not the network
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
