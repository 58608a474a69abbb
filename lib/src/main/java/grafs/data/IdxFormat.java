package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads the IDX files in which MNIST and Fashion-MNIST are published.
 *
 * <p>An IDX file of unsigned bytes begins with a header: the number 0x0000_08dd, where dd is the
 * number of dimensions, and the length of each dimension. All numbers of the header have 32 bits
 * and are big-endian. Then come the bytes. From one byte to the next, the index in the last
 * dimension changes fastest.
 */
final class IdxFormat {

  private static final int CLASSES = 10;

  private IdxFormat() {}

  /**
   * Finds a file by its published name or a common variant of it: with a dot in place of a hyphen,
   * as in {@code train-images.idx3-ubyte}, with or without {@code .gz}, or in a subfolder that
   * itself has such a name.
   *
   * @param folder the folder to search
   * @param name the published name without {@code .gz}, such as {@code train-images-idx3-ubyte}
   * @return the path of the file, or empty if there is none
   */
  static Optional<Path> find(Path folder, String name) {
    String dotted = name.replace("-idx", ".idx");
    List<String> names = List.of(name, name + ".gz", dotted, dotted + ".gz");
    return Stream.concat(Stream.of(folder), names.stream().map(folder::resolve))
        .flatMap(in -> names.stream().map(in::resolve))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /**
   * Reads images and their labels.
   *
   * @param files the file of the images and the file of the labels, each gzipped or not
   * @return the images, of one channel, with labels from 0 to 9
   * @throws DataException if a file is damaged, a label is not below 10, or the numbers of images
   *     and labels differ
   * @throws IOException if a file cannot be read
   */
  static Pixels read(List<Path> files) throws IOException {
    Idx images = idx(files.get(0), 3);
    Idx labels = idx(files.get(1), 1);
    if (images.shape[0] != labels.shape[0]) {
      throw new DataException(
          "%s has %s images, but %s has %s labels; they must come from the same data set"
              .formatted(
                  files.get(0),
                  grouped(images.shape[0]),
                  files.get(1).getFileName(),
                  grouped(labels.shape[0])));
    }
    for (int i = 0; i < labels.bytes.length; i++) {
      ImageFiles.label(Byte.toUnsignedInt(labels.bytes[i]), CLASSES, i, "IDX", files.get(1));
    }
    return new Pixels(images.bytes, labels.bytes, 1, images.shape[1], images.shape[2]);
  }

  /** The content of an IDX file: the length of each dimension, and the bytes. */
  private record Idx(int[] shape, byte[] bytes) {}

  /** {@return the content of a file, decompressed if the file is gzipped} */
  static byte[] content(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    // Gzip is recognised by its first two bytes, since some gzipped files have no ending .gz, and
    // some files with this ending are not gzipped.
    boolean gzipped = bytes.length > 1 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b;
    return gzipped ? new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes() : bytes;
  }

  private static Idx idx(Path file, int rank) throws IOException {
    try {
      byte[] bytes = content(file);
      ByteBuffer in = ByteBuffer.wrap(bytes);
      int magic = in.getInt();
      if (magic != (0x0800 | rank)) {
        throw broken(
            file,
            "starts with %08x, expected %08x for unsigned bytes in %d dimensions"
                .formatted(magic, 0x0800 | rank, rank));
      }
      int[] shape = new int[rank];
      double size = 1; // The product of three ints may be too large for a long.
      for (int d = 0; d < rank; d++) {
        shape[d] = in.getInt();
        if (shape[d] < 1) {
          throw broken(file, "says dimension %d is %d: it is damaged".formatted(d, shape[d]));
        }
        size *= shape[d];
      }
      if (in.remaining() != size) {
        throw broken(
            file,
            "has %s bytes after its header, in which the dimensions are %s: it is damaged"
                .formatted(grouped(in.remaining()), Arrays.toString(shape)));
      }
      return new Idx(shape, Arrays.copyOfRange(bytes, in.position(), bytes.length));
    } catch (ZipException | EOFException | BufferUnderflowException e) {
      throw broken(file, "is cut short or damaged (" + e + ")");
    }
  }

  private static DataException broken(Path file, String what) {
    return ImageFiles.broken("IDX", file, what);
  }
}
