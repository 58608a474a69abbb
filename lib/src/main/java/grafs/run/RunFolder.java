package grafs.run;

import ai.djl.util.Utils;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.Place;
import grafs.data.PartFile;
import grafs.nas.SearchResult;
import grafs.nas.Verification;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of one run, and the files in it.
 *
 * @param path the folder
 */
record RunFolder(Path path) {

  static final String CONFIG = "config.json";
  static final String RESULT = "result.json";
  private static final String FUNCTION = "activation.json";

  /** Matches the names of the files that a complete run consists of. */
  private static final String KEPT = "[a-z]+\\.(json|csv|safetensors)";

  /** How many tenths of a second to wait until this process has ended an earlier attempt. */
  private static final int PATIENCE = 600;

  private JsonFile file(String name) {
    return new JsonFile(path.resolve(name));
  }

  /** {@return whether the run is complete} */
  boolean complete() {
    return file(RESULT).exists();
  }

  /** {@return its {@code config.json}} */
  RunStore.Header header() {
    return file(CONFIG).read(RunStore.Header.class);
  }

  /** A search's {@code result.json}; space and relaxation are in its configuration. */
  private record Course(
      SearchResult.Start start,
      List<SearchResult.Epoch> epochs,
      List<String> failures,
      Verification.Outcome verified,
      double seconds) {}

  /** Writes a complete search. */
  SearchResult write(SearchResult made) {
    writeFunction(made.found());
    complete(
        new Course(made.start(), made.epochs(), made.failures(), made.verified(), made.seconds()));
    return made;
  }

  /** Writes a complete training. */
  Experiment.Run write(Experiment.Run run) {
    complete(run);
    return run;
  }

  /** Writes the result, and deletes the checkpoint, which a complete run no longer needs. */
  private void complete(Object result) {
    file(RESULT).write(result);
    Utils.deleteQuietly(path.resolve("checkpoint"));
  }

  /**
   * Reads a complete search; throws IllegalArgumentException if a file is damaged.
   *
   * @param space its space
   */
  SearchResult search(CellSpace space) {
    Course course = file(RESULT).read(Course.class);
    if (course.start() == null || course.epochs() == null || course.epochs().isEmpty()) {
      throw new IllegalArgumentException(path.resolve(RESULT) + " is not a search's");
    }
    return new SearchResult(
        function(space),
        space,
        header().config().scale().search().relaxation(),
        course.start(),
        List.copyOf(course.epochs()),
        course.failures() == null ? List.of() : course.failures(),
        course.verified(),
        course.seconds());
  }

  /**
   * Reads a complete training.
   *
   * @throws IllegalArgumentException if a file is damaged
   */
  Experiment.Run training() {
    return file(RESULT).read(Experiment.Run.class);
  }

  /** The contents of {@code activation.json}; the formula is for people and is not read back. */
  private record Function(String function, String formula) {}

  /** Writes a function, replacing the file atomically. */
  void writeFunction(Expression function) {
    file(FUNCTION).write(new Function(function.toString(), function.text()));
  }

  boolean hasFunction() {
    return file(FUNCTION).exists();
  }

  /**
   * Reads a function.
   *
   * @param space a space whose operations may occur in it
   * @return the function
   * @throws IllegalArgumentException if the file is damaged; the message says how
   */
  Expression function(CellSpace space) {
    return space.parse(functionText());
  }

  private String functionText() {
    Function saved = file(FUNCTION).read(Function.class);
    if (saved.function() == null) {
      throw new IllegalArgumentException(
          path.resolve(FUNCTION) + " names no function; delete its folder and run again");
    }
    return saved.function();
  }

  /**
   * Checks that a training here is of a function, or of none yet.
   *
   * @throws IllegalArgumentException if it is of another one with the same name and values
   */
  void requireFunction(RunConfig config, Expression function) {
    if (hasFunction() && !functionText().equals(function.toString())) {
      throw new IllegalArgumentException(
          "%s is kept in %s of another function, %s, and not of %s: call this one by another name"
              .formatted(config.title(), path, functionText(), function));
    }
  }

  /**
   * {@return a consumer that rewrites a training's {@code metrics.csv}, for spreadsheets and other
   * programs, after each epoch}
   */
  Consumer<Training.Epoch> trainingEpochs() {
    StringBuilder metrics =
        new StringBuilder("epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds\n");
    return epoch -> {
      append(metrics, epoch.epoch(), epoch.train(), epoch.test(), epoch.seconds());
      replace("metrics.csv", metrics);
    };
  }

