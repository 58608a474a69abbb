package grafs.run;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.nas.SearchResult;
import grafs.nas.Verification;
import grafs.train.Progress;
import grafs.train.Training;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Repeats a complete run, a search or a training, from its {@code config.json} alone, and compares
 * the new result with the kept one. It does the work of {@link RunStore#rebuild}.
 *
 * @param folder the run's folder
 * @param task the data that the run used, loaded again
 */
record Rebuild(Path folder, Task task) {

  /** Repeats the run and returns the differences of the results; see {@link RunStore#rebuild}. */
  List<String> differences(Progress.Listener listener) {
    RunFolder there = new RunFolder(folder);
    RunConfig config = there.header().config();
    config.require(task);
    if (!there.complete()) {
      throw new IllegalArgumentException(folder + " is not complete: it has no result.json");
    }
    Experiment experiment = new Experiment(config.model(), task, config.scale());
    long seed = config.seed();
    if (config.isSearch()) {
      CellSpace space = config.space().toSpace();
      return between(there.search(space), experiment.search(space, seed, listener));
    }
    Supplier<? extends Block> activation =
        there.hasFunction() ? there.function(CellSpace.paper()) : config.known();
    return between(
        there.training(), experiment.train(config.activation(), activation, seed, listener));
  }

  /**
   * Lists the differences between the results of two trainings with the same configuration, one per
   * line, such as {@code the number of epochs was 3, is 2}. Times are not compared.
   */
  static List<String> between(Experiment.Run there, Experiment.Run again) {
    return lines(told(there), told(again));
  }

  /**
   * Lists the differences between the results of two searches with the same configuration, one per
   * line. Times are not compared.
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
    told.put("the searches that failed", search.failures());
    if (search.verified() != null) {
      for (Verification.Trial trial : search.verified().trials()) {
        told.put(
            "verification of %s, seed %d".formatted(trial.function(), trial.seed()), trial.score());
      }
      told.put("the number of trainings in verification", search.verified().trials().size());
      told.put("the gain in verification", search.verified().gain());
    }
    return told;
  }

  /** Compares the values that both results have, by their description. */
  private static List<String> lines(Map<String, Object> there, Map<String, Object> again) {
    return there.keySet().stream()
        .filter(what -> again.containsKey(what) && !there.get(what).equals(again.get(what)))
        .map(what -> what + " was " + there.get(what) + ", is " + again.get(what))
        .toList();
  }
}
