package grafs.run;

import ai.djl.TrainingDivergedException;
import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.data.ProjectHome;
import grafs.nas.SearchResult;
import grafs.train.Learner;
import grafs.train.Progress;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Keeps runs on disk, each in a folder of its own: {@code config.json} (the configuration and the
 * provenance), {@code metrics.csv} (one row per epoch), {@code checkpoint/} until the run is
 * complete, {@code result.json} from then on; for a search also {@code alphas.csv} and {@code
 * activation.json}; for a training {@code weights.safetensors}, and {@code activation.json} if its
 * activation is a found function. A complete run is loaded instead of repeated, and an interrupted
 * one is resumed; a run with other settings is another run.
 *
 * @param root the folder below which runs are kept; made when it is needed
 * @param reference a folder of further runs, which are listed, but neither resumed nor loaded in
 *     place of a run; null for none
 */
public record RunStore(Path root, Path reference) {

  /**
   * Creates a store.
   *
   * @throws IllegalStateException if a notebook kernel's own Gson, which cannot read runs, is
   *     loaded instead of the library's; the message says what to do
   */
  public RunStore {
    JsonFile.requireGson();
  }

  /**
   * Creates a store whose reference is the folder {@code reference/} in it, if there is one.
   *
   * @param root the folder below which runs are kept
   */
  public RunStore(Path root) {
    this(root, root.resolve("reference"));
  }

  /**
   * What a run's {@code config.json} holds.
   *
   * @param config everything that determines the result
   * @param provenance the software, device and time with which the run began
   * @param continued the provenance of each other version of the software that continued the run,
   *     the oldest first; null if none did
   */
  public record Header(RunConfig config, Provenance provenance, List<Provenance> continued) {

    /** The header of a run that begins, or was not continued by other versions. */
    public Header(RunConfig config, Provenance provenance) {
      this(config, provenance, null);
    }

    /** The header of a run that begins now, of the program here. */
    static Header now(RunConfig config) {
      return new Header(config, Provenance.now(Provenance.commit()));
    }

    /** {@return the provenance of every version that worked on the run, in their order} */
    List<Provenance> versions() {
      List<Provenance> later = continued == null ? List.of() : continued;
      return Stream.concat(Stream.of(provenance), later.stream()).toList();
    }

    Header continuedBy(Provenance other) {
      Stream<Provenance> later = versions().stream().skip(1);
      return new Header(config, provenance, Stream.concat(later, Stream.of(other)).toList());
    }
  }

  /**
   * {@return the store in {@code results/} of the project, or in the folder that the environment
   * variable {@code GRAFS_RESULTS} names; its reference is {@code results/reference/}, the
   * project's own runs}
   */
  public static RunStore here() {
    ValueDisplay.registerAll();
    Path results = ProjectHome.path().resolve("results");
    String own = System.getenv("GRAFS_RESULTS");
    return new RunStore(
        own == null || own.isBlank() ? results : Path.of(own), results.resolve("reference"));
  }

  /**
   * Searches an activation function, or resumes an interrupted search, or loads a complete one.
   *
   * @param experiment the network, what it learns and the scale
   * @param space the search space
   * @param seed the seed of weights, α, the split and the order of examples
   * @param listener receives progress
   * @return what was found
   * @throws IllegalStateException if another process is running this search
   */
  public SearchResult search(
      Experiment experiment, CellSpace space, long seed, Progress.Listener listener) {
    RunConfig config = RunConfig.search(experiment, space, seed);
    return search(Header.now(config), experiment, space, listener);
  }

  private SearchResult search(
      Header header, Experiment experiment, CellSpace space, Progress.Listener listener) {
    RunFolder folder = folder(header.config());
    long seed = header.config().seed();
    return folder.run(
        header,
        listener,
        () -> folder.search(space),
        () ->
            folder.write(
                experiment.search(
                    space, seed, folder.path(), folder.searchEpochs(space), listener)));
  }

  /**
   * Trains the network from scratch, or resumes an interrupted training, or loads a complete one.
   *
   * @param experiment the network, what it learns and the scale
   * @param name what to call the activation in tables and plots
   * @param activation makes the activation's blocks
   * @param seed the seed of weights, order and augmentation
   * @param listener receives progress
   * @return the training's record
   * @throws IllegalArgumentException if a training of another function, which has the same values
   *     at some points, is kept under that name
   * @throws IllegalStateException if another process is running this training
   */
  public Experiment.Run train(
      Experiment experiment,
      String name,
      Supplier<? extends Block> activation,
      long seed,
      Progress.Listener listener) {
    RunConfig config = RunConfig.training(experiment, name, activation, seed);
    return train(Header.now(config), experiment, activation, listener);
  }

