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
 * A published data set: its name and contents, where to download it, and sizes and checksums of its
 * files. The table is {@code published.json} beside this class; {@code datasets/README.md} says the
 * same in prose.
 *
 * <p>Sizes and SHA-256 of the image sets are those of tensorflow/datasets, {@code
 * url_checksums/cifar10.txt}, {@code cifar100.txt}, {@code fashion_mnist.txt} and {@code
 * svhn_cropped.txt}; those of TinyStories, whose address holds the revision of 2024-08-12, are
 * shown by Hugging Face on each file's page. The MD5 of CIFAR-10's batches are those that
 * rai-project/dldataset checks, in {@code vision/cifar10.go}; nobody publishes any for CIFAR-100's
 * two files. CIFAR-100's classes are the fine ones, as {@code fine_label_names.txt} has them.
 *
 * @param name its name in the kit, also of its folder under {@code datasets/}
 * @param title its name by its authors
 * @param licence under which terms it is published
 * @param images the numbers of training and of test images; empty for a text
 * @param classes the names of the images' classes, by label; empty for a text
 * @param files what to download
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

  /** {@return all published data sets that the kit reads, by name} */
  static List<Published> all() {
    return TABLE;
  }

  /**
   * Returns a published data set.
   *
   * @param name its name
   * @return the data set
   * @throws DataException if there is none of that name; says which there are
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

  /** {@return where its files belong: {@code datasets/NAME/} of the {@link ProjectHome}} */
  Path folder() {
    return ProjectHome.datasets().resolve(name);
  }

  /** {@return the size of the download in bytes} */
  long size() {
    return files.stream().mapToLong(PublishedFile::size).sum();
  }

  /**
   * Says how to get the data set, with a network and without.
   *
   * @param home the folder where its files belong
   * @return what to run, and which files of which size and checksum to put where, one per line
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
   * Compares what is in a folder with what was published. Reads all of it.
   *
   * @param home the folder, which need not exist
   * @return what is missing or wrong first, or empty if nothing is
   * @throws IOException if something that is there cannot be read
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
   * Throws if a folder does not have the data set as it was published.
   *
   * @param home the folder, which need not exist
   * @throws DataException that says what is missing or wrong, where, and what to do
   * @throws IOException if something that is there cannot be read
   */
  void require(Path home) throws IOException {
    String problem = problem(home);
    if (!problem.isEmpty()) {
      throw new DataException(title + ": " + problem + ". " + wanted(home));
    }
  }
}
