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
 * <p>An IDX file of unsigned bytes is a big-endian magic number 0x0000_08dd, dd the number of
 * dimensions; each dimension as 32 bits; and the bytes.
 */
final class IdxFormat {

  private static final int CLASSES = 10;

  private IdxFormat() {}

  /**
   * Finds a file by its published name or a common variant: with a dot, as in {@code
   * train-images.idx3-ubyte}, with {@code .gz} or without, or in a folder that has the file's name.
   */
  static Optional<Path> find(Path folder, String name) {
    String dotted = name.replace("-idx", ".idx");
    List<String> names = List.of(name, name + ".gz", dotted, dotted + ".gz");
    return Stream.concat(Stream.of(folder), names.stream().map(folder::resolve))
        .flatMap(in -> names.stream().map(in::resolve))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** Reads a file of images and one of their labels, gzipped or not. */
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

  private record Idx(int[] shape, byte[] bytes) {}

  private static Idx idx(Path file, int rank) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      // The name may be wrong: the first two bytes say whether a file is gzipped.
      if (bytes.length > 1 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b) {
        bytes = new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
      }
      ByteBuffer in = ByteBuffer.wrap(bytes);
      int magic = in.getInt();
      if (magic != (0x0800 | rank)) {
        throw broken(
            file,
            "starts with %08x, expected %08x for unsigned bytes in %d dimensions"
                .formatted(magic, 0x0800 | rank, rank));
      }
      int[] shape = new int[rank];
      long size = 1;
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
            "has %s bytes after its header, which says %s"
                .formatted(grouped(in.remaining()), grouped(size)));
      }
      return new Idx(shape, Arrays.copyOfRange(bytes, in.position(), bytes.length));
    } catch (ZipException | EOFException | BufferUnderflowException e) {
      throw broken(file, "is cut short or damaged (" + e.getMessage() + ")");
    }
  }

  private static DataException broken(Path file, String what) {
    return ImageFiles.broken("IDX", file, what);
  }
}
