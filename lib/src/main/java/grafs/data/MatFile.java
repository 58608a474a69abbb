package grafs.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Reads arrays of numbers from a MATLAB 5 file, compressed or not.
 *
 * <p>After a header of 128 bytes, which ends with the byte order, such a file is a row of elements:
 * a type and a size of 32 bits each, then the content. A small element has both in one word, and
 * its content in the next. An array is an element of elements: flags, shape, name, numbers. See
 * MathWorks, <em>MAT-File Format</em>.
 */
final class MatFile {

  private static final int HEADER = 128;
  private static final int ARRAY = 14;
  private static final int COMPRESSED = 15;
  private static final int COMPLEX = 0x800;

  /** What MATLAB calls its arrays of numbers: class 6 and those after it. */
  private static final List<String> CLASSES =
      List.of(
          "double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
          "uint64");

  /**
   * An array of numbers; the first dimension runs fastest.
   *
   * @param type such as {@code uint8} or {@code complex double}
   * @param shape its dimensions
   * @param storage the type in which the file has the numbers, which may be a smaller one
   * @param numbers the numbers; of complex ones, the real parts
   */
  record Numbers(String type, int[] shape, int storage, ByteBuffer numbers) {

    /** {@return how many bytes a stored number has, or 0 if the storage is no type of numbers} */
    int width() {
      return switch (storage) {
        case 1, 2 -> 1;
        case 3, 4 -> 2;
        case 5, 6, 7 -> 4;
        case 9, 12, 13 -> 8;
        default -> 0;
      };
    }

    /** {@return a number, by its place} */
    double get(int i) {
      int at = i * width();
      return switch (storage) {
        case 1 -> numbers.get(at);
        case 2 -> Byte.toUnsignedInt(numbers.get(at));
        case 3 -> numbers.getShort(at);
        case 4 -> Short.toUnsignedInt(numbers.getShort(at));
        case 5 -> numbers.getInt(at);
        case 6 -> Integer.toUnsignedLong(numbers.getInt(at));
        case 7 -> numbers.getFloat(at);
        case 9 -> numbers.getDouble(at);
        default -> numbers.getLong(at);
      };
    }

    @Override
    public String toString() {
      return type + " " + Arrays.toString(shape);
    }
  }

  private final FileChannel file;
  private final Map<String, Numbers> found = new HashMap<>();
  private ByteOrder order;

  private MatFile(FileChannel file) {
    this.file = file;
  }

  /**
   * Reads some arrays of a file.
   *
   * @param path the file
   * @param names the arrays' names
   * @return those of them that are there and hold numbers
   * @throws IOException if the file cannot be read, or is not a whole MATLAB 5 file; says why
   */
  static Map<String, Numbers> read(Path path, List<String> names) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      MatFile mat = new MatFile(file);
      byte[] header = mat.from(0).readNBytes(HEADER);
      String end =
          new String(header, StandardCharsets.ISO_8859_1).replaceFirst("(?s).*(?=..$)", "");
      mat.order = end.equals("IM") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
      if (header.length < HEADER || !end.matches("IM|MI")) {
        throw new IOException("it does not begin as one");
      }
      int version = ByteBuffer.wrap(header).order(mat.order).getShort(124);
      if (version != 0x100) {
        throw new IOException("its version is %04x, as that of MATLAB 7.3".formatted(version));
      }
      for (long at = HEADER; at < file.size(); ) {
        at = mat.element(at, names);
      }
      return mat.found;
    }
  }

  private DataInputStream from(long at) throws IOException {
    InputStream in = Channels.newInputStream(file.position(at));
    return new DataInputStream(new BufferedInputStream(in, 1 << 16));
  }

  /** Reads an element of the file, and returns where the next one begins. */
  private long element(long at, List<String> names) throws IOException {
    DataInputStream in = from(at);
    int type = number(in);
    long next = at + 8 + Integer.toUnsignedLong(number(in));
    if (next > file.size()) {
      throw new EOFException("it ends after " + DataException.grouped(file.size()) + " bytes");
    }
    if (type != COMPRESSED) {
      array(type, in, names);
      return next;
    }
    Inflater inflater = new Inflater();
    try {
      DataInputStream inflated =
          new DataInputStream(new InflaterInputStream(in, inflater, 1 << 16));
      int inner = number(inflated);
      number(inflated);
      array(inner, inflated, names);
      // To the end, where the checksum is.
      inflated.transferTo(OutputStream.nullOutputStream());
    } finally {
      inflater.end();
    }
    return next;
  }

  private void array(int type, DataInputStream in, List<String> names) throws IOException {
    if (type != ARRAY) {
      throw new IOException("it has an element of type " + type + " in place of an array");
    }
    int flags = content(in).bytes.getInt(0);
    ByteBuffer dimensions = content(in).bytes;
    int[] shape = new int[dimensions.capacity() / Integer.BYTES];
    dimensions.asIntBuffer().get(shape);
    String name = new String(content(in).bytes.array(), StandardCharsets.ISO_8859_1);
    int number = (flags & 0xff) - 6;
    if (names.contains(name) && number >= 0 && number < CLASSES.size()) {
      String kind = (flags & COMPLEX) == 0 ? "" : "complex ";
      Content read = content(in);
      found.put(name, new Numbers(kind + CLASSES.get(number), shape, read.type, read.bytes));
    }
  }

  private record Content(int type, ByteBuffer bytes) {}

  /** Reads an element without elements. */
  private Content content(DataInputStream in) throws IOException {
    int type = number(in);
    boolean small = type >>> 16 != 0;
    int size = small ? type >>> 16 : number(in);
    int padded = small ? 4 : (size + 7) / 8 * 8;
    if (size < 0 || padded < size) {
      throw new IOException("it has an element of impossible size");
    }
    // Chunk by chunk, so that a wrong size costs an error and not the memory that it asks for.
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("an array is cut short");
    }
    in.skipNBytes(padded - size);
    return new Content(type & 0xffff, ByteBuffer.wrap(bytes).order(order));
  }

  private int number(DataInputStream in) throws IOException {
    int number = in.readInt();
    return order == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(number) : number;
  }
}
