package grafs.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.SharedFolder;
import grafs.data.BatchSource;
import grafs.data.ImageDataset;
import grafs.data.TextSet;
import grafs.data.Tokenizer;
import grafs.model.Activations;
import grafs.model.Gpt;
import grafs.model.GptConfig;
import grafs.model.ResNet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that data sets make batches at least ten times as fast as a training uses them. Making the
 * batches then takes at most a tenth of the time of a training.
 */
class LoaderThroughputTest {

  private static final int BATCH = 64;
  private static final int CONTEXT = 128;

  /**
   * The duration of a measurement in seconds. A warm-up of the same duration precedes each
   * measurement.
   */
  private static final double SECONDS = 5;

  @Test
  @Tag("slow")
  void imagesAreServedTenTimesAsFastAsResNet20Trains() {
    ImageDataset data = ImageDataset.load(SharedFolder.require("data/cifar-10-jpeg").toString());
    Block network = ResNet.of(20, 10, Activations.of("relu"));
    compare(
        "images",
        data.train().training(BATCH, 1),
        BATCH,
        new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, 3, 32, 32), 1),
        new SgdSettings(0.1, 0.9, 1e-4, SgdSettings.Decay.COSINE));
  }

  @Test
  @Tag("slow")
  void tokensAreServedTenTimesAsFastAsMiniGptTrains(@TempDir Path folder) throws Exception {
    Path file = SharedFolder.require("data/text/tinyshakespeare.txt");
    Tokenizer characters = Tokenizer.characters(Files.readString(file));
    TextSet text = TextSet.of(file, folder, characters);
    Block network =
        Gpt.of(GptConfig.mini(characters.vocabulary(), CONTEXT), Activations.of("gelu"));
    compare(
        "tokens",
        text.training(16, CONTEXT, 1000, 1),
        16 * CONTEXT,
        new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, CONTEXT), 1),
        new AdamSettings(1e-3, 0.9, 0.95, 0.1, 0.1, 1, 0.1));
  }

  /**
   * Measures how many images or tokens per second a training uses, and how many a data set makes
   * without a training. Asserts that the second number is at least ten times the first.
   *
   * @param what the name of what is counted, {@code images} or {@code tokens}
   * @param source the batches
   * @param batch the number of images or tokens in a batch
   * @param learner the network that is trained
   * @param settings the optimizer's settings
   */
  private static void compare(
      String what, BatchSource source, int batch, Learner learner, OptimizerSettings settings) {
    try (learner;
        WeightOptimizer optimizer = settings.optimizer(learner.weights(), 1000);
        RunningScore tally = new RunningScore(learner.manager())) {
      double used =
          batch
              * perSecond(
                  source,
                  learner.manager(),
                  b -> {
                    learner.backpropagate(b, tally);
                    optimizer.step(1);
                  });
      double served = batch * perSecond(source, learner.manager(), b -> {});
      System.out.printf(
          Locale.ROOT,
          "%s a second: %.0f served, %.0f used in training, which is 1/%.0f%n",
          what,
          served,
          used,
          served / used);
      assertTrue(served >= 10 * used, "%s: %f and %f".formatted(what, served, used));
    }
  }

  /**
   * {@return the number of batches per second that a source makes and {@code use} processes,
   * measured in the second of two rounds; the first round is the warm-up}
   */
  private static double perSecond(BatchSource source, NDManager manager, Consumer<Batch> use) {
    double rate = 0;
    for (int round = 0; round < 2; round++) {
      long start = System.nanoTime();
      int count = 0;
      for (int epoch = 0; (System.nanoTime() - start) / 1e9 < SECONDS; epoch++) {
        for (Batch batch : source.epoch(manager, epoch)) {
          try (batch) {
            use.accept(batch);
            count++;
          }
          if ((System.nanoTime() - start) / 1e9 > SECONDS) {
            break;
          }
        }
      }
      rate = count / ((System.nanoTime() - start) / 1e9);
    }
    return rate;
  }
}
