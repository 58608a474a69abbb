package grafs.data;

import static grafs.data.DataErrors.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sink;
import us.hebi.matlab.mat.types.Sinks;

/**
 * Tests that SVHN's MATLAB files are read correctly, and that messages name missing or damaged
 * files. The files in the test resources were written by SciPy 1.17 with this program:
 *
 * <pre>
 * def save(file, labels, compress, squeeze=False):
 *     r, c, p, n = np.ogrid[:32, :32, :3, :len(labels)]
 *     x = ((5 * r + 3 * c + 70 * p + 11 * n) % 256).astype(np.uint8)
 *     y = np.array(labels, np.uint8)[:, None]
 *     savemat(file, {"X": x[..., 0] if squeeze else x, "y": y}, do_compression=compress)
 * save("train_32x32.mat", [10, 1, 9, 2, 5], True)
 * save("test_32x32.mat", [3, 10, 7], True)
 * save("one.mat", [4], False, True)
 * </pre>
 */
class SvhnTest {

  @TempDir Path temp;

  /** Returns the bytes of a file that the program above wrote. */
  static byte[] scipy(String name) throws IOException {
    try (InputStream in = SvhnTest.class.getResourceAsStream("svhn/" + name)) {
      return in.readAllBytes();
    }
  }

  /** {@return a folder with the two files of a data set in SVHN's layout} */
  static Path folder(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String name : List.of("train_32x32.mat", "test_32x32.mat")) {
      Files.write(folder.resolve(name), scipy(name));
    }
    return folder;
  }

  /**
   * Asserts that a set has these labels, and the pixels that the program in this class's
   * description computes.
   */
  private static void assertHolds(ImageSet set, int... labels) {
    assertEquals(labels.length, set.size());
    for (int i = 0; i < labels.length; i++) {
      assertEquals(labels[i], set.label(i));
      BufferedImage image = set.image(i);
      for (int p = 0; p < 3072; p++) {
        int row = p / 32 % 32;
        int column = p % 32;
        int plane = p / 1024;
        int expected = (5 * row + 3 * column + 70 * plane + 11 * i) % 256;
        int rgb = image.getRGB(column, row);
        assertEquals(expected, rgb >> (16 - 8 * plane) & 0xff, "image " + i + ", pixel " + p);
      }
    }
  }

  @Test
  void readsImagesUprightAndTenAsZero() throws IOException {
    Path folder = folder(temp.resolve("House-Numbers"));
    ImageDataset data = ImageDataset.load(folder.toString());
    assertEquals("house-numbers", data.name());
    assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), data.classNames());
    assertHolds(data.train(), 0, 1, 9, 2, 5);
    assertHolds(data.test(), 3, 0, 7);
    assertEquals(Normalization.SVHN, data.test().normalization);
  }

  @Test
  void readsAnUncompressedFileOfOneImage() throws IOException {
    Path folder = folder(temp.resolve("one"));
    Files.write(folder.resolve("train_32x32.mat"), scipy("one.mat"));
    assertHolds(ImageDataset.load(folder.toString()).train(), 4);
  }

  @Test
  void thePublishedSetIsFoundByNameAndChecked() throws IOException {
    try (ProjectFolder project = new ProjectFolder(temp)) {
      assertTrue(ImageDataset.locate("svhn").isEmpty());
      Path home = project.datasets("svhn");
      assertSays(
          "svhn",
          "SVHN core: " + home + " lacks train_32x32.mat",
          "environment/lab data svhn",
          "train_32x32.mat (182 040 794 bytes",
          "http://ufldl.stanford.edu/housenumbers/test_32x32.mat",
          home.toString());
      folder(home);
      assertEquals(home, ImageDataset.locate("svhn").orElseThrow());
      assertSays("svhn", "train_32x32.mat has 1 468 bytes, expected 182 040 794; delete it");
      assertEquals("svhn-partial", ImageDataset.load(home.toString()).name());
      try (RandomAccessFile sparse =
          new RandomAccessFile(home.resolve("train_32x32.mat").toFile(), "rw")) {
        sparse.setLength(182_040_794);
      }
      assertSays("svhn", "train_32x32.mat has SHA-256 ", "expected 435e94d6", "; delete it");
      Files.delete(home.resolve("test_32x32.mat"));
      assertTrue(ImageDataset.locate("svhn").isEmpty());
      assertSays(home, "lacks test_32x32.mat: a data set in SVHN core's layout has");
    }
  }

  @Test
  void filesCutShortAnywhereAreRefused() throws IOException {
    Path folder = folder(temp.resolve("cut"));
    for (String name : List.of("train_32x32.mat", "one.mat")) {
      byte[] good = scipy(name);
      // The last four bytes are not cut: in the compressed file they are a checksum after the data.
      for (int size = 0; size < good.length - 4; size += size < good.length - 40 ? 29 : 1) {
        Files.write(folder.resolve("train_32x32.mat"), Arrays.copyOf(good, size));
        assertSays(folder, "SVHN file", "train_32x32.mat", "; replace it by an undamaged copy");
      }
    }
  }

  private Path with(String file, Object... namesAndArrays) throws IOException {
    return with(ByteOrder.nativeOrder(), file, namesAndArrays);
  }

  /**
   * Makes a folder in SVHN's layout in which one file has other variables.
   *
   * @param order the byte order of that file
   * @param file its name
   * @param namesAndArrays the name of each variable, followed by its value
   */
  private Path with(ByteOrder order, String file, Object... namesAndArrays) throws IOException {
    Path folder = folder(temp.resolve("written"));
    Mat5File mat = Mat5.newMatFile();
    for (int i = 0; i < namesAndArrays.length; i += 2) {
      mat.addArray((String) namesAndArrays[i], (Array) namesAndArrays[i + 1]);
    }
    Files.delete(folder.resolve(file));
    try (Sink sink = Sinks.newStreamingFile(folder.resolve(file).toFile())) {
      sink.order(order);
      mat.writeTo(sink);
    }
    return folder;
  }

  /**
   * Returns a matrix whose first elements have these values, in MATLAB's order: column by column.
   */
  private static Matrix numbers(MatlabType type, int[] shape, double... values) {
    Matrix matrix = Mat5.newMatrix(shape, type);
    IntStream.range(0, values.length).forEach(i -> matrix.setDouble(i, values[i]));
    return matrix;
  }

  @Test
  void variablesOfAnotherNameShapeTypeOrValueAreNamed() throws IOException {
    String file = "train_32x32.mat";
    Matrix x = numbers(MatlabType.UInt8, new int[] {32, 32, 3, 2});
    Matrix y = numbers(MatlabType.UInt8, new int[] {2, 1}, 1, 10);
    assertEquals(2, ImageDataset.load(with(file, "X", x, "y", y).toString()).train().size());
    Matrix row = numbers(MatlabType.Double, new int[] {1, 2}, 2, 10);
    ImageSet labelled =
        ImageDataset.load(with(file, "more", x, "y", row, "X", x).toString()).train();
    assertArrayEquals(new int[] {2, 0}, new int[] {labelled.label(0), labelled.label(1)});

    String said = "is not a whole MATLAB 5 file with images X and labels y";
    assertSays(with(file, "x", x, "y", y), said);
    assertSays(with(file, "X", x, "labels", y), said);
    assertSays(with(file, "X", x, "y", Mat5.newString("12")), said);
    assertSays(with(file), said);
    for (int[] shape :
        new int[][] {{3, 32, 32, 2}, {2, 32, 32, 3}, {32, 32}, {32, 32, 3, 2, 1}, {32, 32, 3, 0}}) {
      Matrix other = numbers(MatlabType.UInt8, shape);
      assertSays(
          with(file, "X", other, "y", y),
          "has X of uint8 " + Arrays.toString(shape) + ", expected uint8 [32, 32, 3, n]");
    }
    Matrix doubles = numbers(MatlabType.Double, new int[] {32, 32, 3, 2});
    assertSays(with(file, "X", doubles, "y", y), "has X of double [32, 32, 3, 2]");
    assertSays(
        with(file, "X", x, "y", numbers(MatlabType.UInt8, new int[] {3, 1}, 1, 2, 3)),
        "has y of uint8 [3, 1], but X of 2 images");
    for (double label : new double[] {0, 11, 2.5, -1, Double.NaN}) {
      Matrix wrong = numbers(MatlabType.Double, new int[] {2, 1}, 1, label);
      assertSays(
          with("test_32x32.mat", "X", x, "y", wrong),
          "test_32x32.mat has label " + label + " for image 1, expected 1 to 10");
    }
  }

  @Test
  void labelsOfEveryTypeAndEitherByteOrderAreRead() throws IOException {
    Matrix x = numbers(MatlabType.UInt8, new int[] {32, 32, 3, 3}, 1, 2, 3);
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      for (MatlabType type :
          List.of(
              MatlabType.Double,
              MatlabType.Single,
              MatlabType.Int8,
              MatlabType.UInt8,
              MatlabType.Int16,
              MatlabType.UInt16,
              MatlabType.Int32,
              MatlabType.UInt32,
              MatlabType.Int64,
              MatlabType.UInt64)) {
        Matrix y = numbers(type, new int[] {3, 1}, 9, 10, 1);
        Path folder = with(order, "train_32x32.mat", "X", x, "y", y);
        String first = new String(Files.readAllBytes(folder.resolve("train_32x32.mat")), 126, 1);
        assertEquals(order == ByteOrder.BIG_ENDIAN ? "M" : "I", first);
        ImageSet read = ImageDataset.load(folder.toString()).train();
        assertArrayEquals(
            new int[] {9, 0, 1}, IntStream.range(0, 3).map(read::label).toArray(), type + "");
        assertEquals(2, read.image(0).getRGB(0, 1) >> 16 & 0xff, "the second byte");
      }
    }
  }

  @Test
  void otherFormatsAreRefused() throws IOException {
    Path folder = folder(temp.resolve("other"));
    Path file = folder.resolve("test_32x32.mat");
    Files.writeString(file, "<html>404 Not Found</html>".repeat(50));
    assertSays(
        folder, "test_32x32.mat is not a whole MATLAB 5 file", "; replace it by an undamaged copy");
    // A MATLAB 7.3 file is an HDF5 file after a header of 512 bytes.
    byte[] hdf5 = new byte[2048];
    byte[] header = "MATLAB 7.3 MAT-file, Platform: GLNXA64".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(header, 0, hdf5, 0, header.length);
    hdf5[125] = 2;
    hdf5[126] = 'I';
    hdf5[127] = 'M';
    byte[] signature = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    System.arraycopy(signature, 0, hdf5, 512, signature.length);
    Files.write(file, hdf5);
    assertSays(folder, "is not a whole MATLAB 5 file", "7.3");
    Files.write(file, Arrays.copyOfRange(hdf5, 512, 2048));
    assertSays(folder, "is not a whole MATLAB 5 file");
    Files.delete(file);
    Files.createDirectory(file);
    assertSays(folder, "test_32x32.mat");
  }
}
