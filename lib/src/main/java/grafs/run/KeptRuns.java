package grafs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the complete runs of a store. */
final class KeptRuns {

  private static final Logger LOG = LoggerFactory.getLogger(KeptRuns.class);

  private KeptRuns() {}

  /**
   * Reads complete runs. What cannot be read is logged as a warning and left out.
   *
   * @param store the store; its own runs come before those of its reference and take precedence
   * @param wanted picks runs of the kind that is read
   * @param read reads a run's folder
   * @return what {@code read} returned, one value per configuration, sorted by folder
   */
  static <T> List<T> in(RunStore store, Predicate<RunConfig> wanted, Function<RunFolder, T> read) {
    List<Path> paths = new ArrayList<>(folders(store.root()));
    Path reference = store.reference();
    if (reference != null) {
      paths.removeIf(path -> path.startsWith(reference));
      paths.addAll(folders(reference));
    }
    Map<String, T> kept = new LinkedHashMap<>();
    for (Path path : paths) {
      try {
        RunFolder folder = new RunFolder(path);
        RunConfig config = folder.header().config();
        if (wanted.test(config)) {
          kept.putIfAbsent(config.folder(), read.apply(folder));
        }
      } catch (RuntimeException e) {
        // A damaged file may fail late and with any exception, where a missing value is needed.
        LOG.warn(
            "left out: {}; if it is damaged, delete it and run again ({})", path, e.getMessage());
      }
    }
    return List.copyOf(kept.values());
  }

  /** {@return the folders below {@code root} that contain a complete run, sorted} */
  static List<Path> folders(Path root) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.endsWith(RunFolder.RESULT))
          .map(Path::getParent)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(root + " cannot be read: " + e, e);
    }
  }
}
