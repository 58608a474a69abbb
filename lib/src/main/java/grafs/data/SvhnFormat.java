package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;

/**
 * Reads SVHN, the Street View House Numbers of Netzer et al. 2011, in the format of cropped digits.
 * A file is a MATLAB 5 file with two variables. X has the pixels of n images, as bytes [row,
 * column, channel, image] of shape [32, 32, 3, n]; from one byte to the next, the row changes
 * fastest. y has n labels from 1 to 10, where 10 is the digit 0. See <a
 * href="http://ufldl.stanford.edu/housenumbers/">the data set's page</a>.
 */
final class SvhnFormat {

  private static final int SIDE = 32;
  private static final int IMAGE = 3 * SIDE * SIDE;

  private SvhnFormat() {}

  /**
   * Reads the images and labels of a file.
   *
   * @param files a list of one file
   * @return images of [3, 32, 32], with the digits 0 to 9 as labels
   * @throws DataException if the file is damaged, of another format, or cannot be read
   */
  static Pixels read(List<Path> files) {
    Path file = files.get(0);
    try (Source source = Sources.openFile(file.toFile())) {
      Mat5File mat =
          Mat5.newReader(source)
              .disableSubsystemProcessing()
              .setEntryFilter(e -> List.of("X", "y").contains(e.getName()))
              .readMat();
      byte[] images = images(mat.getMatrix("X"), file);
      byte[] labels = labels(mat.getMatrix("y"), images.length / IMAGE, file);
      return new Pixels(images, labels, 3, SIDE, SIDE);
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw broken(file, "is not a whole MATLAB 5 file with images X and labels y (" + e + ")");
    }
  }

  /**
   * {@return the pixels of X as bytes [image, channel, row, column]; from one byte to the next, the
   * column changes fastest}
   */
  private static byte[] images(Matrix x, Path file) {
    int[] shape = x.getDimensions();
    int count = x.getNumElements() / IMAGE;
    // MATLAB drops a last dimension of length 1, so a file of one image has three dimensions.
    int[] expected = Arrays.copyOf(new int[] {SIDE, SIDE, 3, count}, shape.length == 3 ? 3 : 4);
    if (x.getType() != MatlabType.UInt8 || count < 1 || !Arrays.equals(shape, expected)) {
      throw broken(file, "has X of " + form(x) + ", expected uint8 [32, 32, 3, n]");
    }
    byte[] bytes = new byte[count * IMAGE];
    for (int i = 0; i < bytes.length; i++) {
      int plane = i - i % (SIDE * SIDE);
      bytes[i] = x.getByte(plane + i / SIDE % SIDE + SIDE * (i % SIDE));
    }
    return bytes;
  }

  /** {@return the labels of y, with label 10 replaced by 0} */
  private static byte[] labels(Matrix y, int count, Path file) {
    if (y.getNumElements() != count) {
      throw broken(file, "has y of " + form(y) + ", but X of " + grouped(count) + " images");
    }
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      double label = y.getDouble(i);
      // Written as a negation, so that NaN is refused too.
      if (!(label >= 1 && label <= 10 && label == Math.rint(label))) {
        throw broken(
            file, "has label " + label + " for image " + grouped(i) + ", expected 1 to 10");
      }
      labels[i] = (byte) (label % 10);
    }
    return labels;
  }

  /** Returns a matrix's type and shape for a message, such as {@code uint8 [32, 32, 3, 5]}. */
  private static String form(Matrix matrix) {
    return matrix.getType() + " " + Arrays.toString(matrix.getDimensions());
  }

  private static DataException broken(Path file, String what) {
    return ImageFiles.broken("SVHN", file, what);
  }
}
