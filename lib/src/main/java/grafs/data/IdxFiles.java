package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads the IDX files in which MNIST and Fashion-MNIST are published: {@code
 * train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte} and the same with {@code t10k}. They
 * are found too as others pass them on: named {@code train-images.idx3-ubyte}, with {@code .gz} or
 * without, and in a folder that has the file's name. Whether one is gzipped is seen from its first
 * bytes.
 *
 * <p>An IDX file of unsigned bytes is a big-endian magic number 0x0000_08dd, dd the number of
 * dimensions; each dimension as 32 bits; and the bytes.
 */
final class IdxFiles {

  private static final List<String> FILES =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");
  private static final int CLASSES = 10;

  /** Larger sides are damage: the network input is 32×32. */
  private static final int MAX_SIDE = 1024;

  private IdxFiles() {}

  /** Tells whether the folder has any of the files. */
  static boolean in(Path folder) {
    return FILES.stream().anyMatch(f -> file(folder, f).isPresent());
  }

  /** Returns the names of the files that the folder does not have, gzipped or not. */
  static List<String> missing(Path folder) {
    return FILES.stream().filter(f -> file(folder, f).isEmpty()).toList();
  }

  private static Optional<Path> file(Path folder, String name) {
    String dotted = name.replace("-idx", ".idx");
    List<Path> places =
        Stream.of(name, name + ".gz", dotted, dotted + ".gz").map(Path::of).toList();
    return Stream.concat(
            places.stream(), places.stream().flatMap(in -> places.stream().map(in::resolve)))
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /**
   * Reads a data set.
   *
   * @param folder the folder with the files
   * @param name what the data set is called
   * @param classes the names of its ten classes
   * @param normalization of its one channel
   * @throws DataException if a file is missing or broken
   */
  static ImageDataset read(
      Path folder, String name, List<String> classes, Normalization normalization)
      throws IOException {
    List<String> missing = missing(folder);
    if (!missing.isEmpty()) {
      throw new DataException(
          folder + " lacks " + String.join(", ", missing) + " (or the same with .gz)");
    }
    return new ImageDataset(
        name,
        classes,
        ImageSet.of(split(folder, FILES.get(0), FILES.get(1)), classes, normalization),
        ImageSet.of(split(folder, FILES.get(2), FILES.get(3)), classes, normalization));
  }

  private static Pixels split(Path folder, String imagesName, String labelsName)
      throws IOException {
    Path imagesFile = file(folder, imagesName).orElseThrow();
    Path labelsFile = file(folder, labelsName).orElseThrow();
    Idx images = idx(imagesFile, 3);
    Idx labels = idx(labelsFile, 1);
    if (images.dimensions[0] != labels.dimensions[0]) {
      throw new DataException(
          imagesFile
              + " has "
              + grouped(images.dimensions[0])
              + " images, but "
              + labelsFile.getFileName()
              + " has "
              + grouped(labels.dimensions[0])
              + " labels; they must come from the same data set");
    }
    for (int i = 0; i < labels.bytes.length; i++) {
      int label = Byte.toUnsignedInt(labels.bytes[i]);
      if (label >= CLASSES) {
        throw new DataException(
            labelsFile
                + " has label "
                + label
                + " for image "
                + grouped(i)
                + ", expected 0 to 9: it is damaged"
                + ImageFiles.mend(labelsFile));
      }
    }
    return new Pixels(images.bytes, labels.bytes, 1, images.dimensions[1], images.dimensions[2]);
  }

  private record Idx(int[] dimensions, byte[] bytes) {}

  private static Idx idx(Path file, int rank) throws IOException {
    try (DataInputStream in = new DataInputStream(open(file))) {
      int magic = in.readInt();
      if (magic != (0x0800 | rank)) {
        throw new DataException(
            String.format(
                "IDX file %s starts with %08x, expected %08x for unsigned bytes in %d dimensions%s",
                file, magic, 0x0800 | rank, rank, ImageFiles.mend(file)));
      }
      int[] dimensions = new int[rank];
      long size = 1;
      for (int d = 0; d < rank; d++) {
        dimensions[d] = in.readInt();
        if (dimensions[d] < 1 || d > 0 && dimensions[d] > MAX_SIDE) {
          throw new DataException(
              "IDX file "
                  + file
                  + " says dimension "
                  + d
                  + " is "
                  + dimensions[d]
                  + ", which no image set has: it is damaged"
                  + ImageFiles.mend(file));
        }
        size *= dimensions[d];
      }
      // Chunk by chunk, so that a wrong header costs an error and not the memory that it asks for.
      byte[] bytes = in.readNBytes((int) Math.min(size, Integer.MAX_VALUE - 8));
      if (bytes.length != size || in.read() != -1) {
        throw new DataException(
            "IDX file "
                + file
                + " has "
                + (bytes.length == size ? "more than " : "")
                + grouped(bytes.length)
                + " bytes after its header, which says "
                + grouped(size)
                + ImageFiles.mend(file));
      }
      return new Idx(dimensions, bytes);
    } catch (ZipException | EOFException e) {
      throw new DataException(
          "IDX file "
              + file
              + " is cut short or damaged ("
              + e.getMessage()
              + ")"
              + ImageFiles.mend(file),
          e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      raw.mark(2);
      boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      return gzipped ? new GZIPInputStream(raw, 1 << 16) : raw;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }
}
