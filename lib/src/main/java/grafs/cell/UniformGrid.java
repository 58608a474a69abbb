package grafs.cell;

import java.util.stream.IntStream;

/**
 * The grid on which a function is tabulated: segments of equal width over [−radius, radius], each
 * with nodes at both ends and in the middle, which a parabola interpolates. 0 is the end of a
 * segment, so that a kink there is reproduced exactly.
 *
 * <p>Where a function f is smooth, the parabola is within width³·|f‴|/125 of it, and its slope
 * within width²·|f‴|/6. A kink inside a segment costs up to an eighth of the width times its change
 * of slope, in that segment alone, and the slope there is off by up to that change.
 *
 * @param segments the number of segments, even
 * @param radius the largest node
 */
record UniformGrid(int segments, double radius) {

  /**
   * 1024 segments over [−8, 8], 2049 nodes, for cells in a search: the parabola is within
   * 3e-8·|f‴|, its slope within 5e-5·|f‴|; a kink inside a segment costs up to 0.002 of its change
   * of slope.
   */
  public static final UniformGrid SEARCH = new UniformGrid(1024, 8);

  /** 2048 segments over [−8, 8], for a found function on a CPU. */
  public static final UniformGrid FOUND = new UniformGrid(2048, 8);

  /** 65536 segments over [−8, 8], for a found function on a GPU, where only the table is read. */
  public static final UniformGrid DEVICE = new UniformGrid(65536, 8);

  /** {@return the width of a segment} */
  public double width() {
    return 2 * radius / segments;
  }

  /** {@return the number of nodes, 2·segments + 1} */
  public int nodes() {
    return 2 * segments + 1;
  }

  /** {@return the nodes, ascending} */
  double[] values() {
    return IntStream.range(0, nodes()).mapToDouble(i -> i * width() / 2 - radius).toArray();
  }
}
