package grafs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assertions;

/**
 * Makes damaged files, whose reading the tests check: 60 per format, or as many as {@code
 * -Dgrafs.fuzz=10000} says; {@code -Dgrafs.fuzzSeed=N} repeats those of a printed seed.
 */
public final class Fuzz {

  private static final int COUNT = Integer.getInteger("grafs.fuzz", 60);
  private static final long SEED = Long.getLong("grafs.fuzzSeed", 20260101);

  /** What numbers in texts are replaced by. */
  private static final String[] NUMBERS = {
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "1e309",
    "4294967296",
    "2147483647",
    "99999999999999999999",
    "0.5",
    "\"7\"",
    "null",
    "[]",
    "{}",
    "true",
    ""
  };

  /** A reading of a damaged file. */
  @FunctionalInterface
  public interface Reading {
    /** Reads it; whatever it throws fails the test. */
    void of(byte[] damaged) throws Exception;
  }

  private Fuzz() {}

  /**
   * Damages bytes in every way, and has each result read.
   *
   * @param what which format, for the message
   * @param good a good file
   * @param head how many of its bytes, from the first, are damaged
   * @param reading reads one; none may take longer than 20 s
   */
  public static void damage(String what, byte[] good, int head, Reading reading) {
    System.out.printf("%s: %d damaged files of seed %d%n", what, COUNT, SEED);
    for (int i = 0; i < COUNT; i++) {
      Random random = new Random(SEED + i);
      byte[] bad = good;
      for (int times = 1 + random.nextInt(3); times > 0; times--) {
        bad = damaged(bad, Math.min(head, bad.length), random);
      }
      long start = System.nanoTime();
      try {
        reading.of(bad);
      } catch (Throwable e) {
        String file = bad.length < 2000 ? new String(bad, StandardCharsets.ISO_8859_1) : "";
        throw new AssertionError(
            "%s, -Dgrafs.fuzzSeed=%d: %s %s".formatted(what, SEED + i, e, file), e);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      Assertions.assertTrue(seconds < 20, what + " of seed " + (SEED + i) + ": " + seconds + " s");
    }
  }

  private static byte[] damaged(byte[] from, int head, Random random) {
    if (head == 0) {
      return new byte[1 + random.nextInt(20)];
    }
    int at = random.nextInt(head);
    int length = Math.min(1 + random.nextInt(16), from.length - at);
    byte[] bad = from.clone();
    switch (random.nextInt(8)) {
      case 0 -> bad[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bad[at] = (byte) random.nextInt(256);
      case 2 -> Arrays.fill(bad, at, at + length, (byte) (random.nextBoolean() ? 0 : 255));
      case 3 -> bad = Arrays.copyOf(bad, at);
      case 4 -> bad = joined(bad, at, new byte[random.nextInt(64)], at);
      case 5 -> bad = joined(bad, at, new byte[0], at + length);
      case 6 -> bad = joined(bad, at, Arrays.copyOfRange(bad, at, at + length), at);
      default -> bad = number(bad, at, random);
    }
    return bad;
  }

  private static byte[] joined(byte[] bytes, int end, byte[] middle, int from) {
    byte[] joined = new byte[end + middle.length + bytes.length - from];
    System.arraycopy(bytes, 0, joined, 0, end);
    System.arraycopy(middle, 0, joined, end, middle.length);
    System.arraycopy(bytes, from, joined, end + middle.length, bytes.length - from);
    return joined;
  }

  /** Replaces the next number of a text, or in a binary file the next eight bytes. */
  private static byte[] number(byte[] bytes, int at, Random random) {
    int from = at;
    while (from < bytes.length && (bytes[from] < '0' || bytes[from] > '9')) {
      from++;
    }
    int end = from;
    while (end < bytes.length && (bytes[end] >= '0' && bytes[end] <= '9' || bytes[end] == '.')) {
      end++;
    }
    String other = NUMBERS[random.nextInt(NUMBERS.length)];
    return joined(bytes, from, other.getBytes(StandardCharsets.UTF_8), end);
  }
}
