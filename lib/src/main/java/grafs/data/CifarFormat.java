package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads CIFAR-10 and CIFAR-100 in their official binary layouts: records of a label byte (for
 * CIFAR-100 two, of which the second, the fine label, is used) and 3 072 bytes of red, green and
 * blue planes of 32×32. See <a href="https://www.cs.toronto.edu/~kriz/cifar.html">the data sets'
 * page</a>.
 */
final class CifarFormat {

  private static final int IMAGE = 3 * 32 * 32;

  private CifarFormat() {}

  static Pixels cifar10(List<Path> files) throws IOException {
    return read("CIFAR-10", files, 1, 10);
  }

  static Pixels cifar100(List<Path> files) throws IOException {
    return read("CIFAR-100", files, 2, 100);
  }

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
    byte[] images = new byte[Math.toIntExact(count * IMAGE)];
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
