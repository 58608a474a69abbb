package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Seed;
import grafs.SharedFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Image data sets in CIFAR-10's and MNIST's layouts are read as documented and named rightly, and
 * messages name missing and damaged files and say what to do.
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

  /** Asserts that a set has, from index {@code offset}, the labels and pixels of some records. */
  private static void assertHolds(ImageSet set, int offset, byte[] records) {
    for (int r = 0; r < records.length / RECORD; r++) {
      assertEquals(records[r * RECORD], set.label(offset + r));
      for (int p = 0; p < 3072; p++) {
        int rgb = set.image(offset + r).getRGB(p % 32, p / 32 % 32);
        assertEquals(records[r * RECORD + 1 + p] & 0xff, rgb >> (16 - 8 * (p / 1024)) & 0xff);
        p += 30; // Every 31st pixel covers all columns, rows and planes.
      }
    }
  }

  /** Returns the message of the exception that loading a folder throws. */
  private String error(Path folder) {
    String message =
        assertThrows(DataException.class, () -> ImageDataset.load(folder.toString())).getMessage();
    System.out.println(message);
    return message;
  }

  private static void assertSays(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
    }
  }

  @Test
  void readsFewerAndShorterCifarBatches() throws IOException {
    Path folder = cifarFolder("cifar-10-tiny");
    ImageDataset data = ImageDataset.load(folder.toString());
    assertEquals("cifar10-tiny", data.name());
    assertEquals(12, data.train().size());
    assertEquals(4, data.test().size());
    assertEquals("truck", data.classNames().get(9));
    assertHolds(data.train(), 0, Files.readAllBytes(folder.resolve("data_batch_1.bin")));
    assertHolds(data.train(), 7, Files.readAllBytes(folder.resolve("data_batch_3.bin")));
    assertHolds(data.test(), 0, Files.readAllBytes(folder.resolve("test_batch.bin")));
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
      assertSays(
          error(folder),
          "data_batch_3.bin has ",
          "3 073-byte records; put a whole one in its place");
    }
    byte[] garbage = good.clone();
    garbage[2 * RECORD] = 10;
    Files.write(batch, garbage);
    assertSays(error(folder), "data_batch_3.bin has label 10 for image 2");
    garbage[2 * RECORD] = (byte) 200;
    Files.write(batch, garbage);
    assertSays(error(folder), "has label 200");
    Files.delete(batch);
    Files.createDirectory(batch);
    assertSays(error(folder), "data_batch_3.bin");
    Files.delete(batch);
    Files.writeString(folder.resolve("batches.meta.txt"), "cat\ndog\n\n");
    assertSays(error(folder), "batches.meta.txt has 2 class names");
    Files.delete(folder.resolve("batches.meta.txt"));
    Files.delete(folder.resolve("test_batch.bin"));
    assertSays(error(folder), "lacks test_batch.bin");
    Files.write(folder.resolve("test_batch.bin"), good);
    Files.delete(folder.resolve("data_batch_1.bin"));
    assertSays(error(folder), "lacks data_batch_1.bin");
  }

  /** Returns a file in the IDX format, as {@link IdxFormat} describes it. */
  private static byte[] idx(int magic, int[] dimensions, byte[] data) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dimensions.length + data.length).putInt(magic);
    IntStream.of(dimensions).forEach(buffer::putInt);
    return buffer.put(data).array();
  }

  private static byte[] gzip(byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(data);
    }
    return bytes.toByteArray();
  }

  private byte[] images(int count) {
    byte[] data = new byte[count * 28 * 28];
    random.nextBytes(data);
    return idx(0x803, new int[] {count, 28, 28}, data);
  }

  private byte[] labels(int count) {
    byte[] data = new byte[count];
    IntStream.range(0, count).forEach(i -> data[i] = (byte) random.nextInt(10));
    return idx(0x801, new int[] {count}, data);
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
    assertSays(error(folder), "train-images-idx3-ubyte.gz is cut short or damaged");
    Files.write(images, new byte[0]);
    assertSays(error(folder), "train-images-idx3-ubyte.gz is cut short or damaged");
    packed[packed.length / 2] ^= 0x55;
    Files.write(images, packed);
    assertSays(error(folder), "train-images-idx3-ubyte.gz");
    Files.write(images, gzip(Arrays.copyOf(good, good.length - 1)));
    assertSays(error(folder), "has 4 703 bytes after its header, which says 4 704");
    Files.write(images, gzip(Arrays.copyOf(good, good.length + 1)));
    assertSays(error(folder), "has 4 705 bytes after its header, which says 4 704");
    Files.write(images, gzip(labels(6)));
    assertSays(error(folder), "starts with 00000801, expected 00000803");
    Files.write(images, gzip(idx(0x803, new int[] {Integer.MAX_VALUE, 1000, 1000}, new byte[9])));
    assertSays(error(folder), "has 9 bytes after its header");
    Files.write(images, gzip(idx(0x803, new int[] {6, -28, 28}, new byte[9])));
    assertSays(error(folder), "says dimension 1 is -28");
    Files.write(images, gzip(images(5)));
    assertSays(error(folder), "has 5 images, but train-labels-idx1-ubyte has 6 labels");
    Files.write(images, gzip(good));
    byte[] labels = labels(6);
    labels[8 + 2] = 77;
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labels);
    assertSays(error(folder), "train-labels-idx1-ubyte has label 77 for image 2");
    Files.delete(folder.resolve("train-labels-idx1-ubyte"));
    assertSays(error(folder), "lacks train-labels-idx1-ubyte");
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
    assertSays(error(folder), "lacks t10k-labels-idx1-ubyte");
  }

  @Test
  void deletingIsAdvisedOnlyWhereTheKitFetchesAgain() throws IOException {
    try (ProjectFolder project = new ProjectFolder(temp)) {
      for (String own : List.of("mnist", "elsewhere/fashion-mnist")) {
        Path folder = idxFolder(own);
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), new byte[5]);
        String said = error(folder);
        assertSays(said, "t10k-images-idx3-ubyte", "put a whole one in its place");
        assertTrue(!said.contains("delete"), said);
      }
      Path fetched = idxFolder("datasets/fashion-mnist");
      assertEquals(project.datasets("fashion-mnist"), fetched);
      Files.write(fetched.resolve("t10k-images-idx3-ubyte"), new byte[5]);
      assertSays(error(fetched), "delete it, and environment/lab data fashion-mnist fetches");
    }
  }

  @Test
  void unknownNamesAndFoldersWithoutDataAreRefused() throws IOException {
    for (String name : List.of("cifar11", "", "no/such/folder", "\0")) {
      String message =
          assertThrows(DataException.class, () -> ImageDataset.load(name)).getMessage();
      assertSays(message, "'" + name + "'", "cifar10, cifar100, fashion-mnist, svhn", "folder");
    }
    assertSays(error(Files.createDirectory(temp.resolve("empty"))), "has no data set");
    assertThrows(DataException.class, () -> ImageDataset.locate("cifar11"));
  }

  @Test
  void missingAndIncompleteCifarSaysWhatToPutWhere() throws IOException {
    try (ProjectFolder project = new ProjectFolder(temp)) {
      assertEquals(temp.toAbsolutePath(), ProjectHome.path());
      assertTrue(ImageDataset.locate("cifar10").isEmpty());
      String folder = project.datasets("cifar10").toString();
      String url = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";
      assertSays(error(Path.of("cifar10")), url, folder, "170 052 171 bytes", "test_batch.bin");
      Path files = cifarFolder("datasets/cifar10/cifar-10-batches-bin");
      String lacks = "lacks data_batch_2.bin, data_batch_4.bin, data_batch_5.bin";
      assertSays(error(Path.of("cifar10")), lacks, url);
      for (int i : new int[] {2, 4, 5}) {
        Files.write(files.resolve("data_batch_" + i + ".bin"), cifar(1));
      }
      assertSays(error(Path.of("cifar10")), "has 21 511 bytes, expected 30 730 000; delete it");
      System.setProperty(ProjectHome.PROPERTY, temp.resolve("nowhere").toString());
      assertSays(error(Path.of("cifar10")), "system property grafs.home", "not a folder");
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
