package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads CIFAR-10 in its official binary layout: records of 1 label byte and 3 072 bytes of red,
 * green and blue planes of 32×32, in {@code data_batch_1.bin} … {@code data_batch_5.bin} and {@code
 * test_batch.bin}; class names one a line in {@code batches.meta.txt}.
 *
 * <p>Fewer training batches and shorter ones are read too. See <a
 * href="https://www.cs.toronto.edu/~kriz/cifar.html">the data set's page</a>.
 */
final class CifarFiles {

  private static final List<String> TRAIN =
      IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList();

  private static final String TEST = "test_batch.bin";
  private static final String NAMES = "batches.meta.txt";
  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
  private static final int SIDE = 32;
  private static final int IMAGE = 3 * SIDE * SIDE;
  private static final int RECORD = 1 + IMAGE;
  private static final String MEND = "; delete it and put the published file in its place";

  private CifarFiles() {}

  /** Returns the folder itself or its {@code cifar-10-batches-bin}, whichever has such files. */
  static Optional<Path> in(Path folder) {
    return Stream.of(folder, folder.resolve("cifar-10-batches-bin"))
        .filter(f -> names().anyMatch(n -> Files.exists(f.resolve(n))))
        .findFirst();
  }

  private static Stream<String> names() {
    return Stream.concat(TRAIN.stream(), Stream.of(TEST));
  }

  /** Tells whether all files of the official set are there. */
  static boolean complete(Path folder) {
    return names().allMatch(n -> Files.exists(folder.resolve(n)));
  }

  /**
   * Reads all training batches that are there, in their order, and the test batch.
   *
   * @param folder the folder with the files
   * @param name what the data set is called
   * @throws DataException if no training batch or no test batch is there, or a file is broken
   */
  static ImageDataset read(Path folder, String name) throws IOException {
    List<Path> train = TRAIN.stream().map(folder::resolve).filter(Files::exists).toList();
    if (train.isEmpty() || !Files.exists(folder.resolve(TEST))) {
      throw new DataException(
          folder
              + " lacks "
              + (train.isEmpty() ? "data_batch_1.bin" : TEST)
              + ": a data set in CIFAR-10's binary layout has data_batch_1.bin (to 5) and "
              + TEST);
    }
    List<String> classes = classes(folder.resolve(NAMES));
    return new ImageDataset(
        name,
        classes,
        ImageSet.of(batches(train), classes.size(), Normalization.IMAGENET),
        ImageSet.of(
            batches(List.of(folder.resolve(TEST))), classes.size(), Normalization.IMAGENET));
  }

  private static List<String> classes(Path file) throws IOException {
    if (!Files.exists(file)) {
      return CLASSES;
    }
    // Not as UTF-8, which would refuse a damaged file with less to go by than the check below.
    List<String> lines =
        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
            .lines()
            .map(String::strip)
            .filter(l -> !l.isEmpty())
            .toList();
    if (lines.size() != CLASSES.size()) {
      throw new DataException(
          file + " has " + lines.size() + " class names, one a line, expected 10" + MEND);
    }
    return lines;
  }

  private static Pixels batches(List<Path> files) throws IOException {
    long records = 0;
    for (Path file : files) {
      records += records(file);
    }
    if (records * IMAGE > Integer.MAX_VALUE - 8) {
      throw new DataException(
          files.get(0).getParent()
              + " has "
              + grouped(records)
              + " images, more than the "
              + grouped((Integer.MAX_VALUE - 8) / IMAGE)
              + " that are held in memory");
    }
    byte[] images = new byte[(int) records * IMAGE];
    byte[] labels = new byte[(int) records];
    int n = 0;
    for (Path file : files) {
      long expected = records(file);
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
        for (int r = 0; r < expected; r++, n++) {
          labels[n] = label(in.read(), r, file);
          if (in.readNBytes(images, n * IMAGE, IMAGE) != IMAGE) {
            throw new DataException("CIFAR-10 batch " + file + " was cut short while it was read");
          }
        }
      }
    }
    return new Pixels(images, labels, 3, SIDE, SIDE);
  }

  private static long records(Path file) throws IOException {
    long size = Files.size(file);
    if (size == 0 || size % RECORD != 0) {
      throw new DataException(
          "CIFAR-10 batch "
              + file
              + " has "
              + grouped(size)
              + " bytes, which is not a whole number of "
              + grouped(RECORD)
              + "-byte records"
              + MEND);
    }
    return size / RECORD;
  }

  private static byte label(int label, int record, Path file) {
    if (label < 0 || label >= CLASSES.size()) {
      throw new DataException(
          "CIFAR-10 batch "
              + file
              + " has label "
              + label
              + " in record "
              + grouped(record)
              + ", expected 0 to 9: it is damaged, or of another layout"
              + MEND);
    }
    return (byte) label;
  }
}
