package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests which images are flipped left to right in training, and whether they are also cropped. All
 * images of these tests become brighter from left to right, by 3 levels per pixel, so that the sign
 * of this slope shows whether an image is flipped.
 */
class FlipTest {

  /** The increase of brightness, a level from 0 to 255, from a pixel to its right neighbour. */
  private static final int SLOPE = 3;

  @TempDir Path temp;

  /**
   * Returns records in CIFAR's layout: label bytes of zero, and images of 3×32×32 bytes with the
   * slope.
   *
   * @param count the number of records
   * @param labels the number of label bytes in a record
   */
  private static byte[] records(int count, int labels) {
    byte[] bytes = new byte[count * (labels + 3072)];
    for (int r = 0; r < count; r++) {
      for (int p = 0; p < 3072; p++) {
        bytes[r * (labels + 3072) + labels + p] = (byte) (SLOPE * (p % 32));
      }
    }
    return bytes;
  }

  private Path cifar10(String name) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    Files.write(folder.resolve("data_batch_1.bin"), records(20, 1));
    Files.write(folder.resolve("test_batch.bin"), records(1, 1));
    return folder;
  }

  private Path cifar100() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("hundred"));
    Files.write(folder.resolve("train.bin"), records(20, 2));
    Files.write(folder.resolve("test.bin"), records(1, 2));
    return folder;
  }

  private Path idx(String name) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    byte[] pixels = new byte[20 * 28 * 28];
    for (int p = 0; p < pixels.length; p++) {
      pixels[p] = (byte) (SLOPE * (p % 28));
    }
    for (String part : new String[] {"train", "t10k"}) {
      Files.write(folder.resolve(part + "-images-idx3-ubyte"), ImageBytes.idx(pixels, 20, 28, 28));
      Files.write(folder.resolve(part + "-labels-idx1-ubyte"), ImageBytes.idx(new byte[20], 20));
    }
    return folder;
  }

  /**
   * {@return the slopes that occur in 30 epochs of training, in levels per pixel; measured in the
   * middle of the images, which padding never reaches}
   */
  private static Set<Integer> slopes(ImageSet set) {
    Set<Integer> slopes = new TreeSet<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      BatchSource source = set.training(Math.min(5, set.size()), 1);
      for (int epoch = 0; epoch < 30; epoch++) {
        for (Batch batch : source.epoch(manager, epoch)) {
          try (batch) {
            NDArray images = batch.getData().head();
            for (int i = 0; i < images.getShape().get(0); i++) {
              float rise = images.getFloat(i, 0, 14, 15) - images.getFloat(i, 0, 14, 14);
              float levels = rise * set.normalization.std().get(0) * 255;
              // In the SVHN images used here, the brightness wraps around from 255 to 0.
              slopes.add(Math.floorMod(Math.round(levels) + 128, 256) - 128);
            }
          }
        }
      }
    }
    return slopes;
  }

  /** Asserts that exactly these slopes occur in the training images of a folder. */
  private static void assertSlopes(Path folder, Integer... slopes) {
    ImageDataset data = ImageDataset.load(folder.toString());
    Set<Integer> expected = Set.of(slopes);
    assertEquals(expected, slopes(data.train()), folder::toString);
    // Views of the set, such as subsets, are flipped if the set itself is.
    ImageDataset rgb = data.asRgb32();
    assertEquals(expected, slopes(rgb.train()));
    assertEquals(expected, slopes(rgb.train().subset(3, 1)));
    assertEquals(expected, slopes(rgb.train().split(0.5, 1).weights()));
    assertEquals(expected, slopes(rgb.train().split(0.5, 1).architecture()));
  }

  @Test
  void objectsAndClothesAreFlippedNowAndThen() throws IOException {
    assertSlopes(cifar10("ten"), SLOPE, -SLOPE);
    assertSlopes(cifar100(), SLOPE, -SLOPE);
    assertSlopes(idx("my-fashion"), SLOPE, -SLOPE);
  }

  @Test
  void digitsAreFlippedOnlyInSvhnAsInThePaper() throws IOException {
    assertSlopes(SvhnTest.folder(temp.resolve("house-numbers")), SLOPE, -SLOPE);
    assertSlopes(idx("digits"), SLOPE);
    Path digits = cifar10("digits-in-colour");
    Files.writeString(digits.resolve("batches.meta.txt"), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assertSlopes(digits, SLOPE);
  }

  @Test
  void digitsAreStillCropped() throws IOException {
    ImageSet set = ImageDataset.load(SvhnTest.folder(temp.resolve("svhn")).toString()).train();
    Set<Float> corners = new TreeSet<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      for (int epoch = 0; epoch < 10; epoch++) {
        for (Batch batch : set.training(5, 1).epoch(manager, epoch)) {
          try (batch) {
            for (int i = 0; i < 5; i++) {
              corners.add(batch.getData().head().getFloat(i, 0, 16, 16));
            }
          }
        }
      }
    }
    assertTrue(corners.size() > 20, corners.toString());
  }

  /**
   * If {@code split()} is called repeatedly on a generator made from the seed, call number e
   * returns the random generator of epoch e; calls and epochs are numbered from 0.
   */
  @Test
  void anEpochHasAGeneratorOfItsOwn() {
    for (long seed : new long[] {0, 7, -3}) {
      SplittableRandom root = new SplittableRandom(seed);
      for (int epoch = 0; epoch < 5; epoch++) {
        assertEquals(root.split().nextLong(), EpochBatches.random(seed, epoch).nextLong());
      }
    }
  }

  @Test
  void imagesOfOneChannelAreNotPreparedAsThoseOfThree() throws IOException {
    ImageSet grey = ImageDataset.load(idx("clothes").toString()).train();
    for (Preparation how : List.of(Preparation.TRIVIAL_AUGMENT, Preparation.HALVED)) {
      String said =
          assertThrows(IllegalArgumentException.class, () -> grey.prepared(how)).getMessage();
      assertTrue(said.startsWith("images of 28×28 with 1 channels"), said);
      assertTrue(said.endsWith("take asRgb32() first"), said);
      assertEquals(32, grey.asRgb32().prepared(how).height());
    }
  }
}
