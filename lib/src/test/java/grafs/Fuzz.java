package grafs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assertions;

/**
 * Makes damaged copies of a valid file, to test that the code that reads such files refuses damaged
 * ones properly. Each call of {@link #damage} makes 60 copies, or N with {@code -Dgrafs.fuzz=N}.
 * Copy i is damaged at random with seed {@code SEED + i}. The message of a failure has the seed of
 * the failing copy. With {@code -Dgrafs.fuzzSeed=} and this seed, the first copy made is the
 * failing one.
 */
public final class Fuzz {

  private static final int COUNT = Integer.getInteger("grafs.fuzz", 60);
  private static final long SEED = Long.getLong("grafs.fuzzSeed", 20260101);

  /** The strings by which a number in a file is replaced: extreme, malformed or of another type. */
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

  /** Reads a damaged file, as the code under test does. */
  @FunctionalInterface
  public interface Reading {
    /**
     * Reads the file. It returns normally if the code under test reads the file or refuses it as it
     * should; any exception fails the test.
     */
    void of(byte[] damaged) throws Exception;
  }

  private Fuzz() {}

  /**
   * Makes damaged copies of a file and calls {@code reading} with each. A copy has one to three
   * damages of random kinds: changed bits or bytes; bytes inserted, removed or repeated; an end cut
   * off; a number replaced.
   *
   * @param what the name of the format, for the message of a failure
   * @param good the bytes of a valid file
   * @param head each damage begins at a random place among this many bytes at the start of the file
   * @param reading reads a copy; the test fails if that takes 20 s or more
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

  /**
   * Returns the bytes with a damage of a random kind at a place drawn from the first {@code head}
   * bytes. If {@code head} is 0, returns 1 to 20 zero bytes.
   */
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

  /**
   * Returns the first {@code end} bytes, then {@code middle}, then the bytes from {@code from} on.
   */
  private static byte[] joined(byte[] bytes, int end, byte[] middle, int from) {
    byte[] joined = new byte[end + middle.length + bytes.length - from];
    System.arraycopy(bytes, 0, joined, 0, end);
    System.arraycopy(middle, 0, joined, end, middle.length);
    System.arraycopy(bytes, from, joined, end + middle.length, bytes.length - from);
    return joined;
  }

  /**
   * Replaces a number by one of {@link #NUMBERS}. The number is the first sequence of digits and
   * dots that begins with a digit at or after index {@code at}. If there is none, appends one of
   * {@link #NUMBERS}.
   */
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
