package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.plot.SmallMultiples;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class CensusTest {

  private static final CellSpace SPACE = CellSpace.paper();

  private static Census.Entry entry(String function) {
    Expression f = Expression.parse(function);
    return new Census.Entry(f, f.canonical(), KnownActivation.of(f).map(KnownActivation::title));
  }

  private static final Census CENSUS =
      new Census(
          SPACE,
          List.of(
              // ReLU twice, in two ways; a constant; something else.
              entry("left(identity(left(max0(x), sin(x))), cos(x))"),
              entry("left(max0(right(sin(x), identity(x))), cos(x))"),
              entry("left(constant[1.0](add(sin(x), sin(x))), cos(x))"),
              entry("multiply(identity(add(sin(x), cos(x))), tanh(x))")));

  @Test
  void kindsAreCounted() {
    Table kinds = SpaceTables.kinds(CENSUS);
    assertEquals(
        List.of("a known activation", "constant", "neither"), kinds.stringColumn("kind").asList());
    assertEquals(List.of(2, 1, 1), kinds.intColumn("of 4").asList());
    assertEquals(List.of(50.0, 25.0, 25.0), kinds.doubleColumn("%").asList());
  }

  @Test
  void theMostFrequentComesFirst() {
    Table frequent = SpaceTables.frequent(CENSUS, 1);
    assertEquals(List.of("ReLU"), frequent.stringColumn("function").asList());
    assertEquals(List.of(2), frequent.intColumn("of 4").asList());
  }

  @Test
  void operationsAreCountedAfterSimplification() {
    Table operations = SpaceTables.operations(CENSUS);
    // max0; β; sin, cos, +, tanh, ·
    assertEquals(List.of("1", "5"), operations.stringColumn("operations").asList());
    assertEquals(List.of(3, 1), operations.intColumn("of 4").asList());
  }

  @Test
  void samplesAreRepeatable() {
    Census census = Census.of(SPACE, 20, 5);
    assertEquals(census.entries(), Census.of(SPACE, 20, 5).entries());
    assertTrue(
        census.entries().stream().map(Census.Entry::simplified).distinct().count() > 10,
        "hardly any two are the same");
  }

  @Test
  void figuresShowWhatIsThere() {
    SmallMultiples figure = SpacePlots.functions(CENSUS, 3, 4);
    assertEquals(3, figure.panels().size());
    assertEquals("ReLU", figure.panels().get(0).title());
    assertEquals("constant", figure.panels().get(2).title());
    assertEquals(23, SpacePlots.unary(SPACE, 5).panels().size());
    assertEquals(9, SpacePlots.binary(SPACE, 5).panels().size());
  }

  @Test
  void unboundedCurvesAreDrawnWhereTheyDiffer() {
    for (SmallMultiples.Panel panel : SpacePlots.unary(SPACE, 5).panels()) {
      int lines = ((SmallMultiples.Curves) panel).lines().size();
      boolean grows = List.of("square", "cube", "exp", "sinh", "sqrt").contains(panel.title());
      assertEquals(grows ? 2 : 1, lines, panel.title());
    }
  }

  @Test
  void spacesAreSized() {
    CellSpace small =
        CellSpace.of(
                grafs.cell.Operations.of("identity", "sin", "add", "max"), grafs.cell.Bounds.SMOOTH)
            .withUnits(3);
    Table table = SpaceTables.spaces(List.of(SPACE, small));
    assertEquals("22,667,121", table.getString(0, "functions"));
    assertEquals("512", table.getString(1, "functions"), "2⁶ · 2³");
    assertEquals(List.of(110, 18), table.intColumn("α").asList());
  }
}
