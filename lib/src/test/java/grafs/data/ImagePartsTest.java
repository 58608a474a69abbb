package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Seed;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests the parts of an {@link ImageSet}: the two parts of a split are disjoint and have all images
 * together, and each part has the same share of every class.
 */
@ExtendWith(Seed.class)
class ImagePartsTest {

  private static final List<String> TEN = Published.of("cifar10").classes();

  private final long seed = Seed.get();

  @Test
  void halvesAreDisjointBalancedAndComplete() {
    // Image i has a single pixel, of value i, by which it is recognised.
    byte[] bytes = new byte[201];
    byte[] labels = new byte[201];
    for (int i = 0; i < 201; i++) {
      bytes[i] = (byte) i;
      labels[i] = (byte) (i % 10);
    }
    ImageSet set = ImageSet.of(new Pixels(bytes, labels, 1, 1, 1), TEN, Normalization.MNIST);
    ImageSet.Split split = set.split(0.5, seed);
    Set<Integer> first = identities(split.weights());
    Set<Integer> second = identities(split.architecture());
    assertEquals(100, first.size());
    assertEquals(101, second.size());
    second.addAll(first);
    assertEquals(201, second.size());
    int[] counts = new int[10];
    IntStream.range(0, 100).forEach(i -> counts[split.weights().label(i)]++);
    assertArrayEquals(IntStream.generate(() -> 10).limit(10).toArray(), counts);
    assertEquals(first, identities(set.split(0.5, seed).weights()));
    assertFalse(first.equals(identities(set.split(0.5, seed + 1).weights())));
    int[] ofPart = new int[10];
    ImageSet part = set.subset(57, seed);
    IntStream.range(0, 57).forEach(i -> ofPart[part.label(i)]++);
    assertTrue(Arrays.stream(ofPart).allMatch(n -> n == 5 || n == 6), Arrays.toString(ofPart));
  }

  /**
   * 90 % of the images are of one class. Each part, which is half of the set, has half of the
   * images of every class.
   */
  @Test
  void partsOfAnUnbalancedSetHaveTheSameShareOfEveryClass() {
    byte[] labels = new byte[200];
    for (int i = 0; i < 200; i += 10) {
      labels[i] = (byte) (1 + i / 10 % 2);
    }
    ImageSet set =
        ImageSet.of(new Pixels(new byte[200], labels, 1, 1, 1), TEN, Normalization.MNIST);
    ImageSet.Split split = set.split(0.5, seed);
    for (ImageSet part : List.of(split.weights(), split.architecture(), set.subset(100, seed))) {
      int[] counts = new int[10];
      IntStream.range(0, part.size()).forEach(i -> counts[part.label(i)]++);
      assertArrayEquals(new int[] {90, 5, 5, 0, 0, 0, 0, 0, 0, 0}, counts);
    }
  }

  /** Returns the values of the images' single pixels, by which a test recognises the images. */
  private static Set<Integer> identities(ImageSet set) {
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < set.size(); i++) {
      int id = set.image(i).getRGB(0, 0) & 0xff;
      assertEquals(id % 10, set.label(i));
      ids.add(id);
    }
    return ids;
  }
}
