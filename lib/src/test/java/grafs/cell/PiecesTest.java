package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PiecesTest {

  /** What is split for a space with one operation at each place. */
  private static List<SplitSegment> split(CellSpace space, double... beta) {
    RelaxedCell cell = new RelaxedCell(space);
    double[][] ones = new double[space.places().size()][];
    double[][] β = new double[ones.length][];
    Candidates candidates = Candidates.all(space);
    for (int p = 0; p < ones.length; p++) {
      ones[p] = new double[space.places().get(p).candidates().size()];
      ones[p][0] = 1;
      β[p] = new double[ones[p].length];
      Arrays.fill(β[p], beta[p]);
    }
    CellWeights weights = new CellWeights(new double[][][] {ones}, β, candidates);
    Pieces pieces = new Pieces(Grid.SEARCH, cell.switches().ofInput());
    RelaxedCell.Pass pass =
        cell.evaluate(cell.withBeta(cell.prepare(pieces.nodes()), weights), weights, 0);
    return pieces.split(pass, cell.switches().of(weights), x -> cell.values(x, weights, 0));
  }

  @Test
  void aKinkAtTheEndOfASegmentSplitsNone() {
    CellSpace space = CellSpace.of(Operations.of("scale", "max"), Bounds.PAPER).withUnits(1);
    assertEquals(List.of(), split(space, 0.3, -0.7, Double.NaN));
  }

  @Test
  void aSegmentIsSplitWhereAnInnerValuePassesZero() {
    // max(z, 0) of z = (x + 0.31) + (x + 0.31).
    CellSpace space =
        CellSpace.of(Operations.of("shift", "max0", "add"), Bounds.PAPER).withUnits(2);
    List<SplitSegment> splits = split(space, 0.31, 0.31, Double.NaN, 0.31, 0.31, Double.NaN);
    assertTrue(
        splits.stream()
            .flatMapToDouble(s -> Arrays.stream(s.cuts()))
            .anyMatch(x -> Math.abs(x + 0.31) < 1e-8),
        splits.toString());
    for (SplitSegment split : splits) {
      for (int i = 0; i < split.pieces(); i++) {
        assertTrue(split.width(i) > 0);
        assertTrue(split.first(i) > split.cuts()[i] && split.first(i) < split.cuts()[i + 1]);
      }
    }
  }
}
