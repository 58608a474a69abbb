package grafs.data.fetch;

import grafs.data.Checksum;
import grafs.data.Published;
import grafs.data.PublishedFile;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Fetches one file in a process of its own: URL, size, SHA-256, folder. */
final class FetchProcess {

  private FetchProcess() {}

  public static void main(String[] args) throws InterruptedException {
    PublishedFile file =
        new PublishedFile(
            URI.create(args[0]),
            Long.parseLong(args[1]),
            Checksum.sha256(args[2]),
            Optional.empty());
    new Fetcher(
            new Published("toy", "Toy", "none", List.of(file)),
            Path.of(args[3]),
            Patience.USUAL,
            new Console(System.out, false))
        .fetch();
  }
}
