package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads CIFAR-10 and CIFAR-100 in their official binary layouts. A file is a sequence of records. A
 * record of CIFAR-10 begins with one label byte. A record of CIFAR-100 begins with two: the coarse
 * label, one of 20 groups of classes, which is not used; and the fine label, one of 100 classes.
 * Then come the red, the green and the blue plane of the image, 32×32 bytes each, row by row. See
 * <a href="https://www.cs.toronto.edu/~kriz/cifar.html">the data sets' page</a>.
 */
final class CifarFormat {

  /** The number of bytes of an image. */
  private static final int IMAGE = 3 * 32 * 32;

  private CifarFormat() {}

  static Pixels cifar10(List<Path> files) throws IOException {
    return read("CIFAR-10", files, 1, 10);
  }

  static Pixels cifar100(List<Path> files) throws IOException {
    return read("CIFAR-100", files, 2, 100);
  }

  /**
   * Reads all records of the given files, in the order of the files.
   *
   * @param kind the data set's name, for messages
   * @param labelBytes the number of label bytes in a record; the last of them is the label
   * @param classes the number of classes
   * @throws DataException if a file is empty or cut short, a label is not less than {@code
   *     classes}, or the images of all files together are too large for one array
   */
  private static Pixels read(String kind, List<Path> files, int labelBytes, int classes)
      throws IOException {
    int record = labelBytes + IMAGE;
    long count = 0;
    for (Path file : files) {
      long size = Files.size(file);
      if (size == 0 || size % record != 0) {
        String what = "has %s bytes, which is not a whole number of %s-byte records";
        throw ImageFiles.broken(kind, file, what.formatted(grouped(size), grouped(record)));
      }
      count += size / record;
    }
    if (count * IMAGE > Integer.MAX_VALUE) {
      String what =
          "and the other files have %s images together, more than fit in memory at once: %s";
      throw ImageFiles.broken(
          kind, files.get(0), what.formatted(grouped(count), grouped(Integer.MAX_VALUE / IMAGE)));
    }
    byte[] images = new byte[(int) (count * IMAGE)];
    byte[] labels = new byte[(int) count];
    int n = 0;
    for (Path file : files) {
      byte[] records = Files.readAllBytes(file);
      for (int at = 0; at < records.length; at += record, n++) {
        int label = Byte.toUnsignedInt(records[at + labelBytes - 1]);
        labels[n] = ImageFiles.label(label, classes, at / record, kind, file);
        System.arraycopy(records, at + labelBytes, images, n * IMAGE, IMAGE);
      }
    }
    return new Pixels(images, labels, 3, 32, 32);
  }
}
