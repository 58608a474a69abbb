package grafs.data;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A program that fetches a data set of one file, which tests start as a process of its own. Its
 * arguments are the URL, size in bytes and SHA-256 of the file, and the data set's folder.
 */
final class FetchProcess {

  private FetchProcess() {}

  public static void main(String[] args) throws InterruptedException {
    PublishedFile file =
        new PublishedFile(
            URI.create(args[0]),
            Long.parseLong(args[1]),
            new Checksum("SHA-256", args[2]),
            null,
            null);
    new Fetcher(
            Fast.toy(file),
            Path.of(args[3]),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            new Console(System.out, false))
        .fetch();
  }
}
