package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.data.ImageDataset;
import grafs.data.Preparation;
import grafs.model.Activations;
import grafs.model.ResNet;
import grafs.nas.Relaxation;
import grafs.nas.Search;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
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
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that networks are neither trained nor searched on the test images, and that the test images
 * are neither augmented nor shuffled. The images are made for these tests, in the file format of
 * CIFAR-10; the training images are random noise.
 */
class TestSplitTest {

  /**
   * The number of bytes of an image in a file of CIFAR-10's format: one for its label, and 3·32·32
   * for its pixels.
   */
  private static final int RECORD = 3073;

  /**
   * The number of test images. It differs from {@link #BATCH}, so that an activation recognises a
   * batch of test images by its size.
   */
  private static final int TEST_IMAGES = 12;

  private static final int BATCH = 8;

  private static final SgdSettings SGD = new SgdSettings(0.05, 0.9, 1e-4, Decay.COSINE);

  private static final Scale SCALE =
      new Scale(
          "tiny",
          0,
          0,
          SearchSettings.paper(SGD)
              .warmStartEpochs(1)
              .epochs(2 + 1)
              .shrinking(new Shrinking(Shrinking.Unit.EPOCH, 1))
              .batchSize(BATCH)
              .accumulation(1)
              .alphaLearningRate(0.03)
              .relaxation(Relaxation.SOFTMAX),
          2,
          BATCH,
          1,
          SGD,
          1,
          Preparation.CROP_AND_FLIP);

  @TempDir Path temp;

  /** Returns the bytes of a file of random images with random labels. */
  private static byte[] noise(int records, long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[records * RECORD];
    random.nextBytes(bytes);
    for (int r = 0; r < records; r++) {
      bytes[r * RECORD] = (byte) random.nextInt(10);
    }
    return bytes;
  }

