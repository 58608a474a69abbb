package grafs.cell;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Tabulates a function f at 8 ≤ |x| &lt; 2²⁰ for {@link FunctionBlock}, the block of a network that
 * computes f. For |x| &lt; 8 the block reads another table, {@link Table}. Each octave, from 2ᵏ to
 * 2ᵏ⁺¹, is divided into 128 segments of equal width, on each of which f is replaced by a parabola.
 * The number of a segment is in the leading bits of x as a float, so that it is found without a
 * logarithm. The parabola of a segment is computed when the segment is first read.
 *
 * <p>f itself is evaluated in segments where the parabola is not accurate enough, and outside of
 * the table.
 */
final class OctaveTable {

  /** The number of bits of a float's mantissa that number the segments of an octave. */
  private static final int BITS = 7;

  /** The number of octaves from 2³ to 2²⁰. */
  private static final int OCTAVES = 17;

  /** The number of remaining bits of the mantissa, which give the position in a segment. */
  private static final int INSIDE = 23 - BITS;

  /**
   * The bits of the float 8, at which the first segment begins, shifted right by {@link #INSIDE}.
   */
  private static final int FIRST = Float.floatToRawIntBits((float) UniformGrid.RADIUS) >>> INSIDE;

  /** The number of segments at positive x; there are as many at negative x. */
  private static final int SEGMENTS = OCTAVES << BITS;

  private final Expression function;

  /**
   * For each segment {@code {c₀, c₁, c₂, width}}; the segments of positive x come before those of
   * negative x. y = c₀ + c₁·t + c₂·t², where t goes from 0 at the end of the segment with the
   * smaller |x| to 1 at the other end. The width is negative for negative x. c₀ is NaN in segments
   * where f itself is to be evaluated. An entry is null until its segment is first read.
   */
  private final AtomicReferenceArray<double[]> segments = new AtomicReferenceArray<>(2 * SEGMENTS);

  OctaveTable(Expression function) {
    this.function = function;
  }

  /**
   * Computes f(x) and f′(x), from the table if x is in it.
   *
   * @param x a number that float32 represents exactly
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
      // Several threads may compute a segment at the same time; their results are equal.
      parabola = parabola(segment, Math.signum(x));
      segments.set(place, parabola);
    }
    double t = (bits & (1 << INSIDE) - 1) / (double) (1 << INSIDE);
    d[0] = parabola[0] + t * (parabola[1] + t * parabola[2]);
    d[1] = (parabola[1] + 2 * t * parabola[2]) / parabola[3];
    if (Double.isNaN(d[0])) {
      function.evaluate(x, d);
    }
  }

  /** Computes the entry of {@link #segments} for a segment, for x of the given sign, ±1. */
  private double[] parabola(int segment, double sign) {
    double near = sign * Float.intBitsToFloat(FIRST + segment << INSIDE);
    double width = sign * Float.intBitsToFloat(FIRST + segment + 1 << INSIDE) - near;
    double[] y = function.values(near, near + width / 2, near + width);
    double c1 = -3 * y[0] + 4 * y[1] - y[2];
    double[] c = {y[0], c1, y[2] - y[0] - c1, width};
    if (!Table.close(function, near, width, c)) {
      c[0] = Double.NaN;
    }
    return c;
  }
}
