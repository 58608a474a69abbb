package grafs.run;

import ai.djl.TrainingDivergedException;
import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.data.ProjectHome;
import grafs.model.Network;
import grafs.model.SafeTensors;
import grafs.nas.SearchResult;
import grafs.train.Learner;
import grafs.train.Progress;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Keeps runs on disk. A run is a search for an activation function, or a training of a network with
 * one. A complete run is loaded instead of repeated, and an interrupted one is resumed. Two runs
 * that differ in a setting are different runs. Each run has a folder of its own, with these files:
 *
 * <ul>
 *   <li>{@code config.json}: the configuration, which determines the result, and the provenance,
 *       which is the software, the device and the time;
 *   <li>{@code metrics.csv}: loss and accuracy of each epoch;
 *   <li>{@code checkpoint/}: the state from which an interrupted run is resumed; deleted when the
 *       run is complete;
 *   <li>{@code result.json}: the result, as soon as the run is complete;
 *   <li>{@code alphas.csv}, only of a search: α of each operation after each epoch. α is trained;
 *       the larger it is, the more weight its operation has in the function;
 *   <li>{@code activation.json}: the formula that a search found, or the formula of a training's
 *       activation if that is an {@link Expression};
 *   <li>{@code weights.safetensors}, only of a training that did not diverge: the weights at its
 *       end.
 * </ul>
 *
 * @param root the folder below which this store's runs are kept; created when it is needed
 * @param reference a folder with further runs, such as those that come with the project; null for
 *     none. This store lists them beside its own, but neither resumes them nor loads one in place
 *     of a run of its own
 */
public record RunStore(Path root, Path reference) {

  /**
   * Creates a store.
   *
   * @throws IllegalStateException if a notebook kernel has loaded its own version of the library
   *     Gson, which cannot read runs; the message says what to do
   */
  public RunStore {
    JsonFile.requireGson();
  }

  /**
   * Creates a store whose reference is the folder {@code reference/} below its root, if that
   * exists.
   *
   * @param root the folder below which this store's runs are kept
   */
  public RunStore(Path root) {
    this(root, root.resolve("reference"));
  }

  /**
   * The content of a run's {@code config.json}.
   *
   * @param config everything that determines the result
   * @param provenance the software, device and time with which the run began
   * @param continued the provenance of each other version of the software that continued the run
   *     after an interruption, the oldest first; null if none did
   */
  public record Header(RunConfig config, Provenance provenance, List<Provenance> continued) {

    /** Creates the header of a run that this process begins now. */
    static Header now(RunConfig config) {
      return new Header(config, Provenance.now(Provenance.commit()), null);
    }

    /**
     * {@return the provenance of each version of the software that worked on the run, the oldest
     * first}
     */
    List<Provenance> versions() {
      List<Provenance> later = continued == null ? List.of() : continued;
      return Stream.concat(Stream.of(provenance), later.stream()).toList();
    }

    /** {@return this header with the provenance of another version of the software added} */
    Header continuedBy(Provenance other) {
      List<Provenance> all = Stream.concat(versions().stream(), Stream.of(other)).toList();
      return new Header(config, provenance, all.subList(1, all.size()));
    }
  }

  /**
   * {@return the store in the folder that the environment variable {@code GRAFS_RESULTS} names, or,
   * if it is not set, in the folder {@code results/} of the project. In both cases its reference is
   * the project's {@code results/reference/}, which has runs that come with the project}
   */
  public static RunStore here() {
    ValueDisplay.registerAll();
    Path results = ProjectHome.path().resolve("results");
    String own = System.getenv("GRAFS_RESULTS");
    return new RunStore(
        own == null || own.isBlank() ? results : Path.of(own), results.resolve("reference"));
  }

  /**
   * Searches for an activation function, or resumes an interrupted search, or loads a complete one.
   *
   * @param experiment the network, the data and the hyperparameters
   * @param space the search space: the operations that a function may consist of
   * @param seed the seed of the initial weights, of α, of the split of the examples into those that
   *     train the weights and those that train α, and of their order
   * @param listener receives progress reports
   * @return the function found, with the record of the search
   * @throws IllegalStateException if another process is running this search
   * @throws TrainingDivergedException if the search diverges; the message says where and why
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
        () -> folder.write(experiment.search(space, seed, folder, listener)));
  }

  /**
   * Trains the network from scratch, or resumes an interrupted training, or loads a complete one.
   *
   * @param experiment the network, the data and the hyperparameters
   * @param name the activation's name in tables and plots
   * @param activation makes the block of an activation; called once for each place of an activation
   *     in the network
   * @param seed the seed of the initial weights, the order of examples and their augmentation
   * @param listener receives progress reports
   * @return the record of the training; if the training diverged, with NaN in all scores
   * @throws IllegalArgumentException if the store has a training with another function under the
   *     same name, and the two functions have equal values at the points that the {@link RunConfig}
   *     records, so that both would have the same folder
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
              experiment.train(config.activation(), activation, config.seed(), folder, listener));
        });
  }

  private RunFolder folder(RunConfig config) {
    return new RunFolder(root.resolve(config.folder()));
  }

  /**
   * Executes a request: makes the run, or resumes it, or returns at once if it is complete.
   *
   * @param request a request for a search or a training
   * @param task the data that the request names, loaded
   * @param listener receives progress reports
   * @return the run's folder
   * @throws IllegalArgumentException if the data differ from those of the request
   * @throws IllegalStateException if another process is executing this run
   * @throws TrainingDivergedException if a search diverges; the message says where and why
   */
  public Path run(RunRequest request, Task task, Progress.Listener listener) {
    RunConfig config = request.config();
    Experiment experiment = config.experiment(task);
    Header header = new Header(config, Provenance.now(request.code()), null);
    if (config.isSearch()) {
      search(header, experiment, config.space().toSpace(), listener);
    } else {
      train(header, experiment, RunRequest.block(request.activation()), listener);
    }
    return folder(config).path();
  }

