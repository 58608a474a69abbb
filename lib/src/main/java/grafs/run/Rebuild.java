package grafs.run;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.nas.SearchResult;
import grafs.train.Progress;
import grafs.train.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
      return between(there, again);
    }
    Experiment.Run there =
        new JsonFile(folder.resolve(RunFolder.RESULT)).read(Experiment.Run.class);
    Supplier<? extends Block> activation =
        Files.exists(folder.resolve(SearchFile.FUNCTION))
            ? SearchFile.readFunction(folder, CellSpace.paper())
            : config.known();
    return between(
        there, experiment.train(config.activation(), activation, config.seed(), listener));
  }

  /**
   * Says in what two trainings of one configuration differ, times apart: one line per difference.
   */
  static List<String> between(Experiment.Run there, Experiment.Run again) {
    return lines(told(there), told(again));
  }

  /**
   * Says in what two searches of one configuration differ, times apart: one line per difference.
   */
  static List<String> between(SearchResult there, SearchResult again) {
    return lines(told(there), told(again));
  }

  private static Map<String, Object> told(Experiment.Run run) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("the number of epochs", run.epochs().size());
    for (Training.Epoch epoch : run.epochs()) {
      String prefix = "epoch " + epoch.epoch() + ": ";
      told.put(prefix + "training", epoch.train());
      told.put(prefix + "test", epoch.test());
    }
    return told;
  }

  private static Map<String, Object> told(SearchResult search) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("the number of epochs", search.epochs().size());
    for (SearchResult.Epoch epoch : search.epochs()) {
      String prefix = "epoch " + epoch.epoch() + ": ";
      told.put(prefix + "weight steps", epoch.train());
      told.put(prefix + "α steps", epoch.validation());
      told.put(prefix + "as decided", epoch.discrete());
      told.put(prefix + "α", Arrays.deepToString(epoch.alpha()));
    }
    told.put("the function", search.found());
    return told;
  }

  private static List<String> lines(Map<String, Object> there, Map<String, Object> again) {
    return there.keySet().stream()
        .filter(what -> again.containsKey(what) && !there.get(what).equals(again.get(what)))
        .map(what -> what + " was " + there.get(what) + ", is " + again.get(what))
        .toList();
  }
}
