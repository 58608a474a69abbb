package grafs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
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
   * @param store the store; its own runs come first
   * @param read makes something of a run's folder, or nothing where it is of another kind
   * @return what was made, sorted by folder, of each configuration once
   */
  static <T> List<T> in(RunStore store, BiFunction<Path, RunStore.Header, Optional<T>> read) {
    List<Path> folders = new ArrayList<>(folders(store.root()));
    Path reference = store.reference();
    if (reference != null) {
      folders.removeIf(folder -> folder.startsWith(reference));
      folders.addAll(folders(reference));
    }
    Map<String, T> kept = new LinkedHashMap<>();
    for (Path folder : folders) {
      try {
        Path config = folder.resolve(RunFolder.CONFIG);
        RunStore.Header header = new JsonFile(config).read(RunStore.Header.class);
        if (header.config() == null || header.config().scale() == null) {
          throw new IllegalArgumentException(config + " is not a run's");
        }
        read.apply(folder, header)
            .ifPresent(one -> kept.putIfAbsent(header.config().folder(), one));
      } catch (IllegalArgumentException | UncheckedIOException e) {
        LOG.warn("left out: {}", e.getMessage());
      } catch (RuntimeException e) {
        // A damaged file may be read as far as something that needs what it lacks.
        LOG.warn("left out: {} is damaged; delete it and run again ({})", folder, e.toString());
      }
    }
    return List.copyOf(kept.values());
  }

  private static List<Path> folders(Path root) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.getFileName().toString().equals(RunFolder.RESULT))
          .map(Path::getParent)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(root + " cannot be read: " + e, e);
    }
  }
}