  private Experiment.Run train(
      Header header,
      Experiment experiment,
      Supplier<? extends Block> activation,
      Progress.Listener listener) {
    RunConfig config = header.config();
    RunFolder folder = folder(config);
    Path path = folder.path();
    if (activation instanceof Expression found) {
      folder.requireFunction(config, found);
    }
    return folder.run(
        header,
        listener,
        folder::training,
        () -> {
          if (activation instanceof Expression found) {
            folder.writeFunction(found);
          }
          return folder.write(
              experiment.train(
                  config.activation(),
                  activation,
                  config.seed(),
                  path,
                  folder.trainingEpochs(),
                  listener));
        });
  }

  private RunFolder folder(RunConfig config) {
    return new RunFolder(root.resolve(config.folder()));
  }

  /**
   * Executes a request: starts the run, or resumes it, or returns at once if it is complete.
   *
   * @param order a search or a training
   * @param task the task that the network learns
   * @param listener receives progress
   * @return the run's folder
   * @throws IllegalArgumentException if the task's data differ from the request's
   * @throws IllegalStateException if another process is running this run
   * @throws TrainingDivergedException if a search diverged; says where and why
   */
  public Path run(RunRequest order, Task task, Progress.Listener listener) {
    RunConfig config = order.config();
    config.require(task);
    Experiment experiment = new Experiment(config.model(), task, config.scale());
    Header header = new Header(config, Provenance.now(order.code()));
    if (config.isSearch()) {
      search(header, experiment, config.space().toSpace(), listener);
    } else {
      train(header, experiment, order.block(), listener);
    }
    return folder(config).path();
  }

  /**
   * Looks up a training.
   *
   * @param config its configuration
   * @return the training, if it is complete
   * @throws IllegalArgumentException if a file of it is damaged
   */
  public Optional<KeptTraining> training(RunConfig config) {
    return Optional.of(folder(config)).filter(RunFolder::complete).map(KeptTraining::read);
  }

  /**
   * Looks up a search.
   *
   * @param config its configuration
   * @return the search, if it is complete
   * @throws IllegalArgumentException if a file of it is damaged, or its space has operations that
   *     are not the kit's
   */
  public Optional<KeptSearch> search(RunConfig config) {
    return Optional.of(folder(config)).filter(RunFolder::complete).map(KeptSearch::read);
  }

  /**
   * Copies in a complete run from another store, file by file and {@code result.json} last, so that
   * an interrupted copy is not taken for a complete run. A run that is complete here already is not
   * changed.
   *
   * @param config its configuration
   * @param files the contents of all files of its folder, by name; those that only a running run
   *     needs, such as its lock, are left out
   * @throws IllegalStateException if another process is running this run
   */
  public void take(RunConfig config, Map<String, byte[]> files) {
    folder(config).take(Header.now(config), files);
  }

  /**
   * Loads the network of a complete training.
   *
   * @param experiment the network, what it learned and the scale
   * @param name what the activation was called
   * @param activation makes the activation's blocks
   * @param seed the training's seed
   * @return the network in a learner, which owns its memory and is to be closed
   * @throws UncheckedIOException if there is no such training, or it diverged
   */
  public Learner trained(
      Experiment experiment, String name, Supplier<? extends Block> activation, long seed) {
    RunConfig config = RunConfig.training(experiment, name, activation, seed);
    return experiment.trained(activation, folder(config).path());
  }

  /**
   * Repeats a run from its {@code config.json} alone, and compares the results.
   *
   * @param folder the run's folder
   * @param task what it learned
   * @param listener receives progress
   * @return the differences, one per line; empty if the results are bit-identical, times apart
   * @throws IllegalArgumentException if the task's data differ, the run is not complete, or it was
   *     made with an activation or operation that is not the kit's
   */
  public List<String> rebuild(Path folder, Task task, Progress.Listener listener) {
    return new Rebuild(folder, task).differences(listener);
  }

  /**
   * {@return the complete trainings, sorted by folder, one per configuration, this store's before
   * those of its reference; what cannot be read is logged as a warning and left out, and so are
   * trainings of an activation at its own learning rate if the first of them has another one}
   */
  public List<KeptTraining> trainings() {
    return KeptRuns.atOneRate(KeptRuns.in(this, config -> !config.isSearch(), KeptTraining::read));
  }

  /**
   * {@return the complete searches, sorted by folder, one per configuration; what cannot be read is
   * logged as a warning and left out}
   */
  public List<KeptSearch> searches() {
    return KeptRuns.in(this, RunConfig::isSearch, KeptSearch::read);
  }
}
