package grafs.run;

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
    new JsonFile(folder.resolve(FILE)).write(this);
  }

  /** {@return the trial in a folder, or empty where there is none, or one without a result} */
  static Optional<AblationTrial> read(Path folder) {
    return Optional.of(new JsonFile(folder.resolve(FILE)))
        .filter(JsonFile::exists)
        .map(file -> file.read(AblationTrial.class))
        .filter(trial -> trial.found != null || trial.failure != null);
  }
}
