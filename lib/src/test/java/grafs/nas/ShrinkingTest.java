package grafs.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShrinkingTest {

  @Test
  void endsWithTheLargestOfEveryPlace() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    CellSpace space = CellSpace.paper();
    for (Shrinking shrinking :
        List.of(
            Shrinking.geometric(0),
            Shrinking.geometric(3),
            Shrinking.geometric(5),
            Shrinking.linear(0),
            Shrinking.linear(4))) {
      int start = shrinking.start();
      float[][] unary = random(random, 4, 29);
      float[][] binary = random(random, 2, 12);
      ArchitectureParameters.Values alpha = new ArchitectureParameters.Values(unary, binary);
      Candidates candidates = Candidates.all(space);
      for (double epochs = 0.1; epochs < 6.05; epochs += 0.1) {
        Candidates before = candidates;
        candidates = shrinking.shrink(candidates, alpha, epochs, 7);
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
    Candidates three = new Candidates(List.of(List.of(0, 2, 3)), List.of(List.of(0)));
    Candidates left =
        Shrinking.geometric(0)
            .shrink(three, new ArchitectureParameters.Values(alpha, new float[][] {{1}}), 0.9, 3);
    assertEquals(List.of(2, 3), left.unary().get(0));
  }

  @Test
  void linearFallsByTheSameNumberAndGeometricByTheSameFactor() {
    int[] linear = new int[7];
    int[] geometric = new int[7];
    for (int done = 0; done < 7; done++) {
      linear[done] = Shrinking.linear(1).kept(33, done, 6, 0);
      geometric[done] = Shrinking.geometric(1).kept(33, done, 6, 0);
    }
    assertArrayEquals(new int[] {33, 33, 24, 14, 5, 1, 1}, linear);
    assertArrayEquals(new int[] {33, 33, 12, 5, 2, 1, 1}, geometric);
  }

  @Test
  void offCutsOnceAtTheEnd() {
    CellSpace space = CellSpace.paper();
    Random random = new Random(1);
    ArchitectureParameters.Values alpha =
        new ArchitectureParameters.Values(random(random, 4, 29), random(random, 2, 12));
    Candidates all = Candidates.all(space);
    assertEquals(all, Shrinking.OFF.shrink(all, alpha, 5.99, 6));
    Candidates cut = Shrinking.OFF.shrink(all, alpha, 6, 6);
    assertTrue(cut.decided());
    assertEquals(List.of(largest(alpha.unary()[2])), cut.unary().get(2));
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
