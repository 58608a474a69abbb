package grafs.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
  private static final String CIFAR100 = "cifar100";
  private static final String FASHION_MNIST = "fashion-mnist";
  private static final String SVHN = "svhn";

  /** Where Debian's package dataset-fashion-mnist puts its files. */
  private static final Path SYSTEM = Path.of("/usr/share/datasets");

  /** The sets read from one kind of files each, in the order in which a folder is tried. */
  private static final Map<String, ImageFiles> FILES = files();

  /**
   * The images and classes of the published sets, by which a part of one is told from all of it.
   */
  private static final Map<String, List<Integer>> PUBLISHED =
      Map.of(
          CIFAR10,
          List.of(50_000, 10_000, 10),
          CIFAR100,
          List.of(50_000, 10_000, 100),
          FASHION_MNIST,
          List.of(60_000, 10_000, 10),
          "mnist",
          List.of(60_000, 10_000, 10),
          SVHN,
          List.of(73_257, 26_032, 10));

  private static Map<String, ImageFiles> files() {
    Map<String, ImageFiles> files = new LinkedHashMap<>();
    files.put(CIFAR10, CifarFiles.CIFAR10);
    files.put(CIFAR100, CifarFiles.CIFAR100);
    files.put(SVHN, SvhnFiles.CORE);
    return files;
  }

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
    return List.of(CIFAR10, CIFAR100, FASHION_MNIST, SVHN);
  }

  /**
   * Finds the files of a data set without reading them.
   *
   * @param name one of {@link #names()}
   * @return the folder that {@link #load} would read, or empty if files are missing
   * @throws DataException if there is no such name
   */
  public static Optional<Path> locate(String name) {
    if (!names().contains(name)) {
      throw unknown(name);
    }
    Path home = Published.of(name).folder();
    if (name.equals(FASHION_MNIST)) {
      return Stream.of(SYSTEM.resolve(FASHION_MNIST), home)
          .filter(f -> IdxFiles.missing(f).isEmpty())
          .findFirst();
    }
    ImageFiles files = FILES.get(name);
    return files.in(home).filter(files::complete);
  }

  /**
   * Loads a data set into memory.
   *
   * <ul>
   *   <li>{@code fashion-mnist}: from the files of Debian's package dataset-fashion-mnist where
   *       installed, else from {@code datasets/fashion-mnist/} of {@linkplain ProjectHome the
   *       project}
   *   <li>{@code cifar10}, {@code cifar100} (with its fine labels), {@code svhn} (its core set of
   *       cropped digits): the complete set, from its folder in {@code datasets/} of the project,
   *       compared with what is {@linkplain Published published}
   *   <li>a folder with files in the layout of CIFAR-10's or CIFAR-100's binary version or of SVHN,
   *       fewer or shorter ones too, or with the four IDX files of MNIST or Fashion-MNIST. The data
   *       set is named like the folder ({@code cifar-10-x} as {@code cifar10-x}), with {@code
   *       -partial} added where that is the name of a published set and not all of it is there.
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
      if (nameOrFolder.equals(FASHION_MNIST)) {
        return fashionMnist();
      }
      ImageFiles files = FILES.get(nameOrFolder);
      return files == null ? folder(existing(nameOrFolder)) : published(files);
    } catch (IOException e) {
      throw new DataException("Data set " + nameOrFolder + " could not be read: " + e, e);
    }
  }

  private static ImageDataset published(ImageFiles files) throws IOException {
    Published published = files.published();
    Path home = published.folder();
    Optional<String> problem = published.problem(home);
    if (problem.isPresent()) {
      throw new DataException(problem.get());
    }
    return files.read(files.in(home).orElseThrow(), published.name());
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
    return named(
        IdxFiles.read(files, FASHION_MNIST, ClassNames.FASHION, Normalization.FASHION_MNIST));
  }

  private static ImageDataset folder(Path folder) throws IOException {
    String name =
        String.valueOf(folder.getFileName())
            .toLowerCase(Locale.ROOT)
            .replaceFirst("^cifar-(\\d+)", "cifar$1")
            .replaceFirst("^cifar10-batches-bin$", CIFAR10)
            .replaceFirst("^cifar100-binary$", CIFAR100);
    for (ImageFiles files : FILES.values()) {
      Optional<Path> found = files.in(folder);
      if (found.isPresent()) {
        return named(files.read(found.get(), name));
      }
    }
    if (IdxFiles.in(folder)) {
      boolean fashion = name.contains("fashion");
      return named(
          IdxFiles.read(
              folder,
              name,
              fashion ? ClassNames.FASHION : ClassNames.DIGITS,
              fashion ? Normalization.FASHION_MNIST : Normalization.MNIST));
    }
    throw new DataException(
        "Folder "
            + folder
            + " has no data set: neither data_batch_1.bin and test_batch.bin in CIFAR-10's binary"
            + " layout, train.bin and test.bin in CIFAR-100's, nor train_32x32.mat and"
            + " test_32x32.mat as SVHN has them, nor train-images-idx3-ubyte and its three"
            + " companions.");
  }

  /** Takes a published set's name from what is not all of that set. */
  private static ImageDataset named(ImageDataset read) {
    List<Integer> sizes = List.of(read.train.size(), read.test.size(), read.classNames.size());
    if (PUBLISHED.getOrDefault(read.name, sizes).equals(sizes)) {
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
            + ". A folder with files in CIFAR's binary, SVHN's or MNIST's layout works too.");
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
