package grafs.nas;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A small search for an activation function. It saves checkpoints in a folder, and continues from a
 * checkpoint that is there. {@link RestartTest} runs it in its own process and interrupts it;
 * {@link KilledSearchTest} runs {@link #main} in processes that it kills.
 */
final class RestartedSearch {

  static final SearchSettings SETTINGS = settings(2, new Shrinking(Shrinking.Unit.EPOCH, 1));

  /**
   * Returns settings of a search of six epochs after the warm start. In the warm start, the first
   * epochs, the weights are trained with the default activation.
   */
  static SearchSettings settings(int warmStartEpochs, Shrinking shrinking) {
    return SearchSettings.paper(new SgdSettings(0.05, 0.9, 1e-4, Decay.STEPS))
        .warmStartEpochs(warmStartEpochs)
        .epochs(6 + warmStartEpochs)
        .shrinking(shrinking)
        .batchSize(32)
        .accumulation(2)
        .alphaLearningRate(0.02)
        .relaxation(Relaxation.DRNAS);
  }

  private RestartedSearch() {}

  /**
   * Runs a search in {@link CellSpace#paper()} on the task {@link Rings}, or continues it.
   *
   * @param settings the settings of the search
   * @param seed the seed of the weights, the data and the search
   * @param folder the folder of the checkpoints; null for none
   * @param steps receives the progress reports, which count steps
   * @param epochs receives the record of every epoch after it is saved; if a checkpoint is
   *     continued, first the records in it
   */
  static SearchResult search(
      SearchSettings settings,
      long seed,
      Path folder,
      Progress.Listener steps,
      Consumer<SearchResult.Epoch> epochs) {
    return search(CellSpace.paper(), settings, seed, folder, steps, epochs);
  }

  static SearchResult search(
      CellSpace space,
      SearchSettings settings,
      long seed,
      Path folder,
      Progress.Listener steps,
      Consumer<SearchResult.Epoch> epochs) {
    Block relu = Activations.of("relu").get();
    Cells cells = new Cells(space, relu);
    try (Learner learner = Rings.learner(cells, seed)) {
      return new Search(settings, cells, learner, steps)
          .run(Rings.batches(20, 32, seed), Rings.batches(20, 32, seed + 1), seed, folder, epochs);
    }
  }

  /** Returns the results that must not depend on interruptions, with all their digits, as text. */
  static String digest(SearchResult result) {
    List<String> lines = new ArrayList<>();
    lines.add(result.found().toString());
    SearchResult.Start start = result.start();
    lines.add(start.lossBefore() + " " + start.lossAfter());
    for (SearchResult.Epoch epoch : result.epochs()) {
      lines.add(epoch.epoch() + " " + epoch.train() + epoch.validation() + epoch.discrete());
      lines.add(epoch.found() + Arrays.deepToString(epoch.alpha()));
      lines.add(epoch.candidates().toString());
    }
    return String.join("\n", lines);
  }

  /**
   * Runs the search with {@link #SETTINGS}, and writes its result into the folder as {@code
   * activation.json} and {@code digest.txt}.
   *
   * @param arguments the folder and the seed; checkpoints are in the folder's subfolder {@code
   *     checkpoint}
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    System.out.println("begins");
    boolean[] stepped = new boolean[1];
    SearchResult result =
        search(
            SETTINGS,
            Long.parseLong(arguments[1]),
            folder.resolve("checkpoint"),
            progress -> stepped[0] = true,
            epoch -> {
              // The epochs of the checkpoint, which an earlier process has done, are received
              // before the first step.
              if (stepped[0]) {
                System.out.println("epoch " + epoch.epoch());
              }
            });
    Files.writeString(folder.resolve("activation.json"), result.found().toString());
    Files.writeString(folder.resolve("digest.txt"), digest(result));
  }
}
