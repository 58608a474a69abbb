package grafs.data;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Runs a {@link Fetcher} with short timeouts and without output, for tests. */
final class Fast {

  private Fast() {}

  /** Fetches a data set of one file into a folder. */
  static void fetch(Path home, PublishedFile file) throws InterruptedException {
    Console quiet = new Console(new PrintStream(OutputStream.nullOutputStream()), false);
    new Fetcher(toy(file), home, Duration.ofMillis(1500), Duration.ofMillis(1), quiet).fetch();
  }

  /** Returns a data set of one file. */
  static Published toy(PublishedFile file) {
    return new Published("toy", "Toy", "none", List.of(), List.of(), List.of(file));
  }
}
