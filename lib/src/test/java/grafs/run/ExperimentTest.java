package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import grafs.SharedFolder;
import grafs.cell.CellSpace;
import grafs.data.ImageDataset;
import grafs.model.Activations;
import grafs.nas.BlackBoxSearch;
import grafs.nas.RandomSearch;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ExperimentTest {

  @Test
  void randomSearchTriesFunctionsOnThreeQuartersOfTheImages() {
    assumeTrue(
        ImageDataset.locate("fashion-mnist").isPresent(),
        "skipped: Fashion-MNIST is neither installed nor in datasets/");
    ImageDataset data = ImageDataset.load("fashion-mnist").asRgb32();
    Experiment experiment = Experiment.of(PaperModel.RESNET_20, data, Scale.resnet("smoke"));
    BlackBoxSearch.Evaluator evaluator = experiment.evaluator(2, 1, Progress.Listener.NONE);
    assertEquals(2 * 192 / 32, evaluator.steps());
    BlackBoxSearch search = new BlackBoxSearch(new RandomSearch(), evaluator, 45);
    List<BlackBoxSearch.Trial> trials = search.run(CellSpace.paper(), 1, trial -> {});
    assertEquals(3, trials.size());
    assertTrue(
        trials.stream().allMatch(t -> t.diverged() || t.score() >= 0 && t.score() <= 1),
        trials.toString());
    assertEquals(trials, search.run(CellSpace.paper(), 1, trial -> {}));
    assertEquals(List.of(12L, 24L, 36L), trials.stream().map(BlackBoxSearch.Trial::steps).toList());
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
}
