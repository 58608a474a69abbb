package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.data.ImageDataset;
import grafs.data.ImageSet;
import grafs.nas.SearchSettings;
import grafs.run.Ablation.Method;
import grafs.train.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class AblationTest {

  private static final Expression SWISH = Expression.parse("gate(scale[1.0](x), x)");

  @TempDir Path folder;

  private static AblationTrial trial(Method method, long seed, double... accuracies) {
    return new AblationTrial(
        method, seed, "settings", SWISH, null, 60, Arrays.stream(accuracies).boxed().toList());
  }

  private static AblationTrial diverged(Method method, long seed) {
    return new AblationTrial(
        method, seed, "settings", null, "the loss is NaN in step 3", 1, List.of());
  }

  private Ablation ablation(String scale) {
    assumeTrue(
        ImageDataset.locate("fashion-mnist").isPresent(),
        "skipped: Fashion-MNIST is neither installed nor in datasets/");
    ImageDataset data = ImageDataset.load("fashion-mnist").asRgb32();
    return new Ablation(Experiment.of(PaperModel.RESNET_20, data, Scale.resnet(scale)), folder);
  }

  @Test
  void trialsAreReadAsTheyWereWritten() {
    for (AblationTrial trial :
        List.of(trial(Method.DARTS, 3, 0.7, Double.NaN), diverged(Method.UNBOUNDED, 1))) {
      Path own = folder.resolve(trial.method().name());
      assertEquals(Optional.empty(), AblationTrial.read(own));
      trial.write(own);
      assertEquals(Optional.of(trial), AblationTrial.read(own));
    }
  }

  @Test
  void aDamagedTrialIsNamed() throws Exception {
    Files.writeString(folder.resolve("trial.json"), "{\"method\": ");
    String message =
        assertThrows(IllegalArgumentException.class, () -> AblationTrial.read(folder)).getMessage();
    assertTrue(message.contains("trial.json is damaged"), message);
  }

  @Test
  void noTwoMethodsSearchAlike() {
    SearchSettings scale = Scale.resnet("quick").search();
    Set<String> seen = new HashSet<>();
    for (Method method : Method.values()) {
      if (method != Method.NONE && method != Method.RANDOM && method != Method.EVOLUTION) {
        assertTrue(seen.add(method.settings(scale) + " " + method.bounded()), method.title());
      }
    }
  }

  @Test
  void trainingsAreComparedWithReluOfTheSameSeeds() {
    List<AblationTrial> full =
        List.of(trial(Method.FULL, 1, 0.73), trial(Method.FULL, 2, 0.81, 0.83));
    List<AblationTrial> all = new ArrayList<>(full);
    all.add(trial(Method.NONE, 1, 0.7, 0.72));
    all.add(trial(Method.NONE, 2, 0.8, 0.82));
    // (73 − 70 + 81 − 80 + 83 − 82) / 3, not 77.5 − 76
    assertEquals(0.05 / 3, Ablation.overRelu(full, all), 1e-12);
    assertTrue(Double.isNaN(Ablation.overRelu(full, full)));
  }

  @Test
  void passesCountBatches() {
    Ablation ablation = ablation("smoke");
    // 6 batches of 32 in three quarters of 256 images; 3 epochs of two passes a step. Verification
    // trains one function and the default, with two seeds each, for an epoch.
    assertEquals(6 * (3 * 2 + 4), ablation.passes(Method.FULL));
    assertEquals(6 * (3 * 2 + 4), ablation.passes(Method.RANDOM));
    assertEquals(6 * 3 * 2, ablation.passes(Method.UNVERIFIED));
    assertEquals(6 * (3 * 5 + 4), ablation.passes(Method.SECOND_ORDER));
    assertEquals(0, ablation.passes(Method.NONE));
    assertEquals(1, diverged(Method.DARTS, 1).divergences());
  }

  @Test
  void whatIsThereIsNotRunAgain() throws Exception {
    Ablation ablation = ablation("smoke");
    AblationTrial first = ablation.run(Method.NONE, 1, 1, Progress.Listener.NONE);
    assertEquals(1, first.accuracies().size());
    assertEquals(KnownActivation.RELU, KnownActivation.of(first.found()).orElseThrow());
    AblationTrial again =
        ablation.run(
            Method.NONE,
            1,
            1,
            progress -> {
              throw new AssertionError("it trains again");
            });
    assertEquals(first, again);
    AblationTrial twice = ablation.run(Method.NONE, 1, 2, Progress.Listener.NONE);
    assertEquals(2, twice.accuracies().size());
    assertEquals(first.accuracies().get(0), twice.accuracies().get(0));

    assertEquals(List.of(twice), ablation.kept(List.of(Method.NONE, Method.FULL), 2));
    new AblationTrial(Method.FULL, 1, "of another time", SWISH, null, 1, List.of(0.5))
        .write(folder.resolve("full-seed-1"));
    assertEquals(List.of(twice), ablation.kept(List.of(Method.NONE, Method.FULL), 2));

    // Files of older versions have neither model nor fingerprint.
    Path conditions = folder.resolve("ablation.json");
    String now = Files.readString(conditions);
    Files.writeString(conditions, now.replaceAll(" *\"(model|fingerprint)\": .*\n", ""));
    assertTrue(Files.size(conditions) < now.length() - 50);
    assertEquals(List.of(twice), ablation.kept(List.of(Method.NONE, Method.FULL), 2));
    Files.writeString(conditions, now);

    Experiment experiment = ablation.experiment();
    ImageDataset data = ((ImageTask) experiment.task()).data();
    // As many images under the same name: training images are taken for the test.
    ImageSet others = data.train().subset(data.test().size(), 1);
    ImageDataset same = new ImageDataset(data.name(), data.train(), others);
    Map<String, Experiment> more =
        Map.of(
            "ResNet-32", experiment.with(PaperModel.RESNET_32),
            "10000 images",
                new Experiment(PaperModel.RESNET_20, new ImageTask(same), experiment.scale()),
            "quick", experiment.with(Scale.resnet("quick")));
    more.forEach(
        (word, each) -> {
          Ablation other = new Ablation(each, folder);
          for (Executable use :
              List.<Executable>of(
                  () -> other.run(Method.NONE, 1, 1, Progress.Listener.NONE),
                  () -> other.kept(List.of(Method.NONE), 2))) {
            String said = assertThrows(IllegalArgumentException.class, use).getMessage();
            assertTrue(said.contains(word) && said.contains("take another folder"), said);
          }
        });
  }
}
