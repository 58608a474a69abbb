package grafs.cell;

/**
 * A segment that is split.
 *
 * @param segment which
 * @param cuts the ends of its pieces, ascending, with both ends of the segment
 * @param pass the evaluation that its nodes are part of
 * @param offset the first of them; with the following they are 4 for each piece
 */
record SplitSegment(int segment, double[] cuts, RelaxedCell.Pass pass, int offset) {

  /**
   * So far inside its ends a piece has its first and last node. The derivatives by weights may jump
   * at a switch, so that each side needs those of its own.
   */
  static final double INSET = 2e-8;

  int pieces() {
    return cuts.length - 1;
  }

  /** {@return where a piece begins, in segments from 0, as a float} */
  double begin(int piece, Grid grid) {
    return (float) (first(piece) / grid.width());
  }

  /** Draws a piece's polynomial in the distance from its beginning, in segments. */
  void polynomial(int piece, Grid grid, double[] c) {
    double[] y = pass.values();
    int i = offset + 4 * piece;
    Cubic.through(y[i], y[i + 1], y[i + 2], y[i + 3], c);
    double perT = grid.width() / width(piece);
    Cubic.shift((begin(piece, grid) - first(piece) / grid.width()) * perT, c);
    c[1] *= perT;
    c[2] *= perT * perT;
    c[3] *= perT * perT * perT;
  }

  /** Carries derivatives by a piece's coefficients, from a place on, to its values. */
  void backward(int piece, Grid grid, double[] bins, int at, double[] values) {
    double perT = grid.width() / width(piece);
    double by = (begin(piece, grid) - first(piece) / grid.width()) * perT;
    double g0 = bins[at];
    double g1 = bins[at + 1] * perT;
    double g2 = bins[at + 2] * perT * perT;
    double g3 = bins[at + 3] * perT * perT * perT;
    Cubic.backward(
        g0,
        g1 + by * g0,
        g2 + by * (2 * g1 + by * g0),
        g3 + by * (3 * g2 + by * (3 * g1 + by * g0)),
        values,
        offset + 4 * piece);
  }

  /** {@return the first node of a piece} */
  double first(int piece) {
    return cuts[piece] + INSET;
  }

  /** {@return the distance from a piece's first node to its last} */
  double width(int piece) {
    return cuts[piece + 1] - cuts[piece] - 2 * INSET;
  }
}
