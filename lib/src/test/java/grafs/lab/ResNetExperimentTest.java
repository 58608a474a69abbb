package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.SharedFolder;
import grafs.data.ImageDataset;
import grafs.model.Activations;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ResNetExperimentTest {

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
            new SgdSettings(0.1, 0.9, 1e-4, Decay.COSINE),
            1);
    ResNetExperiment.Run run =
        new ResNetExperiment(data, tenEpochs)
            .train("ReLU", Activations.of("relu"), 1, Progress.Listener.NONE);
    run.epochs().forEach(System.out::println);
    assertEquals(10, run.epochs().size());
    assertEquals(2000, run.epochs().get(9).test().examples());
    assertTrue(run.accuracy() > 0.52, "test accuracy " + run.accuracy());
  }
}
