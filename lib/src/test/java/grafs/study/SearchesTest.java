package grafs.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.notebook.FigureData;
import grafs.run.Trajectory;
import grafs.run.Trajectory.Place;
import java.util.List;
import org.junit.jupiter.api.Test;
import smile.math.MathEx;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

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
    double[] entropy = FigureData.numbers(TWO.entropies(), 1, "y");
    assertEquals((Math.log(3) + Math.log(2)) / 2, entropy[0], 1e-12);
    double middle = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
    assertEquals((middle + Math.log(2)) / 2, entropy[1], 1e-12);
    assertEquals(0, entropy[2], 1e-12);
  }

  @Test
  void survivalCountsEdgesAndVerticesApart() {
    Figure edges = TWO.survival();
    assertEquals(
        List.of("tanh", "max0", "sin"),
        FigureData.texts(edges, 0, "y"),
        "those that stay longest first");
    assertEquals(List.of(1.0, 1.0, 0.5), boxed(FigureData.row(edges, 0)));
    assertEquals(List.of(1.0, 0.5, 0.5), boxed(FigureData.row(edges, 1)));
    assertEquals(List.of(1.0, 0.5, 0.0), boxed(FigureData.row(edges, 2)));
    assertEquals(List.of("add", "mul"), FigureData.texts(TWO.binarySurvival(), 0, "y"));
  }

  private static List<Double> boxed(double... values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  @Test
  void principalComponentsKeepDistancesThatLieInAPlane() {
    Figure figure = TWO.principalComponents();
    double[][] one = path(figure, 0);
    double[][] other = path(figure, 1);
    assertArrayEquals(one[0], other[0], 1e-9, "both start from the same weights");
    assertEquals(Math.sqrt(2), MathEx.distance(one[2], other[2]), 0.05, "(1, 0, 0), (0, 1, 0)");
    assertTrue(
        figure.getLayout().asJavascript().matches("(?s).*first component, \\d+ % of the var.*"));
  }

  /** {@return the points of a line, {@code [points][2]}} */
  private static double[][] path(Figure figure, int trace) {
    return MathEx.transpose(
        new double[][] {
          FigureData.numbers(figure, trace, "x"), FigureData.numbers(figure, trace, "y")
        });
  }

  @Test
  void neighboursOfTSneAreNeighbours() {
    List<Trajectory> four = List.of(search(0), search(0), search(1), search(2));
    Figure map = new Searches(List.of("a", "b", "c", "d"), four).neighbours(1);
    double same = MathEx.distance(path(map, 0)[2], path(map, 1)[2]);
    double other = MathEx.distance(path(map, 0)[2], path(map, 2)[2]);
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
