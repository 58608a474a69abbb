package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import grafs.SharedFolder;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link Shrinking}: when a search drops candidate operations, and in which places. The
 * reference values, in {@code shrinking.json}, were recorded with the code of arXiv 2408.06820.
 * That paper's search space has 110 operations in 6 places (edges and vertices of the activation
 * cell). One operation is left in each place, so 104 are dropped, each time the one of lowest α in
 * a place. α are the numbers by which the search rates operations.
 */
class ShrinkingTest {

  /**
   * The record of one search.
   *
   * @param length the number of epochs or steps
   * @param start the time of the first drops, counted from 0
   * @param times the time of each drop
   * @param places the place of each drop
   * @param left each row has a time, followed by the number of operations left in each place after
   *     this time
   */
  private record Course(
      int length,
      int start,
      @SerializedName("drop_times") int[] times,
      @SerializedName("places_in_order_of_drops") List<String> places,
      @SerializedName("left_after") int[][] left) {}

  /** The two records of the file: of a search of 50 epochs and of one of 1000 steps. */
  private record Oracle(
      @SerializedName("epochs_50") Course epochs,
      @SerializedName("iterations_1000") Course iterations) {}

  @Test
  void dropsWhenAndWhereTheReferenceDoes() throws IOException {
    Oracle oracle =
        new Gson()
            .fromJson(
                Files.readString(SharedFolder.require("oracles/reference/shrinking.json")),
                Oracle.class);
    for (Course course : List.of(oracle.epochs, oracle.iterations)) {
      Shrinking shrinking = new Shrinking(Shrinking.Unit.EPOCH, course.start);
      assertArrayEquals(course.times, shrinking.times(110, 6, course.length));
      CellSpace space = CellSpace.paper();
      double[][] alpha = new ArchitectureParameters(space, 1).alpha();
      Candidates candidates = Candidates.all(space);
      int dropped = 0;
      for (int time = 0; time < course.length; time++) {
        int before = dropped;
        while (dropped < shrinking.due(110, 6, time, course.length)) {
          int[] next = Shrinking.next(candidates, alpha);
          assertEquals(course.places.get(dropped), space.places().get(next[0]).name());
          for (int o : candidates.of(next[0])) {
            assertTrue(alpha[next[0]][o] >= alpha[next[0]][next[1]], "the lowest α goes");
          }
          candidates = candidates.without(next[0], next[1]);
          dropped++;
        }
        if (dropped > before) {
          for (int[] left : course.left) {
            if (left[0] == time) {
              for (int p = 0; p < 6; p++) {
                assertEquals(left[p + 1], candidates.of(p).size(), "at " + time + ", place " + p);
              }
            }
          }
        }
      }
      assertTrue(candidates.decided());
    }
  }

  @Test
  void shortSearchesEndDecidedToo() {
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      int length = 1 + random.nextInt(12);
      int start = 1 + random.nextInt(length);
      Shrinking shrinking = new Shrinking(Shrinking.Unit.STEP, start);
      assertEquals(
          104, shrinking.due(110, 6, length - 1, length), "start " + start + " of " + length);
    }
  }

  @Test
  void offNothingIsDropped() {
    assertEquals(0, Shrinking.OFF.due(110, 6, 49, 50));
    assertThrows(IllegalArgumentException.class, () -> new Shrinking(Shrinking.Unit.EPOCH, 0));
  }
}
