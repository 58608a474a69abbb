package grafs.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An image data set: training and test images, and the names of their classes. {@link #load} reads
 * a published data set by its name, or the user's own from a folder.
 *
 * @param name the name under which results are reported; a data set with only a part of a published
 *     set's images has another name than that set
 * @param train the training images, which a search for an activation function splits in two parts:
 *     one to train the network's weights on, one to choose the activation function with
 * @param test the test images, which are used in no training and no search
 */
public record ImageDataset(String name, ImageSet train, ImageSet test) {

  /** The folder of the files of Debian's package dataset-fashion-mnist. */
  private static final Path SYSTEM = Path.of("/usr/share/datasets/fashion-mnist");

  /**
   * Creates a data set.
   *
   * @throws IllegalArgumentException if training and test images differ in their channels, height,
   *     width or number of classes
   */
  public ImageDataset {
    if (!form(train).equals(form(test))) {
      throw new IllegalArgumentException(
          name + ": training images of " + form(train) + ", but test images of " + form(test));
    }
  }

  /** Describes the images of a set for a message: channels, height, width and number of classes. */
  private static String form(ImageSet set) {
    return "%d×%d×%d in %d classes"
        .formatted(set.channels(), set.height(), set.width(), set.classNames().size());
  }

  /** {@return the names of the classes; the index of a class is its label} */
  public List<String> classNames() {
    return train.classNames();
  }

  /** {@return the names of the published image sets that {@link #load} reads, sorted} */
  public static List<String> names() {
    return Published.all().stream()
        .filter(p -> !p.images().isEmpty())
        .map(Published::name)
        .toList();
  }

  /**
   * Finds the files of a data set without reading them.
   *
   * @param name one of {@link #names()}
   * @return the folder that {@link #load} would read, or empty if files are missing
   * @throws DataException if there is no such name
   */
  public static Optional<Path> locate(String name) {
    ImageFiles files = ImageFiles.named(name).orElseThrow(() -> unknown(name));
    return Stream.of(SYSTEM, files.published().folder())
        .flatMap(f -> files.in(f).stream())
        .filter(f -> files.missing(f).isEmpty())
        .findFirst();
  }

  /**
   * Loads a data set into memory. The argument is one of these:
   *
   * <ul>
   *   <li>{@code fashion-mnist}: from the files of Debian's package dataset-fashion-mnist if it is
   *       installed, else from {@code datasets/fashion-mnist/} of {@linkplain ProjectHome the
   *       project}. The files may be gzipped or not; their decompressed content must have the
   *       {@linkplain Published published} checksums.
   *   <li>{@code cifar10}, {@code cifar100} (labelled by its 100 classes, not by their 20 groups),
   *       {@code svhn} (cropped digits, without the additional training images that are published
   *       as {@code extra}): from the data set's folder in {@code datasets/} of the project. The
   *       files must be complete and have the published sizes and checksums.
   *   <li>a folder with files in the binary layout of CIFAR-10 (one to five training batches) or
   *       CIFAR-100, in the layout of SVHN, or with the four IDX files of MNIST or Fashion-MNIST;
   *       any number of images. The data set gets the folder's name in lower case ({@code
   *       cifar-10-x} becomes {@code cifar10-x}). If that is {@code mnist} or the name of a
   *       published set, but the folder has other numbers of images or classes than that set,
   *       {@code -partial} is added.
   * </ul>
   *
   * @param nameOrFolder one of {@link #names()}, or a folder: an absolute path, or one relative to
   *     the working directory or to the project's folder
   * @return the data set
   * @throws DataException if there is no such name or folder, or files are missing or damaged; the
   *     message says which ones and what to do
   */
  public static ImageDataset load(String nameOrFolder) {
    try {
      Optional<ImageFiles> files = ImageFiles.named(nameOrFolder);
      return files.isPresent()
          ? published(files.get())
          : folder(
              ProjectHome.existing(nameOrFolder, Files::isDirectory)
                  .orElseThrow(() -> unknown(nameOrFolder)));
    } catch (IOException e) {
      throw new DataException("Data set " + nameOrFolder + " could not be read: " + e, e);
    }
  }

  private static ImageDataset published(ImageFiles files) throws IOException {
    Published published = files.published();
    Path home = published.folder();
    // The files of Debian's package have other gzip headers than the published files, and so other
    // checksums. For Fashion-MNIST, readPublished compares the checksums of the decompressed
    // content instead.
    if (files != ImageFiles.FASHION_MNIST) {
      published.require(home);
    }
    Optional<Path> folder = locate(published.name());
    if (folder.isEmpty()) {
      String missing = String.join(", ", files.missing(home));
      throw new DataException(
          "%s: %s lacks %s (with .gz or without). Debian's package dataset-fashion-mnist has them too. %s"
              .formatted(published.title(), home, missing, published.wanted(home)));
    }
    return named(files.readPublished(folder.get()));
  }

  private static ImageDataset folder(Path folder) throws IOException {
    String name =
        String.valueOf(folder.getFileName())
            .toLowerCase(Locale.ROOT)
            .replaceFirst("^cifar-(\\d+)", "cifar$1")
            .replaceFirst("^(cifar\\d+)-(batches-bin|binary)$", "$1");
    ImageFiles idx = name.contains("fashion") ? ImageFiles.FASHION_MNIST : ImageFiles.MNIST;
    for (ImageFiles files :
        List.of(ImageFiles.CIFAR10, ImageFiles.CIFAR100, ImageFiles.SVHN, idx)) {
      Optional<Path> found = files.in(folder);
      if (found.isPresent()) {
        return named(files.read(found.get(), name));
      }
    }
    throw new DataException(
        "Folder %s has no data set: neither data_batch_1.bin and test_batch.bin in CIFAR-10's binary layout, train.bin and test.bin in CIFAR-100's, nor train_32x32.mat and test_32x32.mat as SVHN has them, nor train-images-idx3-ubyte and its three companions."
            .formatted(folder));
  }

  /**
   * Adds {@code -partial} to the name of a data set that is named like a published one, but has
   * other numbers of images or classes than that one.
   */
  private static ImageDataset named(ImageDataset read) {
    // MNIST is compared with Fashion-MNIST, which has the same numbers of images and classes.
    String published = read.name.equals("mnist") ? "fashion-mnist" : read.name;
    if (!names().contains(published)) {
      return read;
    }
    Published whole = Published.of(published);
    return whole.images().equals(List.of(read.train.size(), read.test.size()))
            && whole.classes().size() == read.classNames().size()
        ? read
        : new ImageDataset(read.name + "-partial", read.train, read.test);
  }

  private static DataException unknown(String name) {
    return new DataException(
        "There is no data set or folder '%s'. Known data sets: %s. A folder with files in CIFAR's binary, SVHN's or MNIST's layout works too."
            .formatted(name, String.join(", ", names())));
  }

  /**
   * Returns the data set with its images {@linkplain ImageSet#asRgb32() as three channels of
   * 32×32}.
   *
   * @return the same data set in that form; the stored pixels are shared, not copied
   * @throws IllegalArgumentException if the images cannot take that form; see {@link
   *     ImageSet#asRgb32()}
   */
  public ImageDataset asRgb32() {
    return new ImageDataset(name, train.asRgb32(), test.asRgb32());
  }
}