  /**
   * {@return a consumer that rewrites a search's {@code metrics.csv} and {@code alphas.csv} after
   * each epoch}
   */
  Consumer<SearchResult.Epoch> searchEpochs(CellSpace space) {
    StringBuilder metrics =
        new StringBuilder(
            "epoch,weights_loss,weights_accuracy,alpha_loss,alpha_accuracy,seconds,decided_loss,decided_accuracy\n");
    StringBuilder alphas = new StringBuilder("epoch,place,operation,alpha,kept\n");
    List<Place> places = space.places();
    return e -> {
      append(metrics, e.epoch(), e.train(), e.validation(), e.seconds(), e.discrete());
      for (int p = 0; p < places.size(); p++) {
        for (int o = 0; o < places.get(p).candidates().size(); o++) {
          String operation = places.get(p).candidates().get(o).name();
          boolean kept = e.candidates().of(p).contains(o);
          append(alphas, e.epoch(), places.get(p).name(), operation, e.alpha()[p][o], kept);
        }
      }
      replace("metrics.csv", metrics);
      replace("alphas.csv", alphas);
    };
  }

  private void replace(String name, CharSequence text) {
    PartFile.writeAlone(path.resolve(name), part -> Files.writeString(part, text));
  }

  /** Appends a row; a score is two cells, its loss and its accuracy. */
  private static void append(StringBuilder csv, Object... cells) {
    csv.append(Stream.of(cells).map(RunFolder::cell).collect(Collectors.joining(",", "", "\n")));
  }

  private static String cell(Object value) {
    return value instanceof Score score
        ? score.loss() + "," + score.accuracy()
        : String.valueOf(value);
  }

  /**
   * Does work in the folder while holding its lock, which excludes all other processes.
   *
   * @param header the run's configuration and provenance, written if the run is new
   * @param listener receives a note if the lock has to be waited for
   * @param work what to do there
   * @return what the work returns
   * @throws IllegalStateException if another process holds the lock, or this process still holds it
   *     after a minute
   * @throws CancellationException if the thread was interrupted while it waited for the lock
   */
  private <T> T locked(RunStore.Header header, Progress.Listener listener, Supplier<T> work) {
    RunConfig config = header.config();
    try {
      Files.createDirectories(path);
      try (FileChannel channel =
              FileChannel.open(
                  path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = lock(channel, config, listener)) {
        if (lock.isValid() && !file(CONFIG).exists()) {
          file(CONFIG).write(header);
        }
        return work.get();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be written: " + e, e);
    } catch (InterruptedException e) {
      throw new CancellationException("interrupted while " + config.title() + " was ending");
    }
  }

  /**
   * Locks the folder. If this process still holds the lock, as when a notebook cell was stopped in
   * the middle of a step, waits until the step ends.
   */
  private FileLock lock(FileChannel channel, RunConfig config, Progress.Listener listener)
      throws IOException, InterruptedException {
    for (int waited = 0; waited < PATIENCE; waited++) {
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw new IllegalStateException(
              config.title() + " is running elsewhere already, in " + path);
        }
        return lock;
      } catch (OverlappingFileLockException e) {
        if (waited == 0) {
          listener.note(config.title() + " is still ending in this kernel: waiting for that");
        }
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException(
        "%s is still running in this kernel, in %s: wait until it ends, or restart the kernel"
            .formatted(config.title(), path));
  }

  /**
   * Loads the run if it is complete, and otherwise makes it; reports whether other versions of the
   * software worked on it before. No other process works in the folder meanwhile.
   */
  <T> T run(
      RunStore.Header header, Progress.Listener listener, Supplier<T> load, Supplier<T> make) {
    return locked(
        header,
        listener,
        () -> {
          if (!complete()) {
            resume(header, listener);
            return make.get();
          }
          RunStore.Header there = header();
          String made =
              there.versions().stream().allMatch(header.provenance()::sameSoftware)
                  ? ""
                  : "; made on %s by other versions of code or libraries, see its config.json"
                      .formatted(there.provenance().started());
          RunConfig config = header.config();
          listener.note(
              "%s: complete, loaded from %s%s".formatted(config.title(), config.folder(), made));
          return load.get();
        });
  }

  /** Keeps which versions of the software work on an incomplete run. */
  private void resume(RunStore.Header now, Progress.Listener listener) {
    RunStore.Header there = header();
    if (there.versions().stream().anyMatch(now.provenance()::sameSoftware)) {
      return;
    }
    if (!Files.exists(path.resolve("checkpoint"))) {
      file(CONFIG).write(now);
      return;
    }
    file(CONFIG).write(there.continuedBy(now.provenance()));
    listener.note(
        "%s: begun on %s by other versions of code or libraries, and continued by these, see its config.json"
            .formatted(now.config().title(), there.provenance().started()));
  }

  /**
   * Copies in the files of a complete run, unless this run is complete: see {@link RunStore#take}.
   */
  void take(RunStore.Header header, Map<String, byte[]> files) {
    locked(
        header,
        Progress.Listener.NONE,
        () -> {
          if (!complete()) {
            files.keySet().stream()
                .filter(name -> name.matches(KEPT))
                .sorted(Comparator.comparing(RESULT::equals))
                .forEach(
                    name ->
                        PartFile.writeAlone(
                            path.resolve(name), part -> Files.write(part, files.get(name))));
            Utils.deleteQuietly(path.resolve("checkpoint"));
          }
          return null;
        });
  }
}