  private Experiment experiment(String name, byte[] test) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    Files.write(folder.resolve("data_batch_1.bin"), noise(4 * BATCH, 1));
    Files.write(folder.resolve("test_batch.bin"), test);
    return Experiment.of(PaperModel.RESNET_20, ImageDataset.load(folder.toString()), SCALE);
  }

  /** Makes ReLU blocks that pass their inputs to a consumer. */
  private static Supplier<Block> relu(Consumer<NDArray> seen) {
    return () ->
        LambdaBlock.singleton(
            x -> {
              // A batch of one occurs only where the network's shapes are computed.
              if (x.getShape().get(0) > 1) {
                seen.accept(x);
              }
              return Activation.relu(x);
            },
            "relu");
  }

  /**
   * Trains the network and returns hashes of the inputs of every activation, for all training
   * images and for the first test image, and of the training scores. When the network is scored,
   * the inputs for the first test image depend on nothing but that image and the trained weights.
   *
   * @param otherTestImages receives the hashes of the inputs for the other test images
   */
  private static List<Integer> trace(Experiment experiment, List<Integer> otherTestImages) {
    List<Integer> trace = new ArrayList<>();
    Supplier<Block> activation =
        relu(
            x -> {
              float[] values = x.toFloatArray();
              boolean test = x.getShape().get(0) == TEST_IMAGES;
              int first = values.length / TEST_IMAGES;
              trace.add(Arrays.hashCode(test ? Arrays.copyOf(values, first) : values));
              if (test) {
                otherTestImages.add(
                    Arrays.hashCode(Arrays.copyOfRange(values, first, values.length)));
              }
            });
    Experiment.Run run = experiment.train("ReLU", activation, 1, Progress.Listener.NONE);
    run.epochs().forEach(epoch -> trace.add(epoch.train().hashCode()));
    return trace;
  }

  private static List<String> epochs(SearchResult search) {
    return search.epochs().stream()
        .map(
            e ->
                e.train()
                    + " "
                    + e.validation()
                    + " "
                    + e.discrete()
                    + Arrays.deepToString(e.alpha()))
        .toList();
  }

  @Test
  void otherTestImagesChangeNothingThatIsTrainedOrSearched() throws IOException {
    byte[] test = noise(TEST_IMAGES, 2);
    byte[] poisoned = noise(TEST_IMAGES, 3);
    System.arraycopy(test, 0, poisoned, 0, RECORD);
    Experiment one = experiment("one", test);
    Experiment other = experiment("other", poisoned);

    List<Integer> seen = new ArrayList<>();
    List<Integer> seenOther = new ArrayList<>();
    List<Integer> trace = trace(one, seen);
    // 19 activations, each in 2 epochs of 4 training batches and a test batch; 2 training scores.
    assertEquals(19 * 2 * 5 + 2, trace.size());
    assertEquals(trace, trace(other, seenOther));
    assertNotEquals(seen, seenOther, "the other test images were tested");

    SearchResult search = one.search(CellSpace.paper(), 1, Progress.Listener.NONE);
    SearchResult searchOther = other.search(CellSpace.paper(), 1, Progress.Listener.NONE);
    assertEquals(search.found().text(), searchOther.found().text());
    assertEquals(epochs(search), epochs(searchOther));
  }

  @Test
  void aSearchTrainsTheWeightsOnTheirPartAndAlphaOnItsOwn() throws IOException {
    Experiment experiment = experiment("parts", noise(TEST_IMAGES, 2));
    Task.Parts parts = experiment.task().parts(SCALE, 1);
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    SearchResult direct;
    try (Learner learner =
        new Learner(
            ResNet.of(20, 10, cells), Loss.softmaxCrossEntropyLoss(), 1, new Shape(1, 3, 32, 32))) {
      direct =
          new Search(SCALE.search(), cells, learner, Progress.Listener.NONE)
              .run(parts.weights(), parts.alpha(), 1);
    }
    SearchResult search = experiment.search(CellSpace.paper(), 1, Progress.Listener.NONE);
    assertEquals(epochs(direct), epochs(search));
  }

  @Test
  void blackBoxSearchIsScoredOnTrainingImages() throws IOException {
    CellSpace space =
        CellSpace.of(
            grafs.cell.Operations.of("identity", "tanh", "gate"), grafs.cell.Bounds.SMOOTH);
    Set<Double> scores = new TreeSet<>();
    // Ten data sets are made, of the same images. Only the labels of the test images differ: all
    // are 0 in the first set, all are 1 in the second, and so on. So the search trains the same
    // network on every set. If it scored functions on the test images, the scores would differ: the
    // class that the network predicts for a test image is right in one set and wrong in nine.
    for (int label = 0; label < 10; label++) {
      byte[] test = noise(TEST_IMAGES, 2);
      for (int i = 0; i < TEST_IMAGES; i++) {
        test[i * RECORD] = (byte) label;
      }
      Experiment experiment = experiment("labelled " + label, test);
      experiment.search(
          (own, trials, random) -> {
            trials.forEach(trial -> scores.add(trial.score()));
            return List.of(trials.size(), 0, 0, 0, 0, 0);
          },
          space,
          2, // when the second function is proposed, the score of the first is known
          1,
          1,
          Progress.Listener.NONE);
    }
    assertEquals(1, scores.size(), scores::toString);
  }

  /**
   * From each test image to the next, every pixel grows by the same number. The operations before
   * the first activation are affine (linear plus a constant), so the inputs of this activation grow
   * in equal steps too. If some images were cropped or flipped, or the order of images was another,
   * the steps would not be equal.
   */
  @Test
  void testImagesAreNeitherAugmentedNorShuffled() throws IOException {
    byte[] test = noise(TEST_IMAGES, 4);
    for (int i = 0; i < TEST_IMAGES; i++) {
      for (int p = 1; p < RECORD; p++) {
        test[i * RECORD + p] = (byte) ((test[p] & 0x7f) + 10 * i);
      }
    }
    List<float[]> stems = new ArrayList<>();
    int[] calls = new int[1];
    Supplier<Block> activation =
        relu(
            x -> {
              if (calls[0]++ % 19 == 0 && x.getShape().get(0) == TEST_IMAGES) {
                stems.add(x.toFloatArray());
              }
            });
    experiment("ramp", test).train("ReLU", activation, 1, Progress.Listener.NONE);
    assertEquals(2, stems.size());
    for (float[] stem : stems) {
      int size = stem.length / TEST_IMAGES;
      double most = 0;
      double step = 0;
      for (int v = 0; v < size; v++) {
        for (int i = 2; i < TEST_IMAGES; i++) {
          double before = stem[(i - 1) * size + v] - stem[(i - 2) * size + v];
          double after = stem[i * size + v] - stem[(i - 1) * size + v];
          most = Math.max(most, Math.abs(after - before));
          step = Math.max(step, Math.abs(after));
        }
      }
      System.out.printf("steps up to %.4f, changing by up to %.2g%n", step, most);
      assertTrue(step > 0.05, "the images differ by " + step);
      assertTrue(most < 1e-4 * Math.max(1, step), "the steps between images change by " + most);
    }
  }
}
