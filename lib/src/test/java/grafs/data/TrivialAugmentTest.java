package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import grafs.Seed;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that the operations of {@link TrivialAugment}, which change images at random in training,
 * compute the same as Pillow, Python's imaging library. The script {@code trivial_augment.py} in
 * the test resources has written Pillow's results to {@code trivial_augment.json}.
 */
@ExtendWith(Seed.class)
class TrivialAugmentTest {

  private static final int WIDTH = 12;
  private static final int HEIGHT = 10;

  /** Returns the image that {@code trivial_augment.py} changes, as [3, height, width]. */
  private static int[] picture() {
    int[] bytes = new int[3 * HEIGHT * WIDTH];
    Arrays.setAll(
        bytes,
        i -> {
          int x = i % WIDTH;
          int y = i / WIDTH % HEIGHT;
          int c = i / (WIDTH * HEIGHT);
          return 20 + (x * x * 7 + y * y * 5 + 53 * c + x * y * 11) % 201;
        });
    return bytes;
  }

  @Test
  void pillowMakesTheSame() throws IOException {
    JsonObject made;
    try (Reader reader =
        new InputStreamReader(
            TrivialAugmentTest.class.getResourceAsStream("trivial_augment.json"),
            StandardCharsets.UTF_8)) {
      made = new Gson().fromJson(reader, JsonObject.class);
    }
    for (Map.Entry<String, JsonElement> entry : made.entrySet()) {
      String[] words = entry.getKey().split(" ");
      TrivialAugment operation = TrivialAugment.valueOf(words[0]);
      var drawn = new TrivialAugment.Drawn(operation, Integer.parseInt(words[1]));
      byte[] expected = HexFormat.of().parseHex(entry.getValue().getAsString());
      byte[] own = new byte[expected.length];
      int[] changed = drawn.of(picture(), HEIGHT, WIDTH);
      for (int i = 0; i < own.length; i++) {
        own[i] = (byte) changed[i];
      }
      assertArrayEquals(expected, own, entry.getKey());
    }
    assertEquals(14, made.keySet().stream().map(name -> name.split(" ")[0]).distinct().count());
  }

  @Test
  void operationsAndStrengthsAreDrawnUniformly() {
    SplittableRandom random = new SplittableRandom(Seed.get());
    Map<TrivialAugment, TreeSet<Integer>> strengths = new EnumMap<>(TrivialAugment.class);
    Map<TrivialAugment, Integer> counts = new EnumMap<>(TrivialAugment.class);
    int draws = 42_000;
    for (int i = 0; i < draws; i++) {
      TrivialAugment.Drawn drawn = TrivialAugment.Drawn.from(random);
      strengths.computeIfAbsent(drawn.operation(), o -> new TreeSet<>()).add(drawn.strength());
      counts.merge(drawn.operation(), 1, Integer::sum);
    }
    assertEquals(14, counts.size());
    // Each operation is expected 3 000 times, with a standard deviation of 53; the tolerance is six
    // times that.
    counts.forEach((operation, count) -> assertEquals(3000, count, 318, operation.name()));
    assertEquals(61, strengths.get(TrivialAugment.ROTATE).size());
    assertEquals(31, strengths.get(TrivialAugment.SOLARIZE).size());
    assertTrue(strengths.get(TrivialAugment.SOLARIZE).first() >= 0);
    assertEquals(-135, new TrivialAugment.Drawn(TrivialAugment.ROTATE, -30).magnitude(), 1e-12);
    assertEquals(2, new TrivialAugment.Drawn(TrivialAugment.POSTERIZE, 30).magnitude(), 1e-12);
  }
}
