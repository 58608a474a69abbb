package grafs.data;

import grafs.data.PublishedFile.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The layouts of image sets: the names and format of the files, and how their images are
 * normalised.
 */
enum ImageFiles {
  CIFAR10("cifar10", Normalization.IMAGENET, CifarFormat::cifar10),
  CIFAR100("cifar100", Normalization.CIFAR100, CifarFormat::cifar100),
  SVHN("svhn", Normalization.SVHN, SvhnFormat::read),
  FASHION_MNIST("fashion-mnist", Normalization.FASHION_MNIST, IdxFormat::read),
  /** Handwritten digits in files with the names of Fashion-MNIST's; the kit does not fetch them. */
  MNIST("fashion-mnist", Normalization.MNIST, IdxFormat::read);

  private interface Format {
    Pixels read(List<Path> files) throws IOException;
  }

  private final Published published;
  private final Normalization normalization;
  private final Format format;

  ImageFiles(String published, Normalization normalization, Format format) {
    this.published = Published.of(published);
    this.normalization = normalization;
    this.format = format;
  }

  /** {@return the files of a published set, or empty if none has that name} */
  static Optional<ImageFiles> named(String name) {
    return Stream.of(values()).filter(f -> f.published.name().equals(name)).findFirst();
  }

  /** {@return the published set of this layout} */
  Published published() {
    return published;
  }

  /**
   * {@return the exception for a broken file; it advises to delete the file only if the kit can
   * fetch it again}
   */
  static DataException broken(String kind, Path file, String what) {
    Path place = file.toAbsolutePath().normalize();
    String mend =
        Published.all().stream()
            .filter(p -> place.startsWith(p.folder()))
            .map(p -> "; delete it, and environment/lab data " + p.name() + " fetches it again")
            .findFirst()
            .orElse("; put a whole one in its place");
    return new DataException(kind + " file " + file + " " + what + mend);
  }

  /** {@return a label as a byte; throws if it is not less than the number of classes} */
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
   * Returns the names of the members of all files of the published set, without {@code .gz} at the
   * end.
   */
  private Stream<String> names() {
    return published.files().stream()
        .flatMap(f -> f.members().stream())
        .map(Member::name)
        .map(n -> n.replaceFirst("\\.gz$", ""));
  }

  private Optional<Path> find(Path folder, String name) {
    return name.endsWith("-ubyte")
        ? IdxFormat.find(folder, name)
        : Optional.of(folder.resolve(name)).filter(Files::exists);
  }

  /** {@return the published files that a folder does not have} */
  List<String> missing(Path folder) {
    return names().filter(n -> find(folder, n).isEmpty()).toList();
  }

  /**
   * {@return the folder itself or the archive's folder in it, whichever has any of the files; else
   * empty}
   */
  Optional<Path> in(Path folder) {
    return Optional.of(published.files().get(0).in(folder))
        .filter(f -> missing(f).size() < names().count());
  }

  /**
   * Reads the images of a folder; of CIFAR-10's training batches, one is enough.
   *
   * @param folder the folder with the files
   * @param name what the data set is called
   * @throws DataException if there are no training or no test images, or a file is broken
   */
  ImageDataset read(Path folder, String name) throws IOException {
    List<Path> train = files(folder, false);
    List<Path> test = files(folder, true);
    List<String> classes = classes(folder);
    return new ImageDataset(
        name,
        ImageSet.of(format.read(train), classes, normalization),
        ImageSet.of(format.read(test), classes, normalization));
  }

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
   * Returns the class names: those in the text file beside CIFAR's files, one per line, or if there
   * is none, the published ones.
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
