package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests reading of image data sets of which one file is damaged. Reading must either fail with a
 * {@link DataException} that has a message, or return images with valid labels. If the format has a
 * checksum, reading must fail or return the undamaged images.
 */
class DamagedDataTest {

  @TempDir Path temp;

  /**
   * Reads a folder. Returns null if reading fails with a message; otherwise asserts that there are
   * images and that all labels are in range.
   */
  private static ImageDataset readable(Path folder) {
    try {
      ImageDataset data = ImageDataset.load(folder.toString());
      for (ImageSet set : new ImageSet[] {data.train(), data.test()}) {
        assertTrue(set.size() > 0);
        for (byte label : set.pixels.labels()) {
          assertTrue(Byte.toUnsignedInt(label) < data.classNames().size());
        }
      }
      return data;
    } catch (DataException e) {
      assertTrue(e.getMessage() != null && !e.getMessage().isBlank());
      return null;
    }
  }

  /** Asserts that reading a folder fails with a message or gives the images of {@code good}. */
  private void same(Path folder, ImageDataset good) {
    ImageDataset read = readable(folder);
    if (read != null) {
      assertArrayEquals(good.train().pixels.bytes(), read.train().pixels.bytes());
      assertArrayEquals(good.train().pixels.labels(), read.train().pixels.labels());
    }
  }

  @Test
  void idx() throws IOException {
    byte[] pixels = new byte[5 * 28 * 28];
    new Random(1).nextBytes(pixels);
    byte[] images = ImageBytes.idx(pixels, 5, 28, 28);
    byte[] labels = ImageBytes.idx(new byte[] {1, 2, 3, 4, 5}, 5);
    Path folder = Files.createDirectories(temp.resolve("idx"));
    for (String part : new String[] {"train", "t10k"}) {
      Files.write(folder.resolve(part + "-images-idx3-ubyte"), images);
      Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels);
    }
    ImageDataset good = readable(folder);
    Path file = folder.resolve("train-images-idx3-ubyte");
    Fuzz.damage("IDX", images, 20, bad -> readable(Files.write(file, bad).getParent()));
    // The same file gzipped, as it is published; gzip's checksum reveals any damage.
    Fuzz.damage(
        "IDX, gzipped",
        ImageBytes.gzip(images),
        10_000,
        bad -> same(Files.write(file, bad).getParent(), good));
    Files.write(file, images);
    Path other = folder.resolve("train-labels-idx1-ubyte");
    Fuzz.damage("IDX labels", labels, 100, bad -> readable(Files.write(other, bad).getParent()));
  }

  @Test
  void cifar() throws IOException {
    byte[] records = new byte[4 * 3073];
    new Random(1).nextBytes(records);
    for (int i = 0; i < 4; i++) {
      records[i * 3073] = (byte) i;
    }
    Path folder = Files.createDirectories(temp.resolve("cifar"));
    Files.write(folder.resolve("test_batch.bin"), records);
    Path file = folder.resolve("data_batch_1.bin");
    Fuzz.damage("CIFAR", records, 10_000, bad -> readable(Files.write(file, bad).getParent()));
    Files.write(file, records);
    Path names = folder.resolve("batches.meta.txt");
    byte[] lines = String.join("\n", Published.of("cifar10").classes()).getBytes();
    Fuzz.damage("CIFAR names", lines, 100, bad -> readable(Files.write(names, bad).getParent()));
  }

  @Test
  void mat() throws IOException {
    Path folder = SvhnTest.folder(temp.resolve("mat"));
    Path file = folder.resolve("train_32x32.mat");
    byte[] bytes = Files.readAllBytes(file);
    Fuzz.damage("MAT", bytes, 10_000, bad -> readable(Files.write(file, bad).getParent()));
  }
}
