package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads CIFAR-10 and CIFAR-100 in their official binary layouts: records of a label byte (for
 * CIFAR-100 two, of which the second, the fine label, is used) and 3 072 bytes of red, green and
 * blue planes of 32×32; class names, one a line, in a text file beside them.
 *
 * <p>Fewer training batches and shorter ones are read too. See <a
 * href="https://www.cs.toronto.edu/~kriz/cifar.html">the data sets' page</a>.
 */
enum CifarFiles implements ImageFiles {
  CIFAR10(
      "cifar10",
      IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList(),
      "test_batch.bin",
      1,
      "batches.meta.txt",
      ClassNames.CIFAR10,
      Normalization.IMAGENET),
  CIFAR100(
      "cifar100",
      List.of("train.bin"),
      "test.bin",
      2,
      "fine_label_names.txt",
      ClassNames.CIFAR100,
      Normalization.CIFAR100);

  private static final int SIDE = 32;
  private static final int IMAGE = 3 * SIDE * SIDE;

  private final Published published;
  private final String title;
  private final List<String> train;
  private final String test;

  /** Label bytes before an image, of which the last counts. */
  private final int labelBytes;

  private final String names;
  private final List<String> classes;
  private final Normalization normalization;

  CifarFiles(
      String name,
      List<String> train,
      String test,
      int labelBytes,
      String names,
      List<String> classes,
      Normalization normalization) {
    this.published = Published.of(name);
    this.title = published.title();
    this.train = train;
    this.test = test;
    this.labelBytes = labelBytes;
    this.names = names;
    this.classes = classes;
    this.normalization = normalization;
  }

  @Override
  public Published published() {
    return published;
  }

  @Override
  public ImageDataset read(Path folder, String name) throws IOException {
    List<Path> batches = train.stream().map(folder::resolve).filter(Files::exists).toList();
    if (batches.isEmpty() || !Files.exists(folder.resolve(test))) {
      throw new DataException(
          folder
              + " lacks "
              + (batches.isEmpty() ? train.get(0) : test)
              + ": a data set in "
              + title
              + "'s binary layout has "
              + train.get(0)
              + (train.size() > 1 ? " (to " + train.size() + ")" : "")
              + " and "
              + test);
    }
    List<String> named = classes(folder.resolve(names));
    return new ImageDataset(
        name,
        named,
        ImageSet.of(pixels(batches), named, normalization),
        ImageSet.of(pixels(List.of(folder.resolve(test))), named, normalization));
  }

  private List<String> classes(Path file) throws IOException {
    if (!Files.exists(file)) {
      return classes;
    }
    // Not as UTF-8, which would refuse a damaged file with less to go by than the check below.
    List<String> lines =
        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
            .lines()
            .map(String::strip)
            .filter(l -> !l.isEmpty())
            .toList();
    if (lines.size() != classes.size()) {
      throw new DataException(
          file
              + " has "
              + lines.size()
              + " class names, one a line, expected "
              + classes.size()
              + ImageFiles.mend(file));
    }
    return lines;
  }

  private Pixels pixels(List<Path> files) throws IOException {
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
          in.skipNBytes(labelBytes - 1);
          labels[n] = label(in.read(), r, file);
          if (in.readNBytes(images, n * IMAGE, IMAGE) != IMAGE) {
            throw new DataException(title + " file " + file + " was cut short while it was read");
          }
        }
      }
    }
    return new Pixels(images, labels, 3, SIDE, SIDE);
  }

  private int record() {
    return labelBytes + IMAGE;
  }

  private long records(Path file) throws IOException {
    long size = Files.size(file);
    if (size == 0 || size % record() != 0) {
      throw new DataException(
          title
              + " file "
              + file
              + " has "
              + grouped(size)
              + " bytes, which is not a whole number of "
              + grouped(record())
              + "-byte records"
              + ImageFiles.mend(file));
    }
    return size / record();
  }

  private byte label(int label, int record, Path file) {
    if (label < 0 || label >= classes.size()) {
      throw new DataException(
          title
              + " file "
              + file
              + " has label "
              + label
              + " in record "
              + grouped(record)
              + ", expected 0 to "
              + (classes.size() - 1)
              + ": it is damaged, or of another layout"
              + ImageFiles.mend(file));
    }
    return (byte) label;
  }
}
