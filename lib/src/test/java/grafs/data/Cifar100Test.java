package grafs.data;

import static grafs.data.DataErrors.assertSays;
import static grafs.data.ImageBytes.assertHolds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Seed;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that {@link ImageDataset} reads files in CIFAR-100's binary layout correctly, and that
 * messages name missing or damaged files.
 */
@ExtendWith(Seed.class)
class Cifar100Test {

  /** The bytes of a record: a coarse label, a fine label, and three planes of 32×32 pixels. */
  private static final int RECORD = 3074;

  @TempDir Path temp;

  private final Random random = new Random(Seed.get());

  /** Returns random records with coarse labels below 20 and fine labels from 20 to 99. */
  private byte[] records(int count) {
    byte[] bytes = new byte[count * RECORD];
    random.nextBytes(bytes);
    for (int r = 0; r < count; r++) {
      bytes[r * RECORD] = (byte) random.nextInt(20);
      bytes[r * RECORD + 1] = (byte) (20 + random.nextInt(80));
    }
    return bytes;
  }

  private Path folder(String name) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    Files.write(folder.resolve("train.bin"), records(9));
    Files.write(folder.resolve("test.bin"), records(4));
    return folder;
  }

  @Test
  void readsFineLabelsAndPlanes() throws IOException {
    Path folder = folder("some");
    ImageDataset data = ImageDataset.load(folder.toString());
    assertEquals("some", data.name());
    assertEquals(9, data.train().size());
    assertEquals(4, data.test().size());
    assertHolds(data.train(), 0, Files.readAllBytes(folder.resolve("train.bin")), 2);
    assertHolds(data.test(), 0, Files.readAllBytes(folder.resolve("test.bin")), 2);
    assertEquals(Normalization.CIFAR100, data.train().normalization);
  }

  @Test
  void namesAreTheFilesOrElseThePublishedOnes() throws IOException {
    Path folder = folder("some");
    ImageDataset data = ImageDataset.load(folder.toString());
    assertEquals(100, data.classNames().stream().distinct().count());
    // The published names are in alphabetical order, from apple to worm.
    assertEquals(data.classNames().stream().sorted().toList(), data.classNames());
    assertEquals("apple", data.classNames().get(0));
    assertEquals("mountain", data.classNames().get(49));
    assertEquals("worm", data.classNames().get(99));
    String own =
        IntStream.range(0, 100).mapToObj(i -> "class " + i).collect(Collectors.joining("\n"));
    Files.writeString(folder.resolve("fine_label_names.txt"), own + "\n\n");
    assertEquals("class 77", ImageDataset.load(folder.toString()).classNames().get(77));
  }

  @Test
  void onlyAllOfThePublishedSetHasItsName() throws IOException {
    for (String name : new String[] {"cifar100", "CIFAR-100", "cifar-100-binary"}) {
      assertEquals("cifar100-partial", ImageDataset.load(folder(name).toString()).name());
    }
    assertEquals("cifar100-tiny", ImageDataset.load(folder("cifar-100-tiny").toString()).name());
    // This set has as many images as CIFAR-10, but the classes of CIFAR-100.
    Path other = Files.createDirectories(temp.resolve("cifar-10"));
    resize(other.resolve("train.bin"), 50_000);
    resize(other.resolve("test.bin"), 10_000);
    assertEquals("cifar10-partial", ImageDataset.load(other.toString()).name());
  }

  /**
   * Sets the size of a file to this many records. Bytes that are added are zeros, which a sparse
   * file does not store.
   */
  private static void resize(Path file, long records) throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(records * RECORD);
    }
  }

  @Test
  void thePublishedSetIsFoundByNameAndChecked() throws IOException {
    try (ProjectFolder project = new ProjectFolder(temp)) {
      assertTrue(ImageDataset.locate("cifar100").isEmpty());
      Path home = project.datasets("cifar100");
      String url = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz";
      assertSays(
          "cifar100", "lacks train.bin, test.bin", "lab data cifar100", url, home.toString());
      Path files = folder("datasets/cifar100/cifar-100-binary");
      assertEquals(files, ImageDataset.locate("cifar100").orElseThrow());
      assertSays("cifar100", "train.bin has 27 666 bytes, expected 153 700 000; delete it");
      resize(files.resolve("train.bin"), 50_000);
      assertSays("cifar100", "test.bin has 12 296 bytes, expected 30 740 000; delete it");
      resize(files.resolve("test.bin"), 10_000);
      // No checksums of these two files are published, so only their sizes are compared.
      ImageDataset data = ImageDataset.load("cifar100");
      assertEquals("cifar100", data.name());
      assertEquals(50_000, data.train().size());
      assertEquals("cifar100", ImageDataset.load(files.toString()).name());
      Files.delete(files.resolve("test.bin"));
      assertSays("cifar100", "lacks test.bin. To fetch it: environment/lab data cifar100", url);
    }
  }

  @Test
  void brokenFilesAreNamed() throws IOException {
    Path folder = folder("broken");
    Path train = folder.resolve("train.bin");
    byte[] good = Files.readAllBytes(train);
    for (int size : new int[] {0, 1, good.length - 1, good.length + 1}) {
      Files.write(train, Arrays.copyOf(good, size));
      assertSays(folder, "train.bin has ", "3 074-byte records; replace it by an undamaged copy");
    }
    byte[] garbage = good.clone();
    garbage[2 * RECORD + 1] = 100;
    Files.write(train, garbage);
    assertSays(folder, "CIFAR-100 file", "train.bin has label 100 for image 2, expected 0 to 99");
    Files.write(train, good);
    Files.writeString(folder.resolve("fine_label_names.txt"), "apple\n");
    assertSays(folder, "fine_label_names.txt has 1 class names, one a line, expected 100");
    Files.delete(folder.resolve("fine_label_names.txt"));
    Files.delete(folder.resolve("test.bin"));
    assertSays(folder, "lacks test.bin", "CIFAR-100's layout has train.bin, test.bin");
    Files.delete(train);
    Files.write(folder.resolve("test.bin"), good);
    assertSays(folder, "lacks train.bin");
  }
}
