package grafs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the complete runs of a {@link RunStore}. A run is a search or a training, kept in a folder
 * of its own; it is complete if the folder has a {@code result.json}.
 */
final class KeptRuns {

  private static final Logger LOG = LoggerFactory.getLogger(KeptRuns.class);

  private KeptRuns() {}

  /**
   * Reads the complete runs of a store. A run that cannot be read is left out, with a warning in
   * the log.
   *
   * @param store the store; its reference is a folder with further runs. If one of its own runs and
   *     a run of its reference have equal configurations, its own run is taken
   * @param wanted selects the runs to read by their configuration, such as all searches
   * @param read reads a run from its folder
   * @return the values that {@code read} returned, one for each configuration: first the store's
   *     own runs, then those of its reference, each sorted by path
   */
  static <T> List<T> in(RunStore store, Predicate<RunConfig> wanted, Function<RunFolder, T> read) {
    Set<Path> paths = new LinkedHashSet<>(folders(store.root()));
    if (store.reference() != null) {
      List<Path> reference = folders(store.reference());
      // The reference may lie below the root, so that its runs have been added already. They are
      // moved to the end.
      reference.forEach(paths::remove);
      paths.addAll(reference);
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
        // Every runtime exception is caught, since some damage shows only where a missing value is
        // used.
        LOG.warn(
            "left out: {}; if it is damaged, delete it and run again ({})", path, e.getMessage());
      }
    }
    return List.copyOf(kept.values());
  }

  /**
   * Selects trainings. A {@link Scale} is a set of hyperparameters; at some scales {@linkplain
   * RunConfig#OWN_RATE each activation has its own learning rate}. At such a scale, all trainings
   * of an activation with the same network and data must have one rate: that of the first of them
   * in the list. Those at another rate are left out, with a warning in the log. Two rates can occur
   * since the best rate may differ between processors: the user's runs and those of the store's
   * reference may then have different ones. Trainings at other scales are all selected.
   */
  static List<KeptTraining> atOneRate(List<KeptTraining> trainings) {
    Map<Object, KeptTraining> first = new HashMap<>();
    List<KeptTraining> same = new ArrayList<>();
    for (KeptTraining training : trainings) {
      RunConfig config = training.header().config();
      Scale scale = config.scale();
      if (scale.name().endsWith(RunConfig.OWN_RATE)) {
        List<Object> place =
            List.of(
                config.model(),
                config.data(),
                config.settings(),
                config.activation(),
                String.valueOf(config.values()));
        KeptTraining chosen = first.computeIfAbsent(place, key -> training);
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

  /**
   * {@return the folders below {@code root} with a complete run, as real paths (absolute, without
   * symbolic links), sorted; none if {@code root} does not exist}
   */
  static List<Path> folders(Path root) {
    List<Path> folders = new ArrayList<>();
    try {
      if (Files.isDirectory(root)) {
        addFolders(root.toRealPath(), folders);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(root + " cannot be read: " + e, e);
    }
    Collections.sort(folders);
    return folders;
  }

  private static void addFolders(Path folder, List<Path> folders) throws IOException {
    try (DirectoryStream<Path> inside = Files.newDirectoryStream(folder)) {
      for (Path each : inside) {
        if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
          addFolders(each, folders);
        } else if (each.endsWith(RunFolder.RESULT)) {
          folders.add(folder);
        }
      }
    } catch (NoSuchFileException deleted) {
      // Another process has deleted the folder in the meantime.
    } catch (AccessDeniedException e) {
      LOG.warn("left out: {}, which this user may not read; allow it to list its runs", folder);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }
}
