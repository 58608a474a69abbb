package grafs.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Operations;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TableErrorTest {

  private static final long SEED = 3;

  @Test
  void whatIsReadIsCloseToTheCellAndNotTheSame() {
    TabulationError error = TabulationError.random(CellSpace.wide(), 5000, SEED);
    between(2e-2, error.largest());
    between(5e-2, error.relative(TabulationError.Values::x));
    between(1e-2, error.relative(TabulationError.Values::weights));
    between(2e-2, error.relative(TabulationError.Values::beta));
  }

  private static void between(double limit, double error) {
    assertTrue(error > 0 && error < limit, error + ", not below " + limit);
  }

  @Test
  void straightLinesAreExactEverywhere() {
    CellSpace lines =
        CellSpace.of(Operations.of("identity", "negative", "left"), Bounds.PAPER).withUnits(1);
    double[] x = IntStream.rangeClosed(-1500, 1500).mapToDouble(i -> 0.008 * i).toArray();
    TabulationError along = TabulationError.along(lines, x, SEED);
    assertArrayEquals(along.exact().y(), along.tabulated().y(), 1e-5);
    assertArrayEquals(along.exact().x(), along.tabulated().x(), 1e-5);
    TabulationError random = TabulationError.random(lines, 3000, SEED);
    assertEquals(0, random.relative(TabulationError.Values::beta), "there is no β");
  }
}
