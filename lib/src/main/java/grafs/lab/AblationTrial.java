package grafs.lab;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import grafs.cell.DiscreteActivation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One search of an {@link Ablation}, and the trainings with what it found.
 *
 * @param method how it searched
 * @param seed the seed of the search
 * @param found the function, or null where the search diverged
 * @param failure what the search said when it diverged, otherwise null
 * @param seconds the time that the search took
 * @param accuracies the test accuracy of each training, 0 to 1; NaN where one diverged
 * @param stepSeconds the time of a step in each training
 */
public record AblationTrial(
    Ablation.Method method,
    long seed,
    DiscreteActivation found,
    String failure,
    double seconds,
    List<Double> accuracies,
    List<Double> stepSeconds) {

  private static final Gson GSON =
      new GsonBuilder()
          .setPrettyPrinting()
          .serializeSpecialFloatingPointValues()
          .disableHtmlEscaping()
          .create();

  /** Copies the lists. */
  public AblationTrial {
    accuracies = List.copyOf(accuracies);
    stepSeconds = List.copyOf(stepSeconds);
  }

  /** What is written beside the function. */
  private record Saved(
      Ablation.Method method,
      long seed,
      String failure,
      double seconds,
      List<Double> accuracies,
      List<Double> stepSeconds) {}

  /** {@return the trial after one more training} */
  AblationTrial trained(double accuracy, double step) {
    List<Double> all = new ArrayList<>(accuracies);
    all.add(accuracy);
    List<Double> steps = new ArrayList<>(stepSeconds);
    steps.add(step);
    return new AblationTrial(method, seed, found, failure, seconds, all, steps);
  }

  /** {@return how often the search or a training with its function diverged} */
  long divergences() {
    return (failure == null ? 0 : 1) + accuracies.stream().filter(a -> a.isNaN()).count();
  }

  /** Writes the trial into a folder of its own; a reader sees the old one or the new one. */
  void write(Path folder) {
    Path file = folder.resolve("trial.json");
    Path part = folder.resolve("trial.json.part");
    try {
      Files.createDirectories(folder);
      if (found != null) {
        found.write(folder.resolve("activation.json"));
      }
      Saved saved = new Saved(method, seed, failure, seconds, accuracies, stepSeconds);
      Files.writeString(part, GSON.toJson(saved) + "\n");
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("The trial " + file + " cannot be written: " + e, e);
    }
  }

  /** {@return the trial in a folder, or empty where there is none} */
  static Optional<AblationTrial> read(Path folder) {
    Path file = folder.resolve("trial.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Saved saved = GSON.fromJson(Files.readString(file), Saved.class);
      return Optional.of(
          new AblationTrial(
              saved.method,
              saved.seed,
              saved.failure == null
                  ? DiscreteActivation.read(folder.resolve("activation.json"))
                  : null,
              saved.failure,
              saved.seconds,
              saved.accuracies,
              saved.stepSeconds));
    } catch (IOException e) {
      throw new UncheckedIOException("The trial " + file + " cannot be read: " + e, e);
    } catch (JsonParseException | NullPointerException e) {
      throw new IllegalArgumentException(
          file + " is no trial of an ablation; delete its folder and run again", e);
    }
  }
}
