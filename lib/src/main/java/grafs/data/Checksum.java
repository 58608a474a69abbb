package grafs.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The checksum of a file. Downloads are compared with published checksums; token files and data
 * fingerprints use checksums to identify content.
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
    MessageDigest digest = digest(algorithm);
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return of(digest);
  }

  /** {@return the checksum of the bytes that a digest was updated with; resets the digest} */
  static Checksum of(MessageDigest digest) {
    return new Checksum(digest.getAlgorithm(), HexFormat.of().formatHex(digest.digest()));
  }

  /** {@return a new digest of the algorithm, such as {@code SHA-256}} */
  static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalArgumentException("There is no checksum " + algorithm, e);
    }
  }

  /** {@return the first 16 hexadecimal digits of the SHA-256 of a text, encoded in UTF-8} */
  static String shortHash(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(digest("SHA-256").digest(bytes), 0, 8);
  }

  /** {@return the checksum in the form used in messages: {@code MD5 0cc1…}} */
  @Override
  public String toString() {
    return algorithm + " " + hex;
  }
}
