package grafs.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The checksum of a file.
 *
 * @param algorithm {@code SHA-256} or {@code MD5}, as {@link MessageDigest} calls them
 * @param hex the digest in lower-case hexadecimal
 */
public record Checksum(String algorithm, String hex) {

  /**
   * Creates a checksum.
   *
   * @throws IllegalArgumentException if it is not as long as the algorithm's, or no hexadecimal
   */
  public Checksum {
    int digits = 2 * digest(algorithm).getDigestLength();
    if (!hex.matches("[0-9a-f]{" + digits + "}")) {
      throw new IllegalArgumentException(
          algorithm + " has " + digits + " lower-case hexadecimal digits, which is not so: " + hex);
    }
  }

  /**
   * Returns a SHA-256.
   *
   * @param hex its 64 digits
   * @return the checksum
   */
  public static Checksum sha256(String hex) {
    return new Checksum("SHA-256", hex);
  }

  /**
   * Returns an MD5, for what is published with nothing better: it tells damage, not forgery.
   *
   * @param hex its 32 digits
   * @return the checksum
   */
  public static Checksum md5(String hex) {
    return new Checksum("MD5", hex);
  }

  /**
   * Computes a file's checksum.
   *
   * @param file the file, of any size
   * @param algorithm {@code SHA-256} or {@code MD5}
   * @return its checksum
   * @throws IOException if it cannot be read
   */
  public static Checksum of(Path file, String algorithm) throws IOException {
    MessageDigest digest = digest(algorithm);
    byte[] chunk = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        digest.update(chunk, 0, read);
      }
    }
    return new Checksum(algorithm, HexFormat.of().formatHex(digest.digest()));
  }

  /** {@return a fresh digest of an algorithm} */
  static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalArgumentException("There is no checksum " + algorithm, e);
    }
  }

  /** {@return the checksum as messages show it: {@code MD5 0cc1…}} */
  @Override
  public String toString() {
    return algorithm + " " + hex;
  }
}
