package grafs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import grafs.SharedFolder;
import grafs.data.ImageDataset;
import grafs.model.Activations;
import grafs.model.VisionTransformer;
import grafs.model.VitConfig;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests that ViT-Ti, a small {@link VisionTransformer}, learns to classify the photographs of
 * CIFAR-10.
 */
class VisionTrainingTest {

  @Test
  @Tag("slow")
  void vitTiLearnsPhotographs() {
    ImageDataset data = ImageDataset.load(SharedFolder.require("data/cifar-10-jpeg").toString());
    VisionTransformer vit = VisionTransformer.of(VitConfig.tiny(10), Activations.of("gelu"));
    // The learning rate is higher than for a long training, since two epochs of 10 000 images have
    // only 624 steps.
    AdamSettings weights = new AdamSettings(5e-4, 0.9, 0.999, 0, 0.1, 1, 0.1);
    try (Learner learner =
        new Learner(vit, Loss.softmaxCrossEntropyLoss(), new Shape(1, 3, 32, 32), 1)) {
      System.out.println(vit);
      List<Training.Epoch> epochs =
          new Training(
                  learner,
                  weights,
                  data.train().training(32, 1),
                  data.test().evaluation(250),
                  2,
                  1,
                  Progress.Listener.NONE)
              .run("ViT-Ti");
      epochs.forEach(System.out::println);
      Training.Epoch last = epochs.get(epochs.size() - 1);
      assertEquals(2000, last.test().examples());
      assertTrue(last.test().accuracy() > 0.35, "test accuracy " + last.test().accuracy());
    }
  }
}
