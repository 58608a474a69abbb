package grafs.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An image data set: training and test images, and what they show.
 *
 * @param name what results are reported under; a part of a published set, or another version of it,
 *     does not have the published set's name
 * @param classNames the classes' names, by label
 * @param train the training images
 * @param test the test images, which nothing is trained or searched on
 */
public record ImageDataset(String name, List<String> classNames, ImageSet train, ImageSet test) {

  private static final String CIFAR10 = "cifar10";
  private static final String FASHION_MNIST = "fashion-mnist";

  /** Where Debian's package dataset-fashion-mnist puts its files. */
  private static final Path SYSTEM = Path.of("/usr/share/datasets");

  private static final List<String> FASHION_CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");
  private static final List<String> DIGITS =
      List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

  /**
   * Creates a data set.
   *
   * @throws IllegalArgumentException if training and test images differ in form, or there is not a
   *     name for each class
   */
  public ImageDataset {
    classNames = List.copyOf(classNames);
    if (train.channels() != test.channels()
        || train.height() != test.height()
        || train.width() != test.width()) {
      throw new IllegalArgumentException(
          name + ": training images of " + form(train) + ", but test images of " + form(test));
    }
    if (classNames.size() != train.classes() || classNames.size() != test.classes()) {
      throw new IllegalArgumentException(
          name + ": " + classNames.size() + " class names for " + train.classes() + " classes");
    }
  }

  private static String form(ImageSet set) {
    return set.channels() + "×" + set.height() + "×" + set.width();
  }

  /**
   * Returns the names that {@link #load} knows.
   *
   * @return the names, sorted
   */
  public static List<String> names() {
    return List.of(CIFAR10, FASHION_MNIST);
  }

  /**
   * Finds the files of a data set without reading them.
   *
   * @param name one of {@link #names()}
   * @return the folder that {@link #load} would read, or empty if files are missing
   * @throws DataException if there is no such name
   */
  public static Optional<Path> locate(String name) {
    return switch (name) {
      case CIFAR10 -> CifarFiles.in(Published.of(CIFAR10).folder()).filter(CifarFiles::complete);
      case FASHION_MNIST ->
          List.of(SYSTEM.resolve(FASHION_MNIST), Published.of(FASHION_MNIST).folder()).stream()
              .filter(f -> IdxFiles.missing(f).isEmpty())
              .findFirst();
      default -> throw unknown(name);
    };
  }

  /**
   * Loads a data set into memory.
   *
   * <ul>
   *   <li>{@code fashion-mnist}: from the files of Debian's package dataset-fashion-mnist where
   *       installed, else from {@code datasets/fashion-mnist/} of {@linkplain ProjectHome the
   *       project}
   *   <li>{@code cifar10}: the complete set, from {@code datasets/cifar10/} of the project
   *   <li>a folder with files in CIFAR-10's binary layout, fewer or shorter ones too, or with the
   *       four IDX files of MNIST or Fashion-MNIST. The data set is named like the folder ({@code
   *       cifar-10-x} as {@code cifar10-x}), with {@code -partial} added where that is the name of
   *       a published set and not all of it is there.
   * </ul>
   *
   * @param nameOrFolder one of {@link #names()}, or a folder: absolute, from the working directory,
   *     or from the project
   * @return the data set
   * @throws DataException if there is no such name or folder, or files are missing or broken; says
   *     which and what to do
   */
  public static ImageDataset load(String nameOrFolder) {
    try {
      return switch (nameOrFolder) {
        case CIFAR10 -> cifar10();
        case FASHION_MNIST -> fashionMnist();
        default -> folder(existing(nameOrFolder));
      };
    } catch (IOException e) {
      throw new DataException("Data set " + nameOrFolder + " could not be read: " + e, e);
    }
  }

  private static ImageDataset cifar10() throws IOException {
    Published published = Published.of(CIFAR10);
    Path home = published.folder();
    Optional<String> problem = published.problem(home);
    if (problem.isPresent()) {
      throw new DataException(problem.get());
    }
    return CifarFiles.read(CifarFiles.in(home).orElseThrow(), CIFAR10);
  }

  private static ImageDataset fashionMnist() throws IOException {
    Published published = Published.of(FASHION_MNIST);
    Path home = published.folder();
    Path files =
        locate(FASHION_MNIST)
            .orElseThrow(
                () ->
                    new DataException(
                        "Fashion-MNIST: "
                            + home
                            + " lacks "
                            + String.join(", ", IdxFiles.missing(home))
                            + " (with .gz or without). Debian's package dataset-fashion-mnist has"
                            + " them too. "
                            + published.wanted(home)));
    return named(IdxFiles.read(files, FASHION_MNIST, FASHION_CLASSES, Normalization.FASHION_MNIST));
  }

  private static ImageDataset folder(Path folder) throws IOException {
    String name =
        String.valueOf(folder.getFileName())
            .toLowerCase(Locale.ROOT)
            .replaceFirst("^cifar-(\\d+)", "cifar$1")
            .replaceFirst("^cifar10-batches-bin$", CIFAR10);
    Optional<Path> cifar = CifarFiles.in(folder);
    if (cifar.isPresent()) {
      return named(CifarFiles.read(cifar.get(), name));
    }
    if (IdxFiles.in(folder)) {
      boolean fashion = name.contains("fashion");
      return named(
          IdxFiles.read(
              folder,
              name,
              fashion ? FASHION_CLASSES : DIGITS,
              fashion ? Normalization.FASHION_MNIST : Normalization.MNIST));
    }
    throw new DataException(
        "Folder "
            + folder
            + " has no data set: neither data_batch_1.bin and test_batch.bin in"
            + " CIFAR-10's binary layout, nor train-images-idx3-ubyte and its three companions.");
  }

  /** Takes a published set's name from what is not all of that set. */
  private static ImageDataset named(ImageDataset read) {
    int published =
        switch (read.name) {
          case CIFAR10 -> 50_000;
          case FASHION_MNIST, "mnist" -> 60_000;
          default -> -1;
        };
    if (published < 0 || read.train.size() == published && read.test.size() == 10_000) {
      return read;
    }
    return new ImageDataset(read.name + "-partial", read.classNames, read.train, read.test);
  }

  private static Path existing(String folder) {
    if (folder.isBlank()) {
      throw unknown(folder);
    }
    try {
      Path direct = Path.of(folder).toAbsolutePath().normalize();
      if (Files.isDirectory(direct)) {
        return direct;
      }
      Optional<Path> fromHome = ProjectHome.find().map(h -> h.resolve(folder).normalize());
      return fromHome.filter(Files::isDirectory).orElseThrow(() -> unknown(folder));
    } catch (InvalidPathException e) {
      throw unknown(folder);
    }
  }

  private static DataException unknown(String name) {
    return new DataException(
        "There is no data set or folder '"
            + name
            + "'. Known data sets: "
            + String.join(", ", names())
            + ". A folder with files in CIFAR-10's binary or MNIST's IDX layout works too.");
  }

  /**
   * Returns the data set with its images {@linkplain ImageSet#asRgb32() as three channels of
   * 32×32}.
   *
   * @return the same data set in that form, sharing the pixels
   * @throws IllegalArgumentException if the images cannot take that form
   */
  public ImageDataset asRgb32() {
    return new ImageDataset(name, classNames, train.asRgb32(), test.asRgb32());
  }
}
