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
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of one run, which is a search or a training, and the files in it, which {@link
 * RunStore} lists. A file {@code lock} is locked by the process that works on the run.
 *
 * @param path the folder
 */
record RunFolder(Path path) {

  static final String CONFIG = "config.json";
  static final String RESULT = "result.json";
  private static final String FUNCTION = "activation.json";

  /**
   * Matches the names of the files that belong to a complete run; the lock and unfinished files do
   * not.
   */
  private static final String KEPT = "[a-z]+\\.(json|csv|safetensors)";

  /**
   * How often to try for the lock, each tenth of a second, while an earlier attempt of this process
   * still holds it: for a minute.
   */
  private static final int PATIENCE = 600;

  private JsonFile file(String name) {
    return new JsonFile(path.resolve(name));
  }

  /** {@return whether the run is complete, which means that it has a result} */
  boolean complete() {
    return file(RESULT).exists();
  }

  /**
   * {@return the content of {@code config.json}}
   *
   * @throws IllegalArgumentException if the file is damaged
   */
  RunStore.Header header() {
    RunStore.Header header = file(CONFIG).read(RunStore.Header.class);
    if (header.config() == null || header.versions().stream().anyMatch(Objects::isNull)) {
      throw file(CONFIG).damaged("the configuration or the provenance is missing", null);
    }
    return header;
  }

  /**
   * {@return the content of {@code config.json} of a search, or of a training}
   *
   * @throws IllegalArgumentException if the run is not of this kind, or the file is damaged
   */
  RunStore.Header header(boolean search) {
    RunStore.Header header = header();
    if (header.config().isSearch() != search) {
      throw new IllegalArgumentException(
          path + (search ? " has a training, not a search" : " has a search, not a training"));
    }
    return header;
  }

  /**
   * The content of a search's {@code result.json}. The function is in {@code activation.json}, the
   * search space and the relaxation in {@code config.json}.
   */
  private record Course(
      SearchResult.Start start,
      List<SearchResult.Epoch> epochs,
      List<String> failures,
      Verification.Outcome verified,
      double seconds) {}

  /** Writes the result of a search, which makes the run complete. */
  SearchResult write(SearchResult made) {
    writeFunction(made.found());
    complete(
        new Course(made.start(), made.epochs(), made.failures(), made.verified(), made.seconds()));
    return made;
  }

  /** Writes the result of a training, which makes the run complete. */
  Experiment.Run write(Experiment.Run run) {
    complete(run);
    return run;
  }

  /** Writes the result, and deletes the checkpoint, which a complete run does not need. */
  private void complete(Object result) {
    file(RESULT).write(result);
    Utils.deleteQuietly(path.resolve("checkpoint"));
  }

  /**
   * Reads the result of a complete search.
   *
   * @param space its search space
   * @throws IllegalArgumentException if a file is damaged
   */
  SearchResult search(CellSpace space) {
    Course course = file(RESULT).read(Course.class);
    List<SearchResult.Epoch> epochs = course.epochs();
    if (course.start() == null || epochs == null || epochs.isEmpty() || epochs.contains(null)) {
      throw file(RESULT).damaged("the start or an epoch of the search is missing", null);
    }
    return new SearchResult(
        function(space),
        space,
        header().config().scale().search().relaxation(),
        course.start(),
        List.copyOf(epochs),
        course.failures() == null ? List.of() : course.failures(),
        course.verified(),
        course.seconds());
  }

  /**
   * Reads the result of a complete training.
   *
   * @throws IllegalArgumentException if a file is damaged
   */
  Experiment.Run training() {
    return file(RESULT).read(Experiment.Run.class);
  }

  /**
   * The content of {@code activation.json}: the function as {@link Expression#parse} reads it, and
   * a formula for people, which is not read back.
   */
  private record Function(String function, String formula) {}

  /** Writes a function to {@code activation.json}. */
  void writeFunction(Expression function) {
    file(FUNCTION).write(new Function(function.toString(), function.text()));
  }

