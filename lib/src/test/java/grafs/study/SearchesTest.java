package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.lab.Trajectory;
import grafs.lab.Trajectory.Place;
import grafs.plot.Chart;
import grafs.plot.HeatTable;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class SearchesTest {

  private static final double GONE = Double.NaN;

  /** One edge, one vertex and two epochs; the winner as given. */
  private static Trajectory search(int winner) {
    double[][] edge = new double[3][];
    for (int o = 0; o < 3; o++) {
      edge[o] =
          new double[] {
            1 / 3.0,
            o == winner ? 0.75 : o == (winner + 1) % 3 ? 0.25 : GONE,
            o == winner ? 1 : GONE
          };
    }
    return new Trajectory(
        List.of(
            new Place("edge u1", List.of("max0", "tanh", "sin"), edge),
            new Place(
                "vertex b1",
                List.of("add", "mul"),
                new double[][] {{0.5, 0.5, 1}, {0.5, 0.5, GONE}})));
  }

  private static final Searches TWO =
      new Searches(List.of("seed 1", "seed 2"), List.of(search(0), search(1)));

  @Test
  void entropyFallsFromThatOfEqualWeightsToNothing() {
    double[] entropy = TWO.entropies().layers().get(1).y();
    assertEquals((Math.log(3) + Math.log(2)) / 2, entropy[0], 1e-12);
    double middle = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
    assertEquals((middle + Math.log(2)) / 2, entropy[1], 1e-12);
    assertEquals(0, entropy[2], 1e-12);
  }

  @Test
  void survivalCountsEdgesAndVerticesApart() {
    HeatTable edges = TWO.survival();
    assertEquals(List.of("tanh", "max0", "sin"), edges.rows(), "those that stay longest first");
    assertEquals(List.of(1.0, 1.0, 0.5), boxed(edges.values()[0]));
    assertEquals(List.of(1.0, 0.5, 0.5), boxed(edges.values()[1]));
    assertEquals(List.of(1.0, 0.5, 0.0), boxed(edges.values()[2]));
    assertEquals(List.of("add", "mul"), TWO.binarySurvival().rows());
  }

  private static List<Double> boxed(double... values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  @Test
  void principalComponentsKeepDistancesThatLieInAPlane() {
    Chart chart = TWO.principalComponents();
    Chart.Layer one = chart.layers().get(0);
    Chart.Layer other = chart.layers().get(1);
    assertEquals(one.x()[0], other.x()[0], 1e-9, "both start from the same weights");
    assertEquals(one.y()[0], other.y()[0], 1e-9);
    double apart = Math.hypot(one.x()[2] - other.x()[2], one.y()[2] - other.y()[2]);
    assertEquals(Math.sqrt(2), apart, 0.05, "the ends (1, 0, 0) and (0, 1, 0)");
    assertTrue(chart.x().title().matches("first component, \\d+ % of the variance"));
  }

  @Test
  void neighboursOfTSneAreNeighbours() {
    List<Trajectory> four = List.of(search(0), search(0), search(1), search(2));
    Chart map = new Searches(List.of("a", "b", "c", "d"), four).neighbours(1);
    Chart.Layer a = map.layers().get(0);
    Chart.Layer b = map.layers().get(1);
    Chart.Layer c = map.layers().get(2);
    double same = Math.hypot(a.x()[2] - b.x()[2], a.y()[2] - b.y()[2]);
    double other = Math.hypot(a.x()[2] - c.x()[2], a.y()[2] - c.y()[2]);
    assertTrue(same < other, same + " and " + other);
  }

  @Test
  void whatSearchesEndedInIsCounted() {
    Table kept = TWO.kept();
    assertEquals(List.of("add", "max0", "tanh"), kept.stringColumn("operation").asList());
    assertEquals(2, kept.doubleColumn("times").get(0));
    assertEquals("b1, b1", kept.stringColumn("where").get(0));
  }

  @Test
  void searchesOfOtherSpacesAreNotMixed() {
    Trajectory other =
        new Trajectory(List.of(new Place("edge u1", List.of("max0"), new double[][] {{1, 1}})));
    List<Trajectory> both = List.of(search(0), other);
    String said =
        assertThrows(
                IllegalArgumentException.class, () -> new Searches(List.of("one", "two"), both))
            .getMessage();
    assertTrue(said.contains("'two' searched another space than 'one'"), said);
    assertThrows(IllegalArgumentException.class, () -> Searches.of(List.of()));
  }
}
