package grafs.data;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A data set that this library can download: its name and content, the addresses, sizes and
 * checksums of its files. All such data sets are listed in the resource {@code published.json}
 * beside this class; {@code datasets/README.md} describes them for users.
 *
 * <p>Sources of the sizes and SHA-256 checksums: for the image sets, tensorflow/datasets ({@code
 * url_checksums/cifar10.txt}, {@code cifar100.txt}, {@code fashion_mnist.txt} and {@code
 * svhn_cropped.txt}); for TinyStories, Hugging Face's page of each file, at the revision of
 * 2024-08-12, which is part of the address. The MD5 checksums of CIFAR-10's unpacked files are from
 * rai-project/dldataset ({@code vision/cifar10.go}); none are published for CIFAR-100's. The
 * SHA-256 checksums of the decompressed content of Fashion-MNIST's files were computed from files
 * that have the SHA-256 checksums of tensorflow/datasets.
 *
 * @param name its name in this library, which is also the name of its folder in {@code datasets/}
 * @param title the name that its authors gave it
 * @param licence the terms under which it is published
 * @param images the number of training images and the number of test images, in this order; empty
 *     for a text
 * @param classes the names of the classes, in the order of their labels; empty for a text
 * @param files the files to download
 */
record Published(
    String name,
    String title,
    String licence,
    List<Integer> images,
    List<String> classes,
    List<PublishedFile> files) {

  private static final List<Published> TABLE = table();

  private static List<Published> table() {
    try (Reader json =
        new InputStreamReader(
            Published.class.getResourceAsStream("published.json"), StandardCharsets.UTF_8)) {
      return List.of(new Gson().fromJson(json, Published[].class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return all data sets of {@code published.json}, sorted by name} */
  static List<Published> all() {
    return TABLE;
  }

  /**
   * Returns the data set of a name.
   *
   * @param name the name in this library, such as {@code cifar10}
   * @return the data set
   * @throws DataException if there is no data set of that name; the message lists the names
   */
  static Published of(String name) {
    List<String> names = TABLE.stream().map(Published::name).toList();
    if (!names.contains(name)) {
      throw new DataException(
          "there is no data set '%s' to fetch. The data sets are: %s"
              .formatted(name, String.join(" ", names)));
    }
    return TABLE.get(names.indexOf(name));
  }

  /**
   * {@return the folder that its files belong in: {@code datasets/NAME/} in the project's folder,
   * which {@link ProjectHome} finds}
   */
  Path folder() {
    return ProjectHome.datasets().resolve(name);
  }

  /** {@return the size of all files to download, in bytes} */
  long size() {
    return files.stream().mapToLong(PublishedFile::size).sum();
  }

  /**
   * Returns a text, to be part of a message, that tells the user how to get the data set.
   *
   * @param home the folder that its files belong in
   * @return the command that fetches it, and for a machine without a network the name, size,
   *     checksum and address of each file to put into the folder
   */
  String wanted(Path home) {
    boolean packed = files.stream().anyMatch(f -> f.archive() != null);
    String wanted =
        files.stream()
            .map(f -> "  %s%n    from %s%n".formatted(f, f.url()))
            .collect(Collectors.joining());
    return "To fetch it: environment/lab data %s. Without a network, put into %s%n%sand run the same command: it checks%s them."
        .formatted(name, home, wanted, packed ? " and unpacks" : "");
  }

  /**
   * Compares the files in a folder with the published sizes and checksums, which reads them
   * completely.
   *
   * @param home the folder, which need not exist
   * @return the first problem, such as a missing file; empty if there is none
   * @throws IOException if an existing file cannot be read
   */
  String problem(Path home) throws IOException {
    for (PublishedFile file : files) {
      String problem = file.problem(home);
      if (!problem.isEmpty()) {
        return problem;
      }
    }
    return "";
  }

  /**
   * Throws unless a folder has all files of the data set, as they were published.
   *
   * @param home the folder, which need not exist
   * @throws DataException if a file is missing or damaged; the message says which one, and what to
   *     do
   * @throws IOException if an existing file cannot be read
   */
  void require(Path home) throws IOException {
    String problem = problem(home);
    if (!problem.isEmpty()) {
      throw new DataException(title + ": " + problem + ". " + wanted(home));
    }
  }
}
