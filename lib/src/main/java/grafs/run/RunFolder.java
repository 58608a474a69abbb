package grafs.run;

import ai.djl.util.Utils;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.data.PartFile;
import grafs.nas.SearchResult;
import grafs.nas.Verification;
import grafs.train.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The folder of one run on disk. A run is a search for an activation function, or a training of a
 * network with one. {@link RunStore} lists the files in the folder. The process that works on the
 * run holds a lock on the file {@code lock} in it.
 *
 * @param path the folder
 */
record RunFolder(Path path) {

  static final String CONFIG = "config.json";
  static final String RESULT = "result.json";
  private static final String FUNCTION = "activation.json";

  /**
   * Matches the names of the files that belong to a complete run, but neither {@code lock} nor the
   * names of files that are still being written, which end in {@code .part}.
   */
  private static final String KEPT = "[a-z]+\\.(json|csv|safetensors)";

  private JsonFile file(String name) {
    return new JsonFile(path.resolve(name));
  }

  /**
   * {@return the folder for the state from which an interrupted run is resumed; a complete run has
   * no such folder}
   */
  Path checkpoint() {
    return path.resolve("checkpoint");
  }

  /** {@return whether the run is complete, which means that it has a result} */
  boolean complete() {
    return file(RESULT).exists();
  }

  /**
   * {@return the content of {@code config.json}: the run's configuration, which is everything that
   * determines its result, and its provenance, which is the software, the device and the time}
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
   * @param search whether the run must be a search; if not, it must be a training
   * @throws IllegalArgumentException if the run is a training and must be a search, or the reverse;
   *     or if the file is damaged
   */
  RunStore.Header header(boolean search) {
    RunStore.Header header = header();
    if (header.config().isSearch() != search) {
      throw new IllegalArgumentException(
          path
              + (search
                  ? " has a training, not a search: look it up with RunStore.training"
                  : " has a search, not a training: look it up with RunStore.search"));
    }
    return header;
  }

  /**
   * The content of a search's {@code result.json}. The function found is in {@code
   * activation.json}. The search space and the relaxation, which is how the search mixes
   * operations, are in {@code config.json}.
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
    Utils.deleteQuietly(checkpoint());
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
   * The content of {@code activation.json}: an activation function as text that {@link
   * Expression#parse} reads, and the same function as a formula for people, which is not read back.
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
   * @throws IllegalArgumentException if the file is damaged, or an operation of the function is
   *     neither the library's nor one of the space; the message says which
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
   * they have the same name and the same values at the points that the {@link RunConfig} records.
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
   * Does work in the folder while holding its lock; see {@link RunLock}. For a complete run, the
   * work only reads files. It is done without the lock if this process may not write to the folder
   * of a complete run.
   *
   * @param header the run's configuration and provenance; written to {@code config.json} if there
   *     is none yet
   */
  private <T> T locked(RunStore.Header header, Progress.Listener listener, Supplier<T> work) {
    if (complete() && !Files.isWritable(path)) {
      return work.get();
    }
    return RunLock.during(
        path,
        header.config().title(),
        listener,
        () -> {
          if (!file(CONFIG).exists()) {
            file(CONFIG).write(header);
          }
          return work.get();
        });
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
   * Records in {@code config.json} which versions of the software work on an incomplete run, if
   * they are not recorded there yet. A run without a checkpoint begins anew, so that these versions
   * replace the earlier ones.
   */
  private void resume(RunStore.Header now, Progress.Listener listener) {
    RunStore.Header there = header();
    if (!Files.exists(checkpoint())) {
      file(CONFIG).write(now);
      return;
    }
    if (there.versions().stream().anyMatch(now.provenance()::sameSoftware)) {
      return;
    }
    file(CONFIG).write(there.continuedBy(now.provenance()));
    listener.note(
        "%s: begun on %s by other versions of code or libraries, and continued by these, see its config.json"
            .formatted(now.config().title(), there.provenance().started()));
  }

  /**
   * Copies the files of the same run, which is complete in another folder, into this folder. If the
   * run is complete in this folder too, no file is changed. See {@link RunStore#take}.
   *
   * @param header the run's configuration and the provenance of this process
   * @param files the content of each file, by its name
   * @throws IllegalArgumentException if there is no {@code result.json} among the files
   */
  void take(RunStore.Header header, Map<String, byte[]> files) {
    if (!files.containsKey(RESULT)) {
      throw new IllegalArgumentException(
          "%s is not complete: its files lack %s; run it to its end before it is copied"
              .formatted(header.config().title(), RESULT));
    }
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
            Utils.deleteQuietly(checkpoint());
          }
          return null;
        });
  }
}