  /**
   * Looks up a training among this store's own runs.
   *
   * @param config the training's configuration
   * @return the training; empty if it is not complete
   * @throws IllegalArgumentException if one of its files is damaged
   */
  public Optional<KeptTraining> training(RunConfig config) {
    return Optional.of(folder(config)).filter(RunFolder::complete).map(KeptTraining::read);
  }

  /**
   * Looks up a search among this store's own runs.
   *
   * @param config the search's configuration
   * @return the search; empty if it is not complete
   * @throws IllegalArgumentException if one of its files is damaged, or if its search space has
   *     operations that the user defined
   */
  public Optional<KeptSearch> search(RunConfig config) {
    return Optional.of(folder(config)).filter(RunFolder::complete).map(KeptSearch::read);
  }

  /**
   * Copies a complete run of another store into this one. The file {@code result.json} is written
   * last, so that an interrupted copy does not pass for a complete run. A run that is complete in
   * this store is not changed.
   *
   * @param config the run's configuration
   * @param files the content of each file in the run's folder, by its name; files that only a
   *     running run needs, such as its lock, are left out
   * @throws IllegalStateException if another process is executing this run
   */
  public void take(RunConfig config, Map<String, byte[]> files) {
    folder(config).take(Header.now(config), files);
  }

  /**
   * Loads the network with the weights of a complete training.
   *
   * @param experiment the network, the data and the hyperparameters
   * @param name the activation's name in the training
   * @param activation makes the activation's blocks, as in the training
   * @param seed the training's seed
   * @return the network in a learner, which owns the weights' memory; the caller closes it
   * @throws UncheckedIOException if this store has no weights of such a training, as after a
   *     training that diverged
   * @throws IllegalArgumentException if the file of weights is damaged
   */
  public Learner trained(
      Experiment experiment, String name, Supplier<? extends Block> activation, long seed) {
    RunConfig config = RunConfig.training(experiment, name, activation, seed);
    Path weights = folder(config).path().resolve(Experiment.WEIGHTS);
    if (Files.notExists(weights)) {
      throw new UncheckedIOException(
          "%s has no %s in %s: train it first; a training that diverged has none"
              .formatted(config.title(), Experiment.WEIGHTS, folder(config).path()),
          new NoSuchFileException(weights.toString()));
    }
    Learner learner = experiment.learner(activation, 0);
    try {
      SafeTensors.load(weights, ((Network) learner.block()).stateDict());
      return learner;
    } catch (RuntimeException e) {
      learner.close();
      throw e;
    }
  }

  /**
   * Repeats a complete run and compares the results. What is repeated is read from the run's files:
   * {@code config.json}, and {@code activation.json} for a training whose activation is an {@link
   * Expression}.
   *
   * @param folder the run's folder
   * @param task the data that the run used, loaded again
   * @param listener receives progress reports
   * @return the differences, one per line; empty if the results are bit-identical, except for times
   * @throws IllegalArgumentException if the data differ from those of the run; if the run is not
   *     complete; or if the run has an activation or operation that the user defined, which the
   *     files do not contain
   */
  public List<String> rebuild(Path folder, Task task, Progress.Listener listener) {
    RunFolder there = new RunFolder(folder);
    RunConfig config = there.header().config();
    Experiment experiment = config.experiment(task);
    if (!there.complete()) {
      throw new IllegalArgumentException(
          folder + " is not complete: it has no result.json; run it to its end first");
    }
    long seed = config.seed();
    if (config.isSearch()) {
      CellSpace space = config.space().toSpace();
      return JsonFile.differences(there.search(space), experiment.search(space, seed, listener));
    }
    Supplier<? extends Block> activation =
        there.hasFunction() ? there.function(CellSpace.paper()) : config.known();
    return JsonFile.differences(
        there.training(), experiment.train(config.activation(), activation, seed, listener));
  }

  /**
   * {@return the complete trainings, one for each configuration: first this store's own, then those
   * of its reference, each sorted by folder} A training that cannot be read is left out, with a
   * warning in the log. At a scale (a set of hyperparameters) where each activation has {@linkplain
   * RunConfig#OWN_RATE its own learning rate}, a training is also left out if its rate is not that
   * of the first training with the same network, data and activation.
   */
  public List<KeptTraining> trainings() {
    return KeptRuns.atOneRate(KeptRuns.in(this, config -> !config.isSearch(), KeptTraining::read));
  }

  /**
   * {@return the complete searches, one for each configuration: first this store's own, then those
   * of its reference, each sorted by folder} A search that cannot be read is left out, with a
   * warning in the log.
   */
  public List<KeptSearch> searches() {
    return KeptRuns.in(this, RunConfig::isSearch, KeptSearch::read);
  }
}
