package grafs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
    List<Path> paths = new ArrayList<>(folders(store.root(), RunFolder.RESULT));
    Path reference = store.reference();
    if (reference != null) {
      paths.removeIf(path -> path.startsWith(reference));
      paths.addAll(folders(reference, RunFolder.RESULT));
    }
    Map<String, T> kept = new LinkedHashMap<>();
    read(
        paths,
        path -> {
          RunFolder folder = new RunFolder(path);
          RunConfig config = folder.header().config();
          if (wanted.test(config)) {
            kept.putIfAbsent(config.folder(), read.apply(folder));
          }
        });
    return List.copyOf(kept.values());
  }

  /** Reads folders. What cannot be read is logged as a warning and left out. */
  static void read(List<Path> folders, Consumer<Path> reading) {
    for (Path folder : folders) {
      try {
        reading.accept(folder);
      } catch (RuntimeException e) {
        // A damaged file may fail late and with any exception, where a missing value is needed.
        LOG.warn("left out: {}; delete it and run again ({})", folder, e.getMessage());
      }
    }
  }

  /** {@return the folders below {@code root} that contain a file of the given name, sorted} */
  static List<Path> folders(Path root, String name) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.getFileName().toString().equals(name))
          .map(Path::getParent)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(root + " cannot be read: " + e, e);
    }
  }
}
