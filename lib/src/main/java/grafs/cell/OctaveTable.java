package grafs.cell;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A function far from 0, by parabolas over segments that widen with |x|: each octave from 8 to 2²⁰,
 * and from −8 to −2²⁰, is 128 segments, whose numbers are the leading bits of x as a float. A
 * segment is computed when it is first read.
 *
 * <p>The function itself is evaluated where its parabola is not accurate enough, and beyond ±2²⁰.
 */
final class OctaveTable {

  /** The least magnitude that is read from the table. */
  static final double LEAST = 8;

  /** The bits of a float's mantissa that number the segments of an octave. */
  private static final int BITS = 7;

  private static final int OCTAVES = 17;

  /** The bits of the mantissa that give the position in a segment. */
  private static final int INSIDE = 23 - BITS;

  private static final int FIRST = Float.floatToRawIntBits((float) LEAST) >>> INSIDE;
  private static final int SEGMENTS = OCTAVES << BITS;

  private final Expression function;

  /**
   * The parabolas, {@code [c₀, c₁, c₂, segment's width]}, first for positive x; null if not yet
   * read.
   */
  private final AtomicReferenceArray<double[]> segments = new AtomicReferenceArray<>(2 * SEGMENTS);

  OctaveTable(Expression function) {
    this.function = function;
  }

  /**
   * Evaluates the function and its derivative.
   *
   * @param x a float32 number
   * @param d receives value and slope
   */
  void evaluate(double x, double[] d) {
    int bits = Float.floatToRawIntBits((float) Math.abs(x));
    int segment = (bits >>> INSIDE) - FIRST;
    if (segment < 0 || segment >= SEGMENTS) {
      function.evaluate(x, d);
      return;
    }
    int place = x > 0 ? segment : SEGMENTS + segment;
    double[] parabola = segments.get(place);
    if (parabola == null) {
      // Threads that come here at the same time compute the same.
      parabola = parabola(segment, Math.signum(x));
      segments.set(place, parabola);
    }
    double t = (bits & (1 << INSIDE) - 1) / (double) (1 << INSIDE);
    read(parabola, t, d);
    if (Double.isNaN(d[0])) {
      function.evaluate(x, d);
    }
  }

  private static void read(double[] c, double t, double[] d) {
    d[0] = c[0] + t * (c[1] + t * c[2]);
    d[1] = (c[1] + 2 * t * c[2]) / c[3];
  }

  /** The parabola of a segment; NaN if the function is to be evaluated there. */
  private double[] parabola(int segment, double sign) {
    double near = sign * Float.intBitsToFloat(FIRST + segment << INSIDE);
    double width = sign * Float.intBitsToFloat(FIRST + segment + 1 << INSIDE) - near;
    double[] y = function.values(near, near + width / 2, near + width);
    double c1 = -3 * y[0] + 4 * y[1] - y[2];
    double[] c = {y[0], c1, y[2] - y[0] - c1, width};
    double[] own = new double[2];
    double[] read = new double[2];
    for (double t : Table.CHECKED) {
      function.evaluate(near + t * width, own);
      read(c, t, read);
      if (!Table.close(read, own)) {
        c[0] = Double.NaN;
      }
    }
    return c;
  }
}
