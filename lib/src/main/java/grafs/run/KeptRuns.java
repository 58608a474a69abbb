package grafs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
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

  /**
   * Leaves out the trainings of an activation {@linkplain RunConfig#OWN_RATE at its own learning
   * rate} whose rate is not that of the first one with the same network and data. Which rate is
   * best may differ between processors, so one's own runs and the reference may disagree.
   */
  static List<KeptTraining> atOneRate(List<KeptTraining> trainings) {
    Map<Object, KeptTraining> first = new HashMap<>();
    List<KeptTraining> same = new ArrayList<>();
    for (KeptTraining training : trainings) {
      RunConfig config = training.header().config();
      Scale scale = config.scale();
      if (scale.name().endsWith(RunConfig.OWN_RATE)) {
        RunConfig any =
            new RunConfig(
                config.model(),
                config.data(),
                config.fingerprint(),
                scale.with(scale.name(), 1),
                null,
                config.activation(),
                config.values(),
                0);
        KeptTraining chosen = first.computeIfAbsent(any, key -> training);
        double rate = chosen.header().config().scale().weights().learningRate();
        if (rate != scale.weights().learningRate()) {
          LOG.warn(
              "left out: {}, since the learning rate {} of {} is taken for this activation's own",
              training.folder(),
              rate,
              chosen.folder());
          continue;
        }
      }
      same.add(training);
    }
    return List.copyOf(same);
  }

  /** {@return the folders below {@code root} that contain a complete run, sorted} */
  static List<Path> folders(Path root) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    List<Path> folders = new ArrayList<>();
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (file.endsWith(RunFolder.RESULT)) {
                folders.add(file.getParent());
              }
              return FileVisitResult.CONTINUE;
            }

            /** Files of a run that another process works on come and go. */
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(root + " cannot be read: " + e, e);
    }
    Collections.sort(folders);
    return folders;
  }
}
