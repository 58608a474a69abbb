package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Expression;
import grafs.study.Functions.Rated;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class FunctionsTest {

  private static Expression unary(String operation) {
    return Expression.parse(operation.equals("identity") ? "x" : operation + "(x)");
  }

  private static final Expression SQUARE = unary("square");

  private static final Functions FUNCTIONS =
      new Functions(
          List.of(
              new Rated("a", unary("max0"), 0.80),
              new Rated("b", unary("leaky_relu"), 0.79),
              new Rated("c", SQUARE, 0.40),
              new Rated("d", unary("abs"), 0.50),
              new Rated("e", unary("negative"), Double.NaN),
              new Rated("f", SQUARE, 0.41)));

  @Test
  void eachFunctionIsThereOnceAndOnlyIfItHasAnAccuracy() {
    assertEquals(
        List.of("a", "b", "c", "d"), FUNCTIONS.functions().stream().map(Rated::name).toList());
    assertThrows(
        IllegalArgumentException.class, () -> new Functions(FUNCTIONS.functions().subList(0, 2)));
  }

  @Test
  void distancesDisregardWhatTheNextLayerMakesUpFor() {
    Functions same =
        new Functions(
            List.of(
                new Rated("x", unary("identity"), 0.5),
                new Rated("-x", unary("negative"), 0.5),
                new Rated("x²", SQUARE, 0.5)));
    double[][] d = same.distances();
    assertEquals(0, d[0][1], 1e-5, "x and −x");
    assertEquals(Math.sqrt(2), d[0][2], 1e-6, "x and x² are unrelated over N(0, 1)");
    assertEquals(d[2][0], d[0][2]);
    assertEquals(0, d[1][1]);
  }

  @Test
  void propertiesAreMeasuredOnKnownFunctions() {
    assertEquals(1, Property.SLOPE_AT_ZERO.of(unary("identity")), 1e-4);
    assertEquals(1, Property.RISING.of(unary("max0")), 1e-9);
    assertEquals(0.5, Property.RISING.of(unary("abs")), 1e-3);
    assertEquals(0, Property.LEAST.of(SQUARE), 1e-6);
    assertEquals(0, Property.ODD.of(SQUARE), 1e-6);
    assertEquals(1, Property.ODD.of(unary("identity")), 1e-6);
    assertEquals(-1, Property.LEFT_SLOPE.of(unary("abs")), 1e-3);
    assertEquals(1, Property.RIGHT_SLOPE.of(unary("max0")), 1e-3);
    assertEquals(1, Property.STEEPEST.of(unary("abs")), 1e-3);
    assertEquals(2, Property.BEND.of(unary("abs")), 0.02);
    assertEquals(0, Property.AT_ZERO.of(unary("abs")), 1e-6);
  }

  @Test
  void rankCorrelationsAreCorrectedForTheirNumber() {
    Table table = FUNCTIONS.properties();
    assertEquals(Property.values().length, table.rowCount());
    int rising = table.stringColumn("property").indexOf(Property.RISING.title());
    assertTrue(table.doubleColumn("rank correlation").get(rising) > 0.85);
    for (int row = 0; row < table.rowCount(); row++) {
      double p = table.doubleColumn("p").getDouble(row);
      assertTrue(Double.isNaN(p) || table.doubleColumn("p corrected").getDouble(row) >= p);
    }
  }

  private static Table properties(double... accuracies) {
    List<String> operations = List.of("identity", "abs", "square", "max0");
    return new Functions(
            IntStream.range(0, accuracies.length)
                .mapToObj(i -> new Rated("" + i, unary(operations.get(i)), accuracies[i]))
                .toList())
        .properties();
  }

  @Test
  void equalAccuraciesGoWithNothing() {
    Table table = properties(0.7, 0.7, 0.7, 0.7);
    for (String column : List.of("rank correlation", "p", "p corrected")) {
      assertEquals(table.rowCount(), table.column(column).countMissing(), column);
    }
  }

  @Test
  void threeFunctionsAreNoEvidence() {
    Table table = properties(0.7, 0.8, 0.9);
    int tested = 0;
    for (int row = 0; row < table.rowCount(); row++) {
      double p = table.doubleColumn("p").getDouble(row);
      assertTrue(Double.isNaN(p) || p >= 0.33333, "p " + p);
      assertEquals(
          Double.isNaN(p), Double.isNaN(table.doubleColumn("rank correlation").getDouble(row)));
      tested += Double.isNaN(p) ? 0 : 1;
    }
    assertTrue(tested > 0 && tested < table.rowCount(), tested + " tested");
    // All three functions are 0 or −0 there, so there is nothing to rank.
    int zero = table.stringColumn("property").indexOf(Property.AT_ZERO.title());
    assertTrue(table.doubleColumn("p").isMissing(zero));
  }
}