  boolean hasFunction() {
    return file(FUNCTION).exists();
  }

  /**
   * Reads the function in {@code activation.json}.
   *
   * @param space a search space whose operations may occur in the function
   * @return the function
   * @throws IllegalArgumentException if the file is damaged; the message says how
   */
  Expression function(CellSpace space) {
    return space.parse(functionText());
  }

  private String functionText() {
    Function saved = file(FUNCTION).read(Function.class);
    if (saved.function() == null) {
      throw file(FUNCTION).damaged("the function is missing", null);
    }
    return saved.function();
  }

  /**
   * Checks that a training with a function may use this folder. Two functions share a folder if
   * they have the same name and the same values at the points of the {@link RunConfig}.
   *
   * @param config the training's configuration
   * @param function the training's function
   * @throws IllegalArgumentException if the folder has a training with another function
   */
  void requireFunction(RunConfig config, Expression function) {
    if (hasFunction() && !functionText().equals(function.toString())) {
      throw new IllegalArgumentException(
          "%s is kept in %s with another function, %s, not with %s: give the activation another name"
              .formatted(config.title(), path, functionText(), function));
    }
  }

  /**
   * {@return a consumer of a training's epochs that rewrites {@code metrics.csv} after each epoch;
   * the file is for spreadsheets and other programs}
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
   * {@return a consumer of a search's epochs that rewrites {@code metrics.csv} and {@code
   * alphas.csv} after each epoch}
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

  /**
   * Appends a row to a table in CSV. A {@link Score} fills two columns, with its loss and its
   * accuracy.
   */
  private static void append(StringBuilder csv, Object... cells) {
    csv.append(
        Stream.of(cells)
            .map(c -> c instanceof Score score ? score.loss() + "," + score.accuracy() : "" + c)
            .collect(Collectors.joining(",", "", "\n")));
  }

  /**
   * Does work in the folder while holding its lock, which excludes all other processes.
   *
   * @param header the run's configuration and provenance; written to {@code config.json} if there
   *     is none yet
   * @param listener receives a note if the lock has to be waited for
   * @param work the work
   * @return the value that the work returns
   * @throws IllegalStateException if another process holds the lock, or this process still holds it
   *     after a minute
   * @throws CancellationException if the thread was interrupted while it waited for the lock
   * @throws UncheckedIOException if the folder cannot be written
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
      throw new CancellationException(
          "interrupted while waiting for %s to stop".formatted(config.title()));
    }
  }

  /**
   * Locks the folder. If this process holds the lock already, as it does when a notebook cell was
   * stopped in the middle of a training step, waits until the lock is released, for a minute at
   * most.
   */
  private FileLock lock(FileChannel channel, RunConfig config, Progress.Listener listener)
      throws IOException, InterruptedException {
    for (int waited = 0; waited < PATIENCE; waited++) {
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw new IllegalStateException(
              "%s is being run by another process, in %s: wait until that ends, or stop it"
                  .formatted(config.title(), path));
        }
        return lock;
      } catch (OverlappingFileLockException e) {
        if (waited == 0) {
          listener.note(
              config.title() + " is still running in this process: waiting a minute for its end");
        }
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException(
        "%s is still running in this process, in %s: wait until it ends, or restart the kernel"
            .formatted(config.title(), path));
  }

  /**
   * Loads the run if it is complete; otherwise makes or resumes it. No other process works in the
   * folder meanwhile. The listener receives a note if the run is loaded, or if other versions of
   * the software have worked on it.
   *
   * @param header the run's configuration, and the provenance of this process
   * @param listener receives the notes
   * @param load loads a complete run
   * @param make makes the run, or resumes it from its checkpoint
   * @return the value that {@code load} or {@code make} returns
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

  /**
   * Records in {@code config.json} that these versions of the software work on an incomplete run. A
   * run without a checkpoint begins anew, so that earlier versions are no longer recorded.
   */
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
   *
   * @param header the run's configuration and the provenance of this process
   * @param files the content of each file, by its name
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
