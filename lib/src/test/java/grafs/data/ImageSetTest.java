package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import grafs.Seed;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that the batches of an {@link ImageSet}, and the sets that are derived from it, have the
 * right images, pixels and labels.
 */
@ExtendWith(Seed.class)
class ImageSetTest {

  private static final Normalization COLOUR =
      new Normalization(List.of(0.1f, 0.5f, 0.9f), List.of(0.2f, 0.3f, 0.4f));

  private static final List<String> TEN = Published.of("cifar10").classes();

  private final long seed = Seed.get();
  private final Random random = new Random(seed);
  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  /** Returns random images without black pixels, so that padding differs from every image. */
  private Pixels pixels(int count, int channels, int side) {
    byte[] bytes = new byte[count * channels * side * side];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (1 + random.nextInt(255));
    }
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) random.nextInt(10);
    }
    return new Pixels(bytes, labels, channels, side, side);
  }

  /** The data and the labels of the batches of an epoch. */
  private record Epoch(List<float[]> data, List<long[]> labels) {
    List<Integer> allLabels() {
      return labels.stream().flatMapToLong(Arrays::stream).mapToObj(l -> (int) l).toList();
    }
  }

  private Epoch read(BatchSource source, int epoch) {
    Epoch read = new Epoch(new ArrayList<>(), new ArrayList<>());
    for (Batch batch : source.epoch(manager, epoch)) {
      try (batch) {
        assertEquals(DataType.FLOAT32, batch.getData().singletonOrThrow().getDataType());
        assertEquals(DataType.INT64, batch.getLabels().singletonOrThrow().getDataType());
        read.data.add(batch.getData().singletonOrThrow().toFloatArray());
        read.labels.add(batch.getLabels().singletonOrThrow().toLongArray());
      }
    }
    assertEquals(source.batchesPerEpoch(), read.data.size());
    return read;
  }

  private static void assertSame(Epoch a, Epoch b) {
    for (int i = 0; i < a.data.size(); i++) {
      assertArrayEquals(a.data.get(i), b.data.get(i), 0f);
      assertArrayEquals(a.labels.get(i), b.labels.get(i));
    }
  }

  /**
   * Returns the expected normalised value of channel c at row y and column x of an image. Places
   * outside of the image are black.
   */
  private static float expected(ImageSet set, BufferedImage image, int c, int y, int x) {
    boolean inside = y >= 0 && y < set.height() && x >= 0 && x < set.width();
    int value = inside ? image.getRGB(x, y) >> (16 - 8 * c) & 0xff : 0;
    Normalization n = set.normalization;
    return (value / 255f - n.mean().get(c)) / n.std().get(c);
  }

  @Test
  void trainingDependsOnSeedAndEpochAlone() {
    ImageSet set = ImageSet.of(pixels(50, 3, 32), TEN, COLOUR);
    BatchSource source = set.training(8, 7);
    Epoch third = read(source, 3);
    assertSame(third, read(source, 3));
    assertSame(third, read(set.training(8, 7), 3));
    assertFalse(Arrays.equals(third.data.get(0), read(source, 4).data.get(0)));
    assertFalse(Arrays.equals(third.data.get(0), read(set.training(8, 8), 3).data.get(0)));
  }

  @Test
  void trainingImagesAreCropsAndFlipsOfDistinctImages() {
    ImageSet set = ImageSet.of(pixels(60, 3, 32), TEN, COLOUR);
    Set<String> places = new HashSet<>();
    int flips = 0;
    int total = 0;
    for (int epoch = 0; epoch < 10; epoch++) {
      Epoch read = read(set.training(16, seed), epoch);
      Set<Integer> used = new HashSet<>();
      for (int b = 0; b < read.data.size(); b++) {
        for (int i = 0; i < 16; i++) {
          float[] image = Arrays.copyOfRange(read.data.get(b), i * 3072, (i + 1) * 3072);
          int[] found = find(set, image);
          assertTrue(used.add(found[0]), "an image came twice in an epoch");
          assertEquals(set.label(found[0]), read.labels.get(b)[i]);
          places.add(found[1] + "," + found[2]);
          flips += found[3];
          total++;
        }
      }
      assertEquals(48, used.size(), "three whole batches of 16 from 60 images");
    }
    System.out.printf("%d places of 81, %d of %d flipped%n", places.size(), flips, total);
    // A crop is at one of 81 places, 9 vertical times 9 horizontal ones. 480 random crops miss 0.2
    // of them on average. 240 images are flipped on average, with a standard deviation of 11.
    assertTrue(places.size() >= 75, "only " + places.size() + " of 81 crops occurred");
    assertTrue(Math.abs(flips - total / 2) < 66, flips + " of " + total + " were flipped");
  }

  /**
   * Finds which image of a set an augmented image is, how its crop was moved, and whether it was
   * flipped, by comparing it with all possibilities.
   *
   * @return the image's index, dy, dx, and 1 if it was flipped, else 0
   */
  private static int[] find(ImageSet set, float[] augmented) {
    for (int i = 0; i < set.size(); i++) {
      BufferedImage image = set.image(i);
      for (int place = 0; place < 162; place++) {
        int dy = place / 2 / 9 - 4;
        int dx = place / 2 % 9 - 4;
        boolean flip = place % 2 == 1;
        boolean same = true;
        for (int p = 0; same && p < augmented.length; p++) {
          // Starts in the middle of the image, where there is no padding, so that wrong
          // possibilities differ at once.
          int q = (p + 528) % augmented.length;
          int x = q % 32;
          int y = q / 32 % 32;
          int from = (flip ? 31 - x : x) + dx;
          same = augmented[q] == expected(set, image, q / 1024, y + dy, from);
        }
        if (same) {
          return new int[] {i, dy, dx, flip ? 1 : 0};
        }
      }
    }
    throw new AssertionError("no crop or flip of any image");
  }

  @Test
  void evaluationIsEveryImageInOrderUntouched() {
    ImageSet set = ImageSet.of(pixels(23, 3, 32), TEN, COLOUR);
    BatchSource source = set.evaluation(10);
    assertEquals(3, source.batchesPerEpoch());
    Epoch read = read(source, 0);
    assertSame(read, read(source, 5));
    assertEquals(3, read.labels.get(2).length);
    for (int i = 0; i < set.size(); i++) {
      assertEquals(set.label(i), read.labels.get(i / 10)[i % 10]);
      BufferedImage image = set.image(i);
      for (int p = 0; p < 3072; p++) {
        assertEquals(
            expected(set, image, p / 1024, p / 32 % 32, p % 32),
            read.data.get(i / 10)[i % 10 * 3072 + p]);
      }
    }
  }

  /**
   * Each pixel of a halved image is the mean of 2×2 pixels of the same image at 32×32, augmented in
   * the same way.
   */
  @Test
  void halvedImagesAreMeansOfFourPixels() {
    ImageSet set = ImageSet.of(pixels(23, 3, 32), TEN, COLOUR);
    ImageSet whole = set.prepared(Preparation.TRIVIAL_AUGMENT);
    ImageSet halved = set.prepared(Preparation.HALVED);
    for (boolean training : new boolean[] {true, false}) {
      Epoch of = read(training ? whole.training(5, seed) : whole.evaluation(5), 1);
      Epoch means = read(training ? halved.training(5, seed) : halved.evaluation(5), 1);
      for (int b = 0; b < of.data.size(); b++) {
        assertArrayEquals(of.labels.get(b), means.labels.get(b));
        float[] x = of.data.get(b);
        float[] half = means.data.get(b);
        assertEquals(x.length / 4, half.length);
        for (int p = 0; p < half.length; p++) {
          // The first of the four pixels; a channel has 256 pixels when halved, 1 024 before.
          int from = p / 256 * 1024 + p / 16 % 16 * 64 + p % 16 * 2;
          assertEquals((x[from] + x[from + 1] + x[from + 32] + x[from + 33]) / 4, half[p], 1e-5f);
        }
      }
    }
  }

  @Test
  void imageShowsTheStoredBytes() {
    Pixels pixels = pixels(3, 3, 32);
    ImageSet set = ImageSet.of(pixels, TEN, COLOUR);
    for (int p = 0; p < 3 * 3072; p++) {
      int rgb = set.image(p / 3072).getRGB(p % 32, p / 32 % 32);
      assertEquals(pixels.bytes()[p] & 0xff, rgb >> (16 - 8 * (p / 1024 % 3)) & 0xff);
    }
  }

  @Test
  void greyImagesAreCentredAndRepeated() {
    Pixels pixels = pixels(12, 1, 28);
    ImageSet grey = ImageSet.of(pixels, TEN, Normalization.FASHION_MNIST);
    ImageSet set = grey.asRgb32();
    assertEquals(List.of(3, 32, 32), List.of(set.channels(), set.height(), set.width()));
    assertEquals(List.of(1, 28, 28), List.of(grey.channels(), grey.height(), grey.width()));
    try (Batch batch = set.evaluation(100).epoch(manager, 0).iterator().next()) {
      assertEquals(new Shape(12, 3, 32, 32), batch.getData().head().getShape());
      float[] data = batch.getData().head().toFloatArray();
      for (int p = 0; p < data.length; p++) {
        int y = p / 32 % 32 - 2;
        int x = p % 32 - 2;
        boolean inside = y >= 0 && y < 28 && x >= 0 && x < 28;
        int value = inside ? pixels.bytes()[(p / 3072 * 28 + y) * 28 + x] & 0xff : 0;
        assertEquals((value / 255f - 0.2860f) / 0.3530f, data[p], 1e-6f);
      }
    }
    // In training, the crop moves the image together with its border.
    float[] augmented = read(set.training(1, seed), 0).data.get(0);
    assertTrue(find(set, augmented)[0] < 12);
    assertEquals(set, set.asRgb32());
    assertThrows(
        IllegalArgumentException.class,
        () -> ImageSet.of(pixels(1, 1, 40), TEN, Normalization.MNIST).asRgb32());
  }

  @Test
  void impossibleRequestsAreRefused() {
    ImageSet set = ImageSet.of(pixels(5, 3, 32), TEN, COLOUR);
    for (int size : new int[] {0, -1}) {
      assertThrows(IllegalArgumentException.class, () -> set.training(size, 0));
      assertThrows(IllegalArgumentException.class, () -> set.evaluation(size));
    }
    String message =
        assertThrows(IllegalArgumentException.class, () -> set.training(6, 0)).getMessage();
    assertTrue(message.startsWith("5 examples do not fill a batch of 6: "), message);
    assertThrows(IllegalArgumentException.class, () -> set.subset(6, 0));
    assertThrows(IllegalArgumentException.class, () -> set.subset(1, 0).split(0.5, 0));
    assertThrows(IllegalArgumentException.class, () -> set.training(5, 0).epoch(manager, -1));
  }

  @Test
  void iteratingDoesNotGrowMemory() throws Exception {
    Path statm = Path.of("/proc/self/statm");
    Assumptions.assumeTrue(Files.exists(statm), "skipped: no /proc/self/statm on this system");
    BatchSource source = ImageSet.of(pixels(1280, 3, 32), TEN, COLOUR).training(128, seed);
    long before = 0;
    long start = 0;
    for (int epoch = 0; epoch < 60; epoch++) {
      if (epoch == 10) {
        before = resident(statm);
        start = System.nanoTime();
      }
      for (Batch batch : source.epoch(manager, epoch)) {
        batch.close();
      }
    }
    double ms = (System.nanoTime() - start) / 1e6 / 500;
    long grown = (resident(statm) - before) >> 20;
    System.out.printf("a batch of 128 took %.2f ms; 500 batches grew memory %d MB%n", ms, grown);
    // A batch has 1.5 MB, so memory would grow by 750 MB if no batch were freed.
    assertTrue(grown < 150, "500 batches grew resident memory by " + grown + " MB");
  }

  /** Returns the resident memory of this process in bytes, with pages of 4 096 bytes. */
  private static long resident(Path statm) throws Exception {
    return Long.parseLong(Files.readString(statm).split(" ")[1]) * 4096;
  }
}
