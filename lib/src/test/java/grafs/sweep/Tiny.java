package grafs.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grafs.cell.CellSpace;
import grafs.data.Preparation;
import grafs.nas.Relaxation;
import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
import grafs.run.Experiment;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.run.TaskSource;
import grafs.train.OptimizerSettings;
import grafs.train.SgdSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Creates small trials for tests of sweeps. A trial is one search for an activation function or one
 * training of a network. A sweep is a list of trials. The trials created here have two epochs on 32
 * images of noise, and take about a second.
 *
 * @param folder the folder of the images
 */
record Tiny(Path folder) {

  private static final CellSpace SPACE =
      CellSpace.of(
              grafs.cell.Operations.of("identity", "tanh", "max0", "add", "max"),
              grafs.cell.Bounds.SMOOTH)
          .withUnits(1);

  /** The bytes of an image in CIFAR-10's binary format: a label, then 3×32×32 pixels. */
  private static final int RECORD = 1 + 3 * 32 * 32;

  /** Writes images of noise in CIFAR-10's binary format: 64 to train on, 20 to test with. */
  static Tiny in(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("data_batch_1.bin"), images(64, 1));
    Files.write(folder.resolve("test_batch.bin"), images(20, 2));
    return new Tiny(folder);
  }

  private static byte[] images(int count, long seed) {
    byte[] bytes = new byte[count * RECORD];
    new Random(seed).nextBytes(bytes);
    for (int i = 0; i < count; i++) {
      bytes[i * RECORD] = (byte) (i % 10);
    }
    return bytes;
  }

  static OptimizerSettings sgd(double learningRate) {
    return new SgdSettings(learningRate, 0.9, 1e-4, SgdSettings.Decay.COSINE);
  }

  static Scale scale(double learningRate) {
    OptimizerSettings weights = sgd(learningRate);
    SearchSettings search =
        SearchSettings.paper(weights)
            .warmStartEpochs(1)
            .epochs(1 + 1)
            .shrinking(Shrinking.OFF)
            .batchSize(8)
            .accumulation(1)
            .alphaLearningRate(0.03)
            .relaxation(Relaxation.SOFTMAX);
    return new Scale("tiny", 32, 20, search, 2, 8, 1, weights, 1, Preparation.CROP_AND_FLIP);
  }

  TaskSource source() {
    return new TaskSource(folder.toString(), null, 0, false);
  }

  Experiment experiment(PaperModel model, double learningRate) {
    return new Experiment(model, source().load(), scale(learningRate));
  }

  Trial search(Experiment experiment, long seed) {
    return new Trial(experiment, source(), new Trial.Search(SPACE), seed);
  }

  Trial baseline(Experiment experiment, String name, long seed) {
    return new Trial(experiment, source(), Trial.Given.known(name), seed);
  }

  Trial found(Experiment experiment, Trial search, long seed) {
    return new Trial(experiment, source(), new Trial.Found(search), seed);
  }

  /**
   * Returns trainings with two known activations, a search, and trainings with two seeds with the
   * function that this search finds.
   */
  List<Trial> trials() {
    Experiment experiment = experiment(PaperModel.RESNET_20, 0.05);
    Trial search = search(experiment, 1);
    return List.of(
        found(experiment, search, 1),
        found(experiment, search, 2),
        search,
        baseline(experiment, "silu", 1),
        baseline(experiment, "relu", 1));
  }

  /**
   * Returns the results of the complete runs (searches and trainings) below a folder. The key of a
   * result is the path of its run's folder, relative to {@code root}. A result is a text: {@code
   * metrics.csv} without its times, and hash codes of the files with the function, the weights, and
   * α, the numbers by which a search chooses operations. Equal texts mean results that are the same
   * bit for bit.
   */
  static Map<String, String> results(Path root) throws IOException {
    Map<String, String> results = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.endsWith("result.json")).toList()) {
        Path run = file.getParent();
        StringBuilder text = new StringBuilder();
        Path metrics = run.resolve("metrics.csv");
        // A training that diverged has no metrics.csv.
        if (Files.exists(metrics)) {
          List<String> lines = Files.readAllLines(metrics);
          int seconds = List.of(lines.get(0).split(",")).indexOf("seconds");
          for (String line : lines) {
            List<String> cells = new ArrayList<>(List.of(line.split(",")));
            cells.remove(seconds);
            text.append(String.join(",", cells)).append('\n');
          }
        }
        for (String name : List.of("activation.json", "alphas.csv", "weights.safetensors")) {
          if (Files.exists(run.resolve(name))) {
            text.append(Arrays.hashCode(Files.readAllBytes(run.resolve(name)))).append('\n');
          }
        }
        results.put(root.relativize(run).toString(), text.toString());
      }
    }
    return results;
  }

  /**
   * Checks that a store has the complete runs of a sweep's trials and no others, and that no
   * checkpoints or partly written files are left.
   */
  static void assertWhole(Sweep sweep, RunStore store) throws IOException {
    List<String> wanted =
        sweep.trials().stream()
            .map(t -> t.request(store).config())
            .map(RunConfig::folder)
            .sorted()
            .toList();
    assertEquals(wanted, List.copyOf(results(store.root()).keySet()));
    try (Stream<Path> files = Files.walk(store.root())) {
      assertEquals(
          List.of(),
          files.filter(f -> f.endsWith("checkpoint") || f.toString().endsWith(".part")).toList(),
          "something was left behind");
    }
  }
}
