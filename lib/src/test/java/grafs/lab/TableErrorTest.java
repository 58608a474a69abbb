package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellGraph;
import grafs.cell.CellSpace;
import grafs.cell.Grid;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class TableErrorTest {

  /** Fixed: how steep random cells are, and so how well a table fits them, has a heavy tail. */
  private static final long SEED = 1;

  @Test
  void finerGridsAreMoreExact() {
    TableError coarse = TableError.measure(CellSpace.paper(), new Grid(65, 12), 2000, SEED);
    TableError fine = TableError.measure(CellSpace.paper(), new Grid(4097, 12), 2000, SEED);
    assertTrue(fine.value() < coarse.value() / 4, fine + " against " + coarse);
    assertTrue(fine.x() < coarse.x() / 4, fine + " against " + coarse);
    assertTrue(fine.alpha() < coarse.alpha() / 4, fine + " against " + coarse);
    assertTrue(fine.beta() < coarse.beta() / 4, fine + " against " + coarse);
    assertTrue(fine.value() > 0 && fine.alpha() > 0, "exact and tabulated are the same cell");
  }

  @Test
  void straightLinesAreTabulatedExactly() {
    CellSpace lines =
        new CellSpace(
            new CellGraph(1), OperationSet.of("identity", "negative", "left"), Bounds.SEARCH);
    TableError.Profile profile = TableError.profile(lines, new Grid(33, 4), 101, SEED);
    assertEquals(-6, profile.x()[0]);
    for (int i = 0; i < 101; i++) {
      assertEquals(profile.exact()[i], profile.tabulated()[i], 1e-5);
      assertEquals(profile.exactSlope()[i], profile.tabulatedSlope()[i], 1e-5);
    }
    assertEquals(0, TableError.measure(lines, new Grid(33, 4), 100, SEED).beta(), "there is no β");
  }

  @Test
  void tablesGiveMedianAndLargest() {
    Table table =
        SpaceTables.errors(
            List.of(
                new TableError(0.3, 1, 1, 1),
                new TableError(0.1, 1, 1, 1),
                new TableError(0.2, 1, 1, 1)));
    assertEquals("2.0e-01", table.getString(0, "median"));
    assertEquals("3.0e-01", table.getString(0, "largest"));
    assertEquals(4, table.rowCount());
  }
}
