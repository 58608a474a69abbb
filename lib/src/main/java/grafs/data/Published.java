package grafs.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A published data set: what it is, where it is to be had and how to know that it is whole. {@link
 * #all()} is the one place that says so; {@code datasets/README.md} says the same in prose.
 *
 * @param name what the kit calls it, also its folder under {@code datasets/}
 * @param title what its authors call it
 * @param licence under which terms it is published
 * @param files what to download
 */
public record Published(String name, String title, String licence, List<PublishedFile> files) {

  private static final String TORONTO = "https://www.cs.toronto.edu/~kriz/";
  private static final String ZALANDO =
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
  private static final String STANFORD = "http://ufldl.stanford.edu/housenumbers/";

  /** With the revision of 2024-08-12 in it, so that what is behind the address cannot change. */
  private static final String TINY_STORIES =
      "https://huggingface.co/datasets/roneneldan/TinyStories/resolve/"
          + "f54c09fd23315a6f9c86f9dc80f725de7d8f9c64/";

  /*
   * Sizes and SHA-256 of the first four are those of tensorflow/datasets, url_checksums/cifar10.txt,
   * cifar100.txt, fashion_mnist.txt and svhn_cropped.txt. The MD5 that CIFAR's page and torchvision
   * give for the same files are c32a1d4ab5d03f1284b67883e8d87530 and
   * 03b5dce01913d631647c71ecec9e9cb8, for SVHN e26dedcc434d2e4c54c9b2d4a06d8373 and
   * eb5a983be6a315427106f1b164d9cef3. For TinyStories, Hugging Face shows size and SHA-256 on each
   * file's page.
   */
  private static final List<Published> TABLE =
      List.of(
          new Published(
              "cifar10",
              "CIFAR-10",
              "none stated; cite Krizhevsky 2009",
              List.of(
                  archive(
                      TORONTO + "cifar-10-binary.tar.gz",
                      170_052_171,
                      "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                      "cifar-10-batches-bin",
                      cifar10()))),
          new Published(
              "cifar100",
              "CIFAR-100",
              "none stated; cite Krizhevsky 2009",
              List.of(
                  archive(
                      TORONTO + "cifar-100-binary.tar.gz",
                      168_513_733,
                      "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                      "cifar-100-binary",
                      // Nobody publishes checksums of these two.
                      List.of(
                          new PublishedFile.Member("train.bin", 153_700_000, Optional.empty()),
                          new PublishedFile.Member("test.bin", 30_740_000, Optional.empty()))))),
          new Published(
              "fashion-mnist",
              "Fashion-MNIST",
              "MIT",
              List.of(
                  file(
                      ZALANDO + "train-images-idx3-ubyte.gz",
                      26_421_880,
                      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                  file(
                      ZALANDO + "train-labels-idx1-ubyte.gz",
                      29_515,
                      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                  file(
                      ZALANDO + "t10k-images-idx3-ubyte.gz",
                      4_422_102,
                      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                  file(
                      ZALANDO + "t10k-labels-idx1-ubyte.gz",
                      5_148,
                      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"))),
          new Published(
              "svhn",
              "SVHN core",
              "non-commercial use; cite Netzer et al. 2011",
              List.of(
                  file(
                      STANFORD + "train_32x32.mat",
                      182_040_794,
                      "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"),
                  file(
                      STANFORD + "test_32x32.mat",
                      64_275_384,
                      "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"))),
          new Published(
              "tinystories",
              "TinyStories",
              "CDLA-Sharing-1.0",
              List.of(
                  file(
                      TINY_STORIES + "TinyStories-train.txt",
                      1_924_281_556,
                      "c5cf5e22ff13614e830afbe61a99fbcbe8bcb7dd72252b989fa1117a368d401f"),
                  file(
                      TINY_STORIES + "TinyStories-valid.txt",
                      19_447_282,
                      "94e431816c4cce81ff71e4408ff8d3bda9a42e8d2663986697c3954288cb38b4"))));

  private static PublishedFile file(String url, long size, String sha256) {
    return new PublishedFile(URI.create(url), size, Checksum.sha256(sha256), Optional.empty());
  }

  private static PublishedFile archive(
      String url, long size, String sha256, String folder, List<PublishedFile.Member> members) {
    return new PublishedFile(
        URI.create(url),
        size,
        Checksum.sha256(sha256),
        Optional.of(new PublishedFile.Unpacked(folder, members)));
  }

  /** The MD5 are those that rai-project/dldataset checks, in vision/cifar10.go. */
  private static List<PublishedFile.Member> cifar10() {
    List<String> md5 =
        List.of(
            "5dd7e06a14cb22eb9f671a540d1b7c25",
            "5ea93a67294ea407fff1d09f752e9692",
            "942cd6a4bcdd0dd3c604fbe906cb4421",
            "ae636b3ba5c66a11e91e8cb52e771fcb",
            "53f37980c15c3d472c316c40844f3f0d");
    Stream<PublishedFile.Member> train =
        IntStream.range(0, md5.size())
            .mapToObj(i -> batch("data_batch_" + (i + 1) + ".bin", md5.get(i)));
    Stream<PublishedFile.Member> test =
        Stream.of(batch("test_batch.bin", "803d5f7f4d78ea53de84dbe85f74fb6d"));
    return Stream.concat(train, test).toList();
  }

  private static PublishedFile.Member batch(String name, String md5) {
    return new PublishedFile.Member(name, 30_730_000, Optional.of(Checksum.md5(md5)));
  }

  /** {@return all published data sets that the kit reads, by name} */
  public static List<Published> all() {
    return TABLE;
  }

  /**
   * Returns a published data set.
   *
   * @param name its name
   * @return what is published of it
   * @throws DataException if the kit knows none of that name; says which it knows
   */
  public static Published of(String name) {
    return TABLE.stream()
        .filter(p -> p.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new DataException(
                    "there is no data set '%s' to fetch. The data sets are: %s"
                        .formatted(
                            name,
                            TABLE.stream().map(Published::name).collect(Collectors.joining(" ")))));
  }

  /** {@return where its files belong: {@code datasets/NAME/} of the {@link ProjectHome}} */
  public Path folder() {
    return ProjectHome.find()
        .orElse(Path.of(""))
        .resolve("datasets")
        .resolve(name)
        .toAbsolutePath();
  }

  /** {@return the bytes to download} */
  public long size() {
    return files.stream().mapToLong(PublishedFile::size).sum();
  }

  /**
   * Says how to get the data set, with a network and without.
   *
   * @param home the folder where its files belong
   * @return what to run, and which files of which size and checksum to put where, a line each
   */
  public String wanted(Path home) {
    boolean packed = files.stream().anyMatch(f -> f.unpacked().isPresent());
    return "To fetch it: environment/lab data %s. Without a network, put into %s%n%s%nand run the same command: it checks%s them."
        .formatted(
            name,
            home,
            files.stream()
                .map(f -> "  %s%n    from %s".formatted(f, f.url()))
                .collect(Collectors.joining(System.lineSeparator())),
            packed ? " and unpacks" : "");
  }

  /**
   * Looks whether a folder has the data set as it was published. Reads all of it.
   *
   * @param home the folder
   * @return what is missing or wrong, where, and what to do; empty if nothing is
   * @throws IOException if something that is there cannot be read
   */
  public Optional<String> problem(Path home) throws IOException {
    for (PublishedFile file : files) {
      PublishedFile.Finding found = file.check(home);
      if (found.problem().isPresent()) {
        return Optional.of(title + ": " + found.problem().get() + ". " + wanted(home));
      }
    }
    return Optional.empty();
  }
}
