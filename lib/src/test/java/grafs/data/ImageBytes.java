package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** Makes and compares the bytes of image files for tests. */
final class ImageBytes {

  private ImageBytes() {}

  /**
   * Returns the content of a file in the IDX format, that of MNIST: a header with the lengths of
   * the dimensions, then the data.
   */
  static byte[] idx(byte[] data, int... dimensions) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dimensions.length + data.length);
    buffer.putInt(0x800 | dimensions.length);
    IntStream.of(dimensions).forEach(buffer::putInt);
    return buffer.put(data).array();
  }

  static byte[] gzip(byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(data);
    }
    return bytes.toByteArray();
  }

  /**
   * Asserts that a set has, from index {@code offset}, the labels and pixels of some records in
   * CIFAR's layout.
   *
   * @param labelBytes the number of label bytes in a record, of which the last one is the label
   */
  static void assertHolds(ImageSet set, int offset, byte[] records, int labelBytes) {
    int record = labelBytes + 3072;
    for (int r = 0; r < records.length / record; r++) {
      int start = r * record + labelBytes;
      assertEquals(records[start - 1], set.label(offset + r));
      // Compares every 31st value only; these values cover all columns, rows and planes.
      for (int p = 0; p < 3072; p += 31) {
        int rgb = set.image(offset + r).getRGB(p % 32, p / 32 % 32);
        assertEquals(records[start + p] & 0xff, rgb >> (16 - 8 * (p / 1024)) & 0xff);
      }
    }
  }
}
