package grafs.run;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One search of an {@link Ablation}, and the trainings with the function it found.
 *
 * @param method how it searched
 * @param seed the seed of the search
 * @param settings the settings of the method
 * @param found the function, or null where the search diverged
 * @param failure the message if the search diverged, otherwise null
 * @param seconds the time that the search took
 * @param accuracies the test accuracy of each training, 0 to 1; NaN where one diverged
 */
public record AblationTrial(
    Ablation.Method method,
    long seed,
    String settings,
    Expression found,
    String failure,
    double seconds,
    List<Double> accuracies) {

  private static final String FILE = "trial.json";

  /** Copies the list. */
  public AblationTrial {
    accuracies = List.copyOf(accuracies);
  }

  /** The contents of {@code trial.json}; the function has a file of its own. */
  private record Saved(
      Ablation.Method method,
      long seed,
      String settings,
      String failure,
      double seconds,
      List<Double> accuracies) {}

  /** {@return the trial after one more training} */
  AblationTrial trained(double accuracy) {
    List<Double> all = new ArrayList<>(accuracies);
    all.add(accuracy);
    return new AblationTrial(method, seed, settings, found, failure, seconds, all);
  }

  /**
   * {@return the mean test accuracy of the trainings, 0 to 1; NaN without any or if one diverged}
   */
  public double accuracy() {
    return accuracies.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
  }

  /** {@return how often the search or a training with its function diverged} */
  public long divergences() {
    return (failure == null ? 0 : 1) + accuracies.stream().filter(a -> a.isNaN()).count();
  }

  /** Writes the trial into its folder; a reader sees either the old trial or the new one. */
  void write(Path folder) {
    if (found != null) {
      new RunFolder(folder).writeFunction(found);
    }
    new JsonFile(folder.resolve(FILE))
        .write(new Saved(method, seed, settings, failure, seconds, accuracies));
  }

  /**
   * Reads all trials of an ablation. Unreadable ones are left out with a warning.
   *
   * @param ablation the ablation's folder
   * @return the trials, sorted by folder; none where there is no such folder
   */
  public static List<AblationTrial> all(Path ablation) {
    List<AblationTrial> trials = new ArrayList<>();
    List<Path> folders = KeptRuns.folders(ablation, FILE);
    KeptRuns.read(folders, folder -> read(folder).ifPresent(trials::add));
    return trials;
  }

  /** {@return the trial in a folder, or empty where there is none} */
  static Optional<AblationTrial> read(Path folder) {
    JsonFile file = new JsonFile(folder.resolve(FILE));
    if (!file.exists()) {
      return Optional.empty();
    }
    Saved saved = file.read(Saved.class);
    return Optional.of(
        new AblationTrial(
            saved.method,
            saved.seed,
            saved.settings,
            saved.failure == null ? new RunFolder(folder).function(CellSpace.paper()) : null,
            saved.failure,
            saved.seconds,
            saved.accuracies));
  }
}
