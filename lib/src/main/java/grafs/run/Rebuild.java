package grafs.run;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.nas.SearchResult;
import grafs.train.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * A run that is made again from its {@code config.json} alone, to be compared with what is kept.
 *
 * @param folder the run's folder
 * @param task what it learned
 */
record Rebuild(Path folder, Task task) {

  /** Makes it again; see {@link RunStore#rebuild}. */
  List<String> differences(Progress.Listener listener) {
    RunConfig config =
        new JsonFile(folder.resolve(RunFolder.CONFIG)).read(RunStore.Header.class).config();
    if (!config.fingerprint().equals(task.fingerprint())) {
      throw new IllegalArgumentException(
          "%s was made with other data: %s: %s, not %s: %s"
              .formatted(
                  folder, config.data(), config.fingerprint(), task.name(), task.fingerprint()));
    }
    Experiment experiment = new Experiment(config.model(), task, config.scale());
    if (config.isSearch()) {
      SearchFile file = new SearchFile(folder);
      if (!file.complete()) {
        throw new IllegalArgumentException(folder + " is not complete: it has no result.json");
      }
      CellSpace space = config.space().toSpace();
      SearchResult there = file.read(space, config.scale().search().relaxation());
      SearchResult again = experiment.search(space, config.seed(), listener);
      return Differences.between(there, again);
    }
    Experiment.Run there =
        new JsonFile(folder.resolve(RunFolder.RESULT)).read(Experiment.Run.class);
    Supplier<? extends Block> activation =
        Files.exists(folder.resolve(SearchFile.FUNCTION))
            ? SearchFile.readFunction(folder, CellSpace.paper())
            : config.known();
    return Differences.between(
        there, experiment.train(config.activation(), activation, config.seed(), listener));
  }
}
