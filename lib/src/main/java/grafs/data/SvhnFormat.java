package grafs.data;

import static grafs.data.DataException.grouped;

import grafs.data.MatFile.Numbers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Reads the Street View House Numbers of Netzer et al. 2011 as cropped digits, their format 2. Each
 * file is a MATLAB 5 file with X, bytes of [32, 32, 3, n] with the row running fastest, and y, n
 * labels from 1 to 10, where 10 is the digit 0. See <a
 * href="http://ufldl.stanford.edu/housenumbers/">the data set's page</a>.
 */
final class SvhnFormat {

  private static final int SIDE = 32;
  private static final int IMAGE = 3 * SIDE * SIDE;

  private SvhnFormat() {}

  /** Reads one file. */
  static Pixels read(List<Path> files) throws IOException {
    Path file = files.get(0);
    Map<String, Numbers> mat;
    try {
      mat = MatFile.read(file, List.of("X", "y"));
    } catch (IOException | IndexOutOfBoundsException e) {
      throw broken(file, "is not a whole MATLAB 5 file (" + e + ")");
    }
    for (String name : List.of("X", "y")) {
      if (!mat.containsKey(name)) {
        throw broken(file, "has no numbers " + name + ", expected X and y");
      }
    }
    Numbers x = mat.get("X");
    // MATLAB drops a last dimension of 1.
    int[] shape = x.shape().length == 3 ? Arrays.copyOf(x.shape(), 4) : x.shape();
    int count = x.shape().length == 3 ? 1 : shape[shape.length - 1];
    if (!x.type().equals("uint8")
        || x.storage() != 2
        || count < 1
        || shape.length != 4
        || !Arrays.equals(shape, 0, 3, new int[] {SIDE, SIDE, 3}, 0, 3)
        || x.numbers().capacity() != (long) count * IMAGE) {
      throw broken(file, "has X of " + x + ", expected uint8 [32, 32, 3, n]");
    }
    byte[] bytes = new byte[count * IMAGE];
    for (int plane = 0; plane < bytes.length; plane += SIDE * SIDE) {
      for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
          bytes[plane + SIDE * row + column] = x.numbers().get(plane + row + SIDE * column);
        }
      }
    }
    return new Pixels(bytes, labels(mat.get("y"), count, file), 3, SIDE, SIDE);
  }

  private static byte[] labels(Numbers y, int count, Path file) {
    long elements = Arrays.stream(y.shape()).asLongStream().reduce(1, (a, b) -> a * b);
    if (y.type().startsWith("complex")
        || elements != count
        || y.width() == 0
        || y.numbers().capacity() != (long) count * y.width()) {
      throw broken(file, "has y of " + y + ", but X of " + grouped(count) + " images");
    }
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      double label = y.get(i);
      // Negated, so that NaN fails too.
      if (!(label >= 1 && label <= 10 && label == Math.rint(label))) {
        throw broken(
            file, "has label " + label + " for image " + grouped(i) + ", expected 1 to 10");
      }
      labels[i] = (byte) (label % 10);
    }
    return labels;
  }

  private static DataException broken(Path file, String what) {
    return ImageFiles.broken("SVHN", file, what);
  }
}
