package grafs.data;

import static grafs.data.DataErrors.assertSays;
import static grafs.data.ImageBytes.assertHolds;
import static grafs.data.ImageBytes.gzip;
import static grafs.data.ImageBytes.idx;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Seed;
import grafs.SharedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that {@link ImageDataset} reads files in CIFAR-10's and MNIST's layouts correctly and gives
 * the data sets the right names, and that messages name missing and damaged files and say what to
 * do.
 */
@ExtendWith(Seed.class)
class ImageDatasetTest {

  /** The bytes of a record of CIFAR-10: a label, and three planes of 32×32 pixels. */
  private static final int RECORD = 3073;

  @TempDir Path temp;

  private final Random random = new Random(Seed.get());

  /** Returns random records of CIFAR-10. */
  private byte[] cifar(int records) {
    byte[] bytes = new byte[records * RECORD];
    random.nextBytes(bytes);
    for (int r = 0; r < records; r++) {
      bytes[r * RECORD] = (byte) random.nextInt(10);
    }
    return bytes;
  }

  private Path cifarFolder(String name) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    Files.write(folder.resolve("data_batch_1.bin"), cifar(7));
    Files.write(folder.resolve("data_batch_3.bin"), cifar(5));
    Files.write(folder.resolve("test_batch.bin"), cifar(4));
    return folder;
  }

  @Test
  void readsFewerAndShorterCifarBatches() throws IOException {
    Path folder = cifarFolder("cifar-10-tiny");
    ImageDataset data = ImageDataset.load(folder.toString());
    assertEquals("cifar10-tiny", data.name());
    assertEquals(12, data.train().size());
    assertEquals(4, data.test().size());
    assertEquals("truck", data.classNames().get(9));
    assertHolds(data.train(), 0, Files.readAllBytes(folder.resolve("data_batch_1.bin")), 1);
    assertHolds(data.train(), 7, Files.readAllBytes(folder.resolve("data_batch_3.bin")), 1);
    assertHolds(data.test(), 0, Files.readAllBytes(folder.resolve("test_batch.bin")), 1);
  }

  @Test
  void onlyAllOfAPublishedSetHasItsName() throws IOException {
    for (String name : List.of("cifar10", "cifar-10", "cifar-10-batches-bin")) {
      assertEquals("cifar10-partial", ImageDataset.load(cifarFolder(name).toString()).name());
    }
    assertEquals("mine", ImageDataset.load(cifarFolder("mine").resolve("x/..").toString()).name());
    Path archive = temp.resolve("archive");
    Files.createDirectories(archive);
    Files.move(cifarFolder("moved"), archive.resolve("cifar-10-batches-bin"));
    assertEquals("archive", ImageDataset.load(archive.toString()).name());
  }

  @Test
  void brokenCifarFilesAreNamed() throws IOException {
    Path folder = cifarFolder("cifar-10-broken");
    Path batch = folder.resolve("data_batch_3.bin");
    byte[] good = Files.readAllBytes(batch);
    for (int size : new int[] {0, 1, good.length - 1, good.length + 1}) {
      Files.write(batch, Arrays.copyOf(good, size));
      assertSays(folder, "data_batch_3.bin has ", "3 073-byte records; replace it by");
    }
    byte[] garbage = good.clone();
    garbage[2 * RECORD] = 10;
    Files.write(batch, garbage);
    assertSays(folder, "data_batch_3.bin has label 10 for image 2");
    garbage[2 * RECORD] = (byte) 200;
    Files.write(batch, garbage);
    assertSays(folder, "has label 200");
    Files.delete(batch);
    Files.createDirectory(batch);
    assertSays(folder, "data_batch_3.bin");
    Files.delete(batch);
    Files.writeString(folder.resolve("batches.meta.txt"), "cat\ndog\n\n");
    assertSays(folder, "batches.meta.txt has 2 class names");
    Files.delete(folder.resolve("batches.meta.txt"));
    Files.delete(folder.resolve("test_batch.bin"));
    assertSays(folder, "lacks test_batch.bin");
    Files.write(folder.resolve("test_batch.bin"), good);
    Files.delete(folder.resolve("data_batch_1.bin"));
    assertSays(folder, "lacks data_batch_1.bin");
  }

  private byte[] images(int count) {
    byte[] data = new byte[count * 28 * 28];
    random.nextBytes(data);
    return idx(data, count, 28, 28);
  }

  private byte[] labels(int count) {
    byte[] data = new byte[count];
    IntStream.range(0, count).forEach(i -> data[i] = (byte) random.nextInt(10));
    return idx(data, count);
  }

  private Path idxFolder(String name) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    Files.write(folder.resolve("train-images-idx3-ubyte.gz"), gzip(images(6)));
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labels(6));
    Files.write(folder.resolve("t10k-images-idx3-ubyte"), images(3));
    Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), gzip(labels(3)));
    return folder;
  }

  @Test
  void readsIdxFilesGzippedOrNot() throws IOException {
    Path folder = idxFolder("my-fashion");
    ImageDataset data = ImageDataset.load(folder.toString());
    assertEquals("my-fashion", data.name());
    assertEquals(6, data.train().size());
    assertEquals(3, data.test().size());
    assertEquals("Ankle boot", data.classNames().get(9));
    byte[] images = Files.readAllBytes(folder.resolve("t10k-images-idx3-ubyte"));
    byte[] labels = Files.readAllBytes(folder.resolve("train-labels-idx1-ubyte"));
    for (int i = 0; i < 6; i++) {
      assertEquals(labels[8 + i], data.train().label(i));
    }
    for (int p = 0; p < 3 * 784; p++) {
      int rgb = data.test().image(p / 784).getRGB(p % 28, p / 28 % 28);
      assertEquals((images[16 + p] & 0xff) * 0x010101, rgb & 0xffffff);
    }
    assertEquals("mnist-partial", ImageDataset.load(idxFolder("mnist").toString()).name());
    assertEquals(
        "fashion-mnist-partial", ImageDataset.load(idxFolder("fashion-mnist").toString()).name());
  }

  @Test
  void brokenIdxFilesAreNamed() throws IOException {
    Path folder = idxFolder("broken");
    Path images = folder.resolve("train-images-idx3-ubyte.gz");
    byte[] good = images(6);
    byte[] packed = gzip(good);
    Files.write(images, Arrays.copyOf(packed, packed.length / 2));
    assertSays(folder, "train-images-idx3-ubyte.gz is cut short or damaged");
    Files.write(images, new byte[0]);
    assertSays(folder, "train-images-idx3-ubyte.gz is cut short or damaged");
    packed[packed.length / 2] ^= 0x55;
    Files.write(images, packed);
    assertSays(folder, "train-images-idx3-ubyte.gz");
    Files.write(images, gzip(Arrays.copyOf(good, good.length - 1)));
    assertSays(folder, "has 4 703 bytes after its header", "the dimensions are [6, 28, 28]");
    Files.write(images, gzip(Arrays.copyOf(good, good.length + 1)));
    assertSays(folder, "has 4 705 bytes after its header");
    Files.write(images, gzip(labels(6)));
    assertSays(folder, "starts with 00000801, expected 00000803");
    Files.write(images, gzip(idx(new byte[9], Integer.MAX_VALUE, 1000, 1000)));
    assertSays(folder, "has 9 bytes after its header");
    // The product of these dimensions is 2⁶⁴, which is 0 as a long.
    Files.write(images, gzip(idx(new byte[0], 1 << 24, 1 << 20, 1 << 20)));
    assertSays(folder, "has 0 bytes after its header");
    Files.write(images, gzip(idx(new byte[9], 6, -28, 28)));
    assertSays(folder, "says dimension 1 is -28");
    Files.write(images, gzip(images(5)));
    assertSays(folder, "has 5 images, but train-labels-idx1-ubyte has 6 labels");
    Files.write(images, gzip(good));
    byte[] labels = labels(6);
    labels[8 + 2] = 77;
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labels);
    assertSays(folder, "train-labels-idx1-ubyte has label 77 for image 2");
    Files.delete(folder.resolve("train-labels-idx1-ubyte"));
    assertSays(folder, "lacks train-labels-idx1-ubyte");
  }

  @Test
  void otherIdxFilesAreNotFashionMnist() throws IOException {
    Path folder = idxFolder("fashion-mnist");
    String said =
        assertThrows(DataException.class, () -> ImageFiles.FASHION_MNIST.readPublished(folder))
            .getMessage();
    assertTrue(said.contains("train-images-idx3-ubyte.gz is not the published one"), said);
    assertTrue(said.contains("expected c59f468a"), said);
  }

  @Test
  void readsIdxFilesAsOthersPassThemOn() throws IOException {
    byte[] train = images(6);
    byte[] trainLabels = labels(6);
    byte[] test = images(3);
    byte[] testLabels = labels(3);
    Path folder = Files.createDirectories(temp.resolve("passed-on"));
    // These files vary the published names: a dot in place of a hyphen, a folder with the file's
    // name, a gzipped file without .gz, and a file with .gz that is not gzipped.
    Files.write(folder.resolve("train-images.idx3-ubyte"), gzip(train));
    Path labels = Files.createDirectory(folder.resolve("train-labels-idx1-ubyte"));
    Files.write(labels.resolve("train-labels.idx1-ubyte"), trainLabels);
    Files.write(folder.resolve("t10k-images-idx3-ubyte.gz"), test);
    Files.createDirectory(folder.resolve("t10k-labels-idx1-ubyte"));
    Files.write(folder.resolve("t10k-labels.idx1-ubyte.gz"), gzip(testLabels));
    ImageDataset data = ImageDataset.load(folder.toString());
    ImageSet[] sets = {data.train(), data.test()};
    byte[][] images = {train, test};
    byte[][] wanted = {trainLabels, testLabels};
    for (int s = 0; s < 2; s++) {
      assertEquals(wanted[s].length - 8, sets[s].size());
      for (int i = 0; i < sets[s].size(); i++) {
        assertEquals(wanted[s][8 + i], sets[s].label(i));
        int rgb = sets[s].image(i).getRGB(5, 7) & 0xff;
        assertEquals(images[s][16 + 784 * i + 7 * 28 + 5] & 0xff, rgb);
      }
    }
    Files.delete(folder.resolve("t10k-labels.idx1-ubyte.gz"));
    assertSays(folder, "lacks t10k-labels-idx1-ubyte");
  }

  @Test
  void deletingIsAdvisedOnlyWhereTheKitFetchesAgain() throws IOException {
    try (ProjectFolder project = new ProjectFolder(temp)) {
      for (String own : List.of("mnist", "elsewhere/fashion-mnist")) {
        Path folder = idxFolder(own);
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), new byte[5]);
        String said = assertSays(folder, "t10k-images-idx3-ubyte", "; replace it by");
        assertTrue(!said.contains("delete"), said);
      }
      Path fetched = idxFolder("datasets/fashion-mnist");
      assertEquals(project.datasets("fashion-mnist"), fetched);
      Files.write(fetched.resolve("t10k-images-idx3-ubyte"), new byte[5]);
      assertSays(fetched, "delete it, and environment/lab data fashion-mnist fetches");
    }
  }

  @Test
  void unknownNamesAndFoldersWithoutDataAreRefused() throws IOException {
    for (String name : List.of("cifar11", "", "no/such/folder", "\0")) {
      assertSays(name, "'" + name + "'", "cifar10, cifar100, fashion-mnist, svhn", "folder");
    }
    assertSays(Files.createDirectory(temp.resolve("empty")), "has no data set");
    assertThrows(DataException.class, () -> ImageDataset.locate("cifar11"));
  }

  @Test
  void missingAndIncompleteCifarSaysWhatToPutWhere() throws IOException {
    try (ProjectFolder project = new ProjectFolder(temp)) {
      assertEquals(temp.toAbsolutePath(), ProjectHome.path());
      assertTrue(ImageDataset.locate("cifar10").isEmpty());
      String folder = project.datasets("cifar10").toString();
      String url = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";
      assertSays("cifar10", url, folder, "170 052 171 bytes", "test_batch.bin");
      Path files = cifarFolder("datasets/cifar10/cifar-10-batches-bin");
      String lacks = "lacks data_batch_2.bin, data_batch_4.bin, data_batch_5.bin";
      assertSays("cifar10", lacks, url);
      for (int i : new int[] {2, 4, 5}) {
        Files.write(files.resolve("data_batch_" + i + ".bin"), cifar(1));
      }
      assertSays("cifar10", "has 21 511 bytes, expected 30 730 000; delete it");
      System.setProperty(ProjectHome.PROPERTY, temp.resolve("nowhere").toString());
      assertSays("cifar10", "system property grafs.home", "not a folder");
    }
  }

  @Test
  void fashionMnistIsWhole() {
    Assumptions.assumeTrue(
        ImageDataset.locate("fashion-mnist").isPresent(), "skipped: no Fashion-MNIST here");
    ImageDataset data = ImageDataset.load("fashion-mnist");
    assertEquals("fashion-mnist", data.name());
    assertArrayEquals(IntStream.generate(() -> 6000).limit(10).toArray(), counts(data.train()));
    assertArrayEquals(IntStream.generate(() -> 1000).limit(10).toArray(), counts(data.test()));
    assertEquals(28, data.train().height());
    assertEquals(32, data.asRgb32().test().width());
  }

  @Test
  void cifarPhotographsThroughJpegKeepTheirOwnName() {
    Path folder = SharedFolder.require("data/cifar-10-jpeg");
    ImageDataset data = ImageDataset.load(folder.toString());
    assertEquals("cifar10-jpeg", data.name());
    assertEquals(10_000, data.train().size());
    assertEquals(2_000, data.test().size());
    assertEquals("airplane", data.classNames().get(0));
  }

  /** Returns the number of images of each class. */
  private static int[] counts(ImageSet set) {
    int[] counts = new int[set.classNames().size()];
    IntStream.range(0, set.size()).forEach(i -> counts[set.label(i)]++);
    return counts;
  }
}
