package grafs.cell;

import java.util.stream.IntStream;

/**
 * The grid on which a {@link Table} tabulates functions: segments of equal width over [−8, 8], each
 * with nodes at both ends and in the middle. On each segment a parabola through the three nodes
 * replaces the function. Two segments meet at 0, so that a kink (a jump of the slope) at 0 is
 * reproduced exactly.
 *
 * <p>Where a function f is smooth, the parabola deviates from f by up to about width³·|f‴|/125, and
 * its slope by up to width²·|f‴|/12. In a segment with a kink inside, the value is off by up to
 * width/8 times the jump of the slope, and the slope by up to that jump.
 *
 * @param segments the number of segments, a multiple of 4, so that the rounding by which {@link
 *     Table} finds the segment of an x assigns 0 to the segment that begins there
 */
record UniformGrid(int segments) {

  /** The largest node. */
  static final double RADIUS = 8;

  /**
   * 1024 segments over [−8, 8], for {@link RelaxedCell relaxed cells}, the weighted mixtures of
   * operations in a search. Values of a smooth function f deviate by up to 3e-8·|f‴|, slopes by up
   * to 2e-5·|f‴|. In a segment with a kink inside, values deviate by up to 0.002 times the jump of
   * the slope.
   */
  public static final UniformGrid SEARCH = new UniformGrid(1024);

  /**
   * 2048 segments over [−8, 8], for a fixed function in float32 on a CPU, where the function itself
   * is evaluated in segments with a kink inside.
   */
  public static final UniformGrid FOUND = new UniformGrid(2048);

  /**
   * 65536 segments over [−8, 8], for a fixed function on a GPU or in a precision other than
   * float32. There the function itself is never evaluated, so that the error near a kink is small
   * only because the segments are narrow.
   */
  public static final UniformGrid DEVICE = new UniformGrid(65536);

  /** {@return the width of a segment} */
  public double width() {
    return 2 * RADIUS / segments;
  }

  /** {@return the number of nodes, 2·segments + 1, since neighbouring segments share a node} */
  public int nodes() {
    return 2 * segments + 1;
  }

  /** {@return the positions of the nodes, ascending} */
  double[] values() {
    return IntStream.range(0, nodes()).mapToDouble(i -> i * width() / 2 - RADIUS).toArray();
  }
}
