package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grafs.cell.CellSpace;
import grafs.data.Preparation;
import grafs.data.TextDataset;
import grafs.data.TextSet;
import grafs.data.Tokenizer;
import grafs.model.Activations;
import grafs.nas.Relaxation;
import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
import grafs.train.AdamSettings;
import grafs.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

/**
 * Creates small runs for tests of a {@link RunStore}, which keeps runs on disk. A run is a training
 * of miniGPT, a small language model, or a search for an activation function for miniGPT. The text
 * is a random sequence of two phrases.
 */
final class TinyRuns {

  static final CellSpace SPACE =
      CellSpace.of(
              grafs.cell.Operations.of(
                  "identity", "scale", "tanh", "gelu", "max0", "add", "max", "gate"),
              grafs.cell.Bounds.SMOOTH)
          .withUnits(1);

  static final AdamSettings ADAM = new AdamSettings(1e-3, 0.9, 0.95, 0.1, 0, 1, 0.1);

  static final Scale SCALE =
      new Scale(
          "tiny",
          32,
          4,
          SearchSettings.paper(ADAM)
              .warmStartEpochs(1)
              .epochs(3 + 1)
              .shrinking(new Shrinking(Shrinking.Unit.EPOCH, 1))
              .batchSize(8)
              .accumulation(1)
              .alphaLearningRate(0.03)
              .relaxation(Relaxation.DRNAS),
          3,
          8,
          1,
          ADAM,
          1,
          Preparation.CROP_AND_FLIP);

  private final Path folder;
  final Task task;
  final Experiment experiment;

  /**
   * Writes the text of the experiment into a folder.
   *
   * @param folder the folder of the texts and of the stores
   */
  TinyRuns(Path folder) throws IOException {
    this.folder = folder;
    task = task("some-text", 1);
    experiment = new Experiment(PaperModel.GPT_MINI, task, SCALE);
  }

  /**
   * Writes a text, a random sequence of the two phrases drawn with a seed, to a file. Returns the
   * task of predicting each next character of this text.
   */
  Task task(String name, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    while (text.length() < 3000) {
      text.append(random.nextBoolean() ? "to be or not " : "that is the question ");
    }
    Path file = folder.resolve(name + "-" + seed + ".txt");
    Files.writeString(file, text);
    Tokenizer characters = Tokenizer.characters(text.toString());
    TextSet.Split split = TextSet.of(file, folder.resolve("tokens"), characters).split(0.1);
    return new TextTask(new TextDataset(name, characters, split.train(), split.validation()), 8);
  }

  RunStore store(String name) {
    return new RunStore(folder.resolve(name));
  }

  Experiment.Run train(RunStore store, Progress.Listener listener) {
    return store.train(experiment, "GELU", Activations.of("gelu"), 5, listener);
  }

  /** Returns the folder of the only run in a store. */
  static Path only(RunStore store) throws IOException {
    try (Stream<Path> files = Files.walk(store.root())) {
      List<Path> found = files.filter(f -> f.endsWith("config.json")).map(Path::getParent).toList();
      assertEquals(1, found.size(), found.toString());
      return found.get(0);
    }
  }

  /**
   * Interrupts a run at the first report of progress after its fourth step, which ends the first
   * epoch.
   */
  static void stopAtFive(Progress progress) {
    if (progress.done() >= 5) {
      throw new CancellationException();
    }
  }

  /** Counts the progress reports and collects the notes of a run. */
  static final class Notes implements Progress.Listener {
    int steps;
    String text = "";

    @Override
    public void progress(Progress progress) {
      steps++;
    }

    @Override
    public void note(String line) {
      text += line + System.lineSeparator();
    }
  }
}
