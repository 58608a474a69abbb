package grafs.data;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The checksum of a file. A downloaded file is compared with its published checksum, and a text is
 * identified by its SHA-256.
 *
 * @param algorithm {@code SHA-256}, or {@code MD5} where no other checksum is published; MD5
 *     detects damage but not forgery
 * @param hex the digest in lower-case hexadecimal
 */
record Checksum(String algorithm, String hex) {

  /**
   * Computes a file's checksum.
   *
   * @param file the file, of any size
   * @param algorithm {@code SHA-256} or {@code MD5}
   * @return its checksum
   * @throws IOException if the file cannot be read
   */
  static Checksum of(Path file, String algorithm) throws IOException {
    return new Checksum(algorithm, new DigestUtils(algorithm).digestAsHex(file));
  }

  /** {@return the checksum in the form used in messages: {@code MD5 0cc1…}} */
  @Override
  public String toString() {
    return algorithm + " " + hex;
  }
}
