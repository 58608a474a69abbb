package grafs.data;

import grafs.data.PublishedFile.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.function.FailableFunction;

/**
 * The layouts of files in which image data sets are published: for each layout, the names of its
 * files, the format of their content, and the normalisation of their pixels. {@link ImageDataset}
 * uses these layouts to find and read data sets.
 */
enum ImageFiles {
  CIFAR10("cifar10", Normalization.IMAGENET, CifarFormat::cifar10),
  CIFAR100("cifar100", Normalization.CIFAR100, CifarFormat::cifar100),
  SVHN("svhn", Normalization.SVHN, SvhnFormat::read),
  FASHION_MNIST("fashion-mnist", Normalization.FASHION_MNIST, IdxFormat::read),
  /**
   * MNIST's handwritten digits, whose files have the same names as Fashion-MNIST's. This library
   * does not download them.
   */
  MNIST("fashion-mnist", Normalization.MNIST, IdxFormat::read);

  /** The published data set whose files have the names of this layout. */
  private final Published published;

  private final Normalization normalization;

  /** Reads the training or the test images from their files. */
  private final FailableFunction<List<Path>, Pixels, IOException> format;

  ImageFiles(
      String published,
      Normalization normalization,
      FailableFunction<List<Path>, Pixels, IOException> format) {
    this.published = Published.of(published);
    this.normalization = normalization;
    this.format = format;
  }

  /** {@return the layout of the published set of that name; empty if there is none} */
  static Optional<ImageFiles> named(String name) {
    return Stream.of(values()).filter(f -> f.published.name().equals(name)).findFirst();
  }

  /** {@return the published set in this layout; for {@link #MNIST}, Fashion-MNIST} */
  Published published() {
    return published;
  }

  /**
   * Makes the exception for a damaged file. It advises the user to delete the file only if the file
   * is in a folder of {@code datasets/} that this library can download again.
   *
   * @param kind the format, with which the message begins, such as {@code IDX}
   * @param file the file
   * @param what what is wrong; continues the sentence after the file's name
   */
  static DataException broken(String kind, Path file, String what) {
    Path place = file.toAbsolutePath().normalize();
    String mend =
        Published.all().stream()
            .filter(p -> place.startsWith(p.folder()))
            .map(p -> "; delete it, and environment/lab data " + p.name() + " fetches it again")
            .findFirst()
            .orElse("; replace it by an undamaged copy");
    return new DataException(kind + " file " + file + " " + what + mend);
  }

  /**
   * Returns a label as a byte.
   *
   * @param label the label, not negative
   * @param classes the number of classes, at most 256
   * @param image the number of the image in its file, from 0, for the message
   * @param kind the format, for the message
   * @param file the file, for the message
   * @throws DataException if the label is not less than the number of classes
   */
  static byte label(int label, int classes, int image, String kind, Path file) {
    if (label >= classes) {
      throw broken(
          kind,
          file,
          "has label %d for image %s, expected 0 to %d: it is damaged, or of another layout"
              .formatted(label, DataException.grouped(image), classes - 1));
    }
    return (byte) label;
  }

  /**
   * Returns the names of all files of this layout that this library reads, without {@code .gz} at
   * the end. For a set that is published as an archive, they are the files in the archive.
   */
  private Stream<String> names() {
    return published.files().stream()
        .flatMap(f -> f.members().stream())
        .map(Member::name)
        .map(n -> n.replaceFirst("\\.gz$", ""));
  }

  /**
   * Finds a file of this layout in a folder. A file in the IDX format, which MNIST and
   * Fashion-MNIST have, may also have a variant of the name; see {@link IdxFormat#find}.
   *
   * @param name one of the {@link #names}
   */
  private Optional<Path> find(Path folder, String name) {
    return name.endsWith("-ubyte")
        ? IdxFormat.find(folder, name)
        : Optional.of(folder.resolve(name)).filter(Files::exists);
  }

  /** {@return the names of those files of this layout that a folder lacks} */
  List<String> missing(Path folder) {
    return names().filter(n -> find(folder, n).isEmpty()).toList();
  }

  /**
   * {@return the folder that has at least one of the files: the given folder, or the folder in it
   * that is made when the published archive is unpacked; empty if neither has any}
   */
  Optional<Path> in(Path folder) {
    return Optional.of(published.files().get(0).in(folder))
        .filter(f -> missing(f).size() < names().count());
  }

  /**
   * Reads the images of a folder. All files of the layout must be there, except that one of
   * CIFAR-10's five training batches is enough.
   *
   * @param folder the folder with the files
   * @param name the name of the data set
   * @throws DataException if a file is missing or damaged
   * @throws IOException if a file cannot be read
   */
  ImageDataset read(Path folder, String name) throws IOException {
    List<Path> train = files(folder, false);
    List<Path> test = files(folder, true);
    List<String> classes = classes(folder);
    return new ImageDataset(
        name,
        ImageSet.of(format.apply(train), classes, normalization),
        ImageSet.of(format.apply(test), classes, normalization));
  }

  /**
   * Reads the images of the published data set. The content of each IDX file is compared with its
   * published checksum. Files of other formats are not compared here, since {@link
   * ImageDataset#load} has compared them before.
   *
   * @param folder the folder with the files
   * @throws DataException if a file is missing, damaged or not the published one
   * @throws IOException if a file cannot be read
   */
  ImageDataset readPublished(Path folder) throws IOException {
    ImageDataset data = read(folder, published.name());
    for (PublishedFile file : published.files()) {
      if (file.content() != null) {
        Path path = find(folder, file.name().replaceFirst("\\.gz$", "")).orElseThrow();
        String found = DigestUtils.sha256Hex(IdxFormat.content(path));
        if (!found.equals(file.content().hex())) {
          throw broken(
              "IDX",
              path,
              "is not the published one: its decompressed content has SHA-256 %s, expected %s"
                  .formatted(found, file.content().hex()));
        }
      }
    }
    return data;
  }

  /**
   * Finds the files of the training images or of the test images. Throws a {@link DataException} if
   * one of them is missing; for {@link #CIFAR10}, only if all are.
   */
  private List<Path> files(Path folder, boolean test) {
    List<String> names = names().filter(n -> test == n.matches("(test|t10k).*")).toList();
    List<Path> files = names.stream().flatMap(n -> find(folder, n).stream()).toList();
    if (files.isEmpty() || files.size() < names.size() && this != CIFAR10) {
      String missing = String.join(", ", missing(folder).stream().filter(names::contains).toList());
      throw new DataException(
          "%s lacks %s: a data set in %s's layout has %s"
              .formatted(folder, missing, published.title(), String.join(", ", names().toList())));
    }
    return files;
  }

  /**
   * Returns the class names: those in CIFAR's text file of names, one per line, if the folder has
   * it; else the published ones, which for the digits of {@link #MNIST} are those of {@link #SVHN}.
   */
  private List<String> classes(Path folder) throws IOException {
    List<String> published = (this == MNIST ? SVHN : this).published.classes();
    Path file = folder.resolve(this == CIFAR10 ? "batches.meta.txt" : "fine_label_names.txt");
    if (!Files.exists(file)) {
      return published;
    }
    List<String> lines = Files.readAllLines(file).stream().filter(l -> !l.isBlank()).toList();
    if (lines.size() != published.size()) {
      throw broken(
          "Text",
          file,
          "has %d class names, one a line, expected %d".formatted(lines.size(), published.size()));
    }
    return lines;
  }
}
