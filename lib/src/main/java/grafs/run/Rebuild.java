package grafs.run;

import grafs.nas.SearchResult;
import grafs.nas.Verification;
import grafs.train.Training;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares the results of two runs with the same configuration, for {@link RunStore#rebuild}. */
final class Rebuild {

  private Rebuild() {}

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
      told.put(prefix + "discretised network", epoch.discrete());
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
