package grafs.cell;

import java.util.stream.IntStream;

/**
 * Where a function is tabulated: segments of equal width over [−radius, radius], each with nodes at
 * both ends and one or two at equal distances between them, through which a polynomial is drawn. 0
 * is the end of a segment, so that kinks there are kept exactly.
 *
 * @param segments the number of segments, even
 * @param radius the largest node
 * @param degree the polynomials' degree, 2 or 3
 */
public record Grid(int segments, double radius, int degree) {

  /**
   * 512 segments over [−8, 8], 1537 nodes, for cells in a search on a CPU. Where a function is
   * smooth, its polynomial is within 5e-10·|f⁗| and the slope within 3e-7·|f⁗|. Segments in which
   * it is not are split into {@link Pieces}.
   */
  public static final Grid SEARCH = new Grid(512, 8, 3);

  /**
   * 1024 segments over [−8, 8], 2049 nodes, for cells in a search on other devices. Where a
   * function is smooth, its parabola is within 3e-8·|f‴| and the slope within 2e-5·|f‴|; a kink
   * between two ends of segments, such as that of max(a, b) where a = b, costs up to a thousandth
   * of its change of slope in that segment alone.
   */
  public static final Grid DEVICE_SEARCH = new Grid(1024, 8, 2);

  /** 2048 segments over [−8, 8], for a found function on a CPU. */
  public static final Grid FOUND = new Grid(2048, 8, 2);

  /** 65536 segments over [−8, 8], for a found function where nothing but the table is read. */
  public static final Grid DEVICE = new Grid(65536, 8, 2);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the segments are odd or below 2, radius is not positive, or
   *     the degree is not 2 or 3
   */
  public Grid {
    if (segments < 2 || segments % 2 == 1) {
      throw new IllegalArgumentException(
          "a grid needs an even number of segments, at least 2, not " + segments);
    }
    if (!(radius > 0)) {
      throw new IllegalArgumentException("the grid's radius must be positive, not " + radius);
    }
    if (degree != 2 && degree != 3) {
      throw new IllegalArgumentException("the grid's degree must be 2 or 3, not " + degree);
    }
  }

  /** {@return the width of a segment} */
  public double width() {
    return 2 * radius / segments;
  }

  /** {@return the number of nodes, degree·segments + 1} */
  public int nodes() {
    return degree * segments + 1;
  }

  /** {@return where a segment begins} */
  double start(int segment) {
    return segment * width() - radius;
  }

  /** {@return the nodes, ascending} */
  double[] values() {
    // Exact at the ends of segments.
    return IntStream.range(0, nodes())
        .mapToDouble(i -> start(i / degree) + i % degree * width() / degree)
        .toArray();
  }
}
