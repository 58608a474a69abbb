package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Operations;
import org.junit.jupiter.api.Test;

class TableErrorTest {

  private static final long SEED = 3;

  @Test
  void whatIsReadIsCloseToTheCellAndNotTheSame() {
    TableError error = TableError.measure(CellSpace.wide(), 5000, SEED);
    assertTrue(error.value() > 0 && error.value() < 2e-2, error.toString());
    assertTrue(error.x() > 0 && error.x() < 5e-2, error.toString());
    assertTrue(error.weights() > 0 && error.weights() < 1e-2, error.toString());
    assertTrue(error.beta() > 0 && error.beta() < 2e-2, error.toString());
  }

  @Test
  void straightLinesAreExactEverywhere() {
    CellSpace lines =
        CellSpace.of(Operations.of("identity", "negative", "left"), Bounds.PAPER).withUnits(1);
    TableError.Profile profile = TableError.profile(lines, 3001, SEED);
    assertEquals(-12, profile.x()[0], 1e-9);
    assertEquals(12, profile.x()[3000], 1e-9);
    assertArrayEquals(profile.exact(), profile.tabulated(), 1e-5);
    assertArrayEquals(profile.exactSlope(), profile.tabulatedSlope(), 1e-5);
    assertEquals(0, TableError.measure(lines, 3000, SEED).beta(), "there is no β");
  }
}
