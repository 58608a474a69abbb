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
 * Runs on disk, each in a folder of its own: {@code config.json} (all that decides what comes out,
 * and where it comes from), {@code metrics.csv} (a row an epoch), {@code checkpoint/} until it is
 * complete, {@code result.json} from then on; of a search also {@code alphas.csv} and {@code
 * activation.json}, of a training with a found function that function, and its weights. What is
 * complete is loaded instead of run again, and what was broken off goes on; other settings are
 * another run.
 *
 * @param root the folder below which runs are kept; made when it is needed
 * @param reference a folder of runs that are listed beside those, and neither continued nor loaded
 *     in place of a run; null for none
 */
public record RunStore(Path root, Path reference) {

  /**
   * Makes a store.
   *
   * @throws IllegalStateException if a kernel's own Gson, which cannot read runs, is in front of
   *     the library's; says what to do
   */
  public RunStore {
    JsonFile.requireGson();
  }

  /**
   * A store without a reference.
   *
   * @param root the folder below which runs are kept
   */
  public RunStore(Path root) {
    this(root, null);
  }

  /**
   * A run's {@code config.json}.
   *
   * @param config all that decides what comes out
   * @param provenance where it comes from
   */
  public record Header(RunConfig config, Provenance provenance) {}

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
   * Searches an activation function, or goes on with the search, or loads it.
   *
   * @param experiment the network, what it learns and the scale
   * @param space the search space
   * @param seed the seed of weights, α, the split and the order of examples
   * @param listener receives progress
   * @return what was found
   * @throws IllegalStateException if another process is at this very search
   */
  public SearchResult search(
      Experiment experiment, CellSpace space, long seed, Progress.Listener listener) {
    RunConfig config = RunConfig.search(experiment, space, seed);
    return search(config, Provenance.commit(), experiment, space, listener);
  }

  private SearchResult search(
      RunConfig config,
      String code,
      Experiment experiment,
      CellSpace space,
      Progress.Listener listener) {
    RunFolder folder = folder(config);
    return folder.locked(
        config,
        code,
        listener,
        () -> {
          if (folder.complete()) {
            folder.sayLoaded(config, listener);
            return folder.search(config);
          }
          Path path = folder.path();
          SearchResult result =
              experiment.search(space, config.seed(), path, folder.searchEpochs(space), listener);
          folder.write(result);
          return result;
        });
  }

  /**
   * Trains the network from scratch, or goes on with the training, or loads it.
   *
   * @param experiment the network, what it learns and the scale
   * @param name what to call the activation in tables and plots
   * @param activation makes the activation's blocks
   * @param seed the seed of weights, order and augmentation
   * @param listener receives progress
   * @return the training's record
   * @throws IllegalStateException if another process is at this very training
   */
  public Experiment.Run train(
      Experiment experiment,
      String name,
      Supplier<? extends Block> activation,
      long seed,
      Progress.Listener listener) {
    RunConfig config = RunConfig.training(experiment, name, activation, seed);
    return train(config, Provenance.commit(), experiment, activation, listener);
  }

  private Experiment.Run train(
      RunConfig config,
      String code,
      Experiment experiment,
      Supplier<? extends Block> activation,
      Progress.Listener listener) {
    RunFolder folder = folder(config);
    return folder.locked(
        config,
        code,
        listener,
        () -> {
          if (folder.complete()) {
            folder.sayLoaded(config, listener);
            return folder.training();
          }
          if (activation instanceof Expression found) {
            folder.writeFunction(found);
          }
          Path path = folder.path();
          Experiment.Run run =
              experiment.train(
                  config.activation(),
                  activation,
                  config.seed(),
                  path,
                  folder.trainingEpochs(),
                  listener);
          folder.write(run);
          return run;
        });
  }

  private RunFolder folder(RunConfig config) {
    return new RunFolder(root.resolve(config.folder()));
  }

  /**
   * Does what an order says, or goes on with it, or finds it done.
   *
   * @param order a search or a training
   * @param task what it is on
   * @param listener receives progress
   * @return the run's folder
   * @throws IllegalArgumentException if the task's data are others than the order's
   * @throws IllegalStateException if another process is at this very run
   * @throws TrainingDivergedException if a search diverged; says where and why
   */
  public Path run(RunRequest order, Task task, Progress.Listener listener) {
    RunConfig config = order.config();
    config.require(task);
    Experiment experiment = new Experiment(config.model(), task, config.scale());
    if (config.isSearch()) {
      search(config, order.code(), experiment, config.space().toSpace(), listener);
    } else {
      train(config, order.code(), experiment, order.activation(), listener);
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
   * @throws IllegalArgumentException if a file of it is damaged
   */
  public Optional<KeptSearch> search(RunConfig config) {
    return Optional.of(folder(config)).filter(RunFolder::complete).map(KeptSearch::read);
  }

  /**
   * Takes over a complete run that another store has, file by file and {@code result.json} last, so
   * that a run which is only half here is none. A run that is complete here already stays as it is.
   *
   * @param config its configuration
   * @param files all files of its folder by name; what only matters while it runs is left out
   * @throws IllegalStateException if another process is at this very run
   */
  public void take(RunConfig config, Map<String, byte[]> files) {
    folder(config).take(config, files);
  }

  /**
   * Makes the network that a training has left.
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
   * Runs something again from its {@code config.json} alone, and compares.
   *
   * @param folder the run's folder
   * @param task what it learned
   * @param listener receives progress
   * @return what differs, a line each; nothing where the run came out the same, bit for bit, times
   *     apart
   * @throws IllegalArgumentException if the task's data are others, the run is not complete, or it
   *     was made with an activation or operation that is none of the kit's
   */
  public List<String> rebuild(Path folder, Task task, Progress.Listener listener) {
    return new Rebuild(folder, task).differences(listener);
  }

  /**
   * {@return the complete trainings, sorted by folder, none twice; what cannot be read is logged as
   * a warning and left out}
   */
  public List<KeptTraining> trainings() {
    return KeptRuns.in(this, config -> !config.isSearch(), KeptTraining::read);
  }

  /**
   * {@return the complete searches, sorted by folder, none twice; what cannot be read is logged as
   * a warning and left out}
   */
  public List<KeptSearch> searches() {
    return KeptRuns.in(this, RunConfig::isSearch, KeptSearch::read);
  }

  /**
   * {@return what the complete runs tell claims: how good each training was, and what searches and
   * trainings with the default activation cost}
   */
  public List<Measurement> measurements() {
    List<KeptTraining> trainings = trainings();
    return Stream.of(
            trainings.stream().map(KeptTraining::measurement),
            trainings.stream().filter(KeptTraining::standard).flatMap(KeptTraining::cost),
            searches().stream().map(KeptSearch::cost))
        .flatMap(each -> each)
        .toList();
  }
}
