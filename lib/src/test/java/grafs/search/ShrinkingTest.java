package grafs.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShrinkingTest {

  @Test
  void endsWithTheLargestOfEveryPlace() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    CellSpace space = CellSpace.paper();
    for (int start : new int[] {0, 3, 5}) {
      float[][] unary = random(random, 4, 29);
      float[][] binary = random(random, 2, 12);
      ArchitectureParameters.Values alpha = new ArchitectureParameters.Values(unary, binary);
      Shrinking shrinking = new Shrinking(start, 6);
      Candidates candidates = Candidates.all(space);
      for (double epochs = 0.1; epochs < 6.05; epochs += 0.1) {
        Candidates before = candidates;
        candidates = shrinking.shrink(candidates, alpha, epochs);
        if (epochs < start) {
          assertEquals(before, candidates, "nothing is dropped before epoch " + start + " ends");
        }
        assertTrue(epochs > 5.95 || !candidates.decided(), "the last vertex is decided last");
        for (int edge = 0; edge < 4; edge++) {
          assertTrue(
              before.unary().get(edge).containsAll(candidates.unary().get(edge)),
              "what is dropped stays dropped, seed " + seed);
          assertTrue(
              candidates.unary().get(edge).contains(largest(unary[edge])),
              "the largest is never dropped, seed " + seed);
        }
      }
      assertTrue(candidates.decided());
    }
  }

  @Test
  void dropsTheLowestOfThoseInPlay() {
    float[][] alpha = {{0.1f, 0.9f, 0.5f, 0.7f}};
    Candidates three =
        new Candidates(
            java.util.List.of(java.util.List.of(0, 2, 3)), java.util.List.of(java.util.List.of(0)));
    Candidates left =
        new Shrinking(0, 2)
            .shrink(three, new ArchitectureParameters.Values(alpha, new float[][] {{1}}), 0.9);
    assertEquals(java.util.List.of(2, 3), left.unary().get(0));
  }

  @Test
  void refusesToStartAfterTheEnd() {
    assertThrows(IllegalArgumentException.class, () -> new Shrinking(6, 6));
    assertThrows(IllegalArgumentException.class, () -> new Shrinking(-1, 6));
  }

  private static float[][] random(Random random, int rows, int columns) {
    float[][] values = new float[rows][columns];
    for (float[] row : values) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return values;
  }

  private static int largest(float[] values) {
    int largest = 0;
    for (int i = 0; i < values.length; i++) {
      largest = values[i] > values[largest] ? i : largest;
    }
    return largest;
  }
}
