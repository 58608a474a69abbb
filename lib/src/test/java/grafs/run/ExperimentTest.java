package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import grafs.SharedFolder;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.data.ImageDataset;
import grafs.model.Activations;
import grafs.nas.BlackBoxSearch;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link Experiment}, which is a network with its data and hyperparameters: a black-box
 * search, which trains the network with one activation function after another and uses only their
 * scores; a training with ReLU on photographs; and which networks take which data.
 */
class ExperimentTest {

  @Test
  void randomSearchTriesFunctionsOnThreeQuartersOfTheImages() {
    assumeTrue(
        ImageDataset.locate("fashion-mnist").isPresent(),
        "skipped: Fashion-MNIST is neither installed nor in datasets/");
    ImageDataset data = ImageDataset.load("fashion-mnist");
    Experiment experiment = Experiment.of(PaperModel.RESNET_20, data, Scale.resnet("smoke"));
    String said =
        assertThrows(IllegalArgumentException.class, () -> experiment.with(PaperModel.VIT_TI))
            .getMessage();
    assertEquals(
        "ViT-Ti is not trained at the scale smoke of ResNet-20: take Scale.of(PaperModel.Family.VIT, \"smoke\")",
        said);
    Map<String, Long> steps = new LinkedHashMap<>();
    Expression found =
        experiment.search(
            BlackBoxSearch.RANDOM,
            CellSpace.paper(),
            3,
            2,
            1,
            progress -> steps.put(progress.task(), progress.total()));
    // Three functions are tried, each by a training of 12 steps: two epochs of 192 images, which
    // are three quarters of 256, in batches of 32.
    assertEquals(List.of(12L, 12L, 12L), List.copyOf(steps.values()));
    assertEquals(
        found,
        experiment.search(
            BlackBoxSearch.RANDOM, CellSpace.paper(), 3, 2, 1, Progress.Listener.NONE));
  }

  @Test
  @Tag("slow")
  void plainResNet20LearnsPhotographs() {
    ImageDataset data = ImageDataset.load(SharedFolder.require("data/cifar-10-jpeg").toString());
    Scale smoke = Scale.resnet("smoke");
    Scale tenEpochs =
        new Scale(
            "ten epochs",
            0,
            0,
            smoke.search(),
            10,
            128,
            1,
            new SgdSettings(0.1, 0.9, 1e-4, Decay.COSINE),
            1,
            smoke.preparation());
    Experiment.Run run =
        Experiment.of(PaperModel.RESNET_20, data, tenEpochs)
            .train("ReLU", Activations.of("relu"), 1, Progress.Listener.NONE);
    run.epochs().forEach(System.out::println);
    assertEquals(10, run.epochs().size());
    assertEquals(2000, run.epochs().get(9).test().examples());
    assertTrue(run.accuracy() > 0.52, "test accuracy " + run.accuracy());
  }

  @Test
  void networksAndTasksMustGoTogether(@TempDir Path temp) throws IOException {
    TinyRuns tiny = new TinyRuns(temp);
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Experiment(PaperModel.RESNET_20, tiny.task, TinyRuns.SCALE))
            .getMessage();
    assertTrue(said.contains("ResNet-20 takes images, but some-text has none"), said);
  }
}
