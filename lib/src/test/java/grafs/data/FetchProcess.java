package grafs.data;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** Fetches one file in a process of its own; the arguments are URL, size, SHA-256 and folder. */
final class FetchProcess {

  private FetchProcess() {}

  public static void main(String[] args) throws InterruptedException {
    PublishedFile file =
        new PublishedFile(
            URI.create(args[0]), Long.parseLong(args[1]), new Checksum("SHA-256", args[2]), null);
    new Fetcher(
            Fast.toy(file),
            Path.of(args[3]),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            new Console(System.out, false))
        .fetch();
  }
}
