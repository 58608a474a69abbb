package grafs.cell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Where a function of one number is not one smooth piece: the points between which polynomials of
 * third degree follow it. They are kinks, jumps of the second derivative, and, where a function
 * bends sharply, such as √ near 0, points in between. All are found from values and derivatives, so
 * that operations of one's own have theirs too.
 */
final class Joints {

  private static final double RADIUS = 24;

  /** No multiples of a power of two, so that no usual kink lies at the end of an interval. */
  private static final double START = -RADIUS - 0.0123;

  private static final double STEP = 1 / 31.7;
  private static final int HALVINGS = 22;

  /** A jump of the second derivative below about ten times this is not looked for. */
  private static final double SMALLEST = 1e-6;

  /** Points nearer than this to each other are one. */
  static final double NEAR = 1e-7;

  /** The width of intervals that a polynomial is to follow. */
  private static final double WIDTH = 1.0 / 16;

  /** By how much a polynomial's slope may be off, relative to what exceeds 1. */
  private static final double TOLERANCE = 3e-4;

  /** Of a function that needs more, or whose derivative is rough, no polynomials are asked for. */
  private static final int MOST = 512;

  private final DoubleUnaryOperator value;
  private final DoubleUnaryOperator slope;
  private final List<Double> found = new ArrayList<>();

  private Joints(DoubleUnaryOperator value, DoubleUnaryOperator slope) {
    this.value = value;
    this.slope = slope;
  }

  /**
   * Finds where the first or second derivative of a function jumps.
   *
   * @param slope the function's derivative
   * @return the points in [−24, 24], ascending
   */
  static double[] jumps(DoubleUnaryOperator slope) {
    Joints joints = new Joints(x -> 0, slope);
    joints.findJumps();
    return joints.sorted();
  }

  /**
   * Finds the joints of a function.
   *
   * @param value the function
   * @param slope its derivative
   * @return the points in [−24, 24], ascending
   */
  static double[] of(DoubleUnaryOperator value, DoubleUnaryOperator slope) {
    Joints joints = new Joints(value, slope);
    joints.findJumps();
    double[] jumps = joints.sorted();
    int next = 0;
    for (int i = 0; i < 2 * RADIUS / WIDTH; i++) {
      double left = i * WIDTH - RADIUS;
      double end = left + WIDTH;
      for (; next < jumps.length && jumps[next] < end; next++) {
        if (jumps[next] > left) {
          joints.refine(left, jumps[next]);
          left = jumps[next];
        }
      }
      joints.refine(left, end);
    }
    return joints.sorted();
  }

  /**
   * Joins lists.
   *
   * @param lists points
   * @param near points that are nearer to each other are one
   * @return all points, ascending
   */
  static double[] union(List<double[]> lists, double near) {
    return apart(lists.stream().flatMapToDouble(Arrays::stream).sorted().toArray(), near);
  }

  private double[] sorted() {
    return apart(found.stream().mapToDouble(Double::doubleValue).sorted().toArray(), NEAR);
  }

  private static double[] apart(double[] all, double near) {
    double[] kept = new double[all.length];
    int n = 0;
    for (double point : all) {
      if (n == 0 || point - kept[n - 1] > near) {
        kept[n++] = point;
      }
    }
    return Arrays.copyOf(kept, n);
  }

  private void findJumps() {
    for (double left = START; left < RADIUS; left += STEP) {
      double bend = bend(left, left + STEP);
      if (bend > SMALLEST) {
        halve(left, STEP, bend / 15, HALVINGS);
      }
    }
    // One jump may show in several intervals.
    double[] all = found.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    found.clear();
    for (int i = 0; i < all.length; ) {
      int end = i + 1;
      while (end < all.length && all[end] - all[end - 1] < NEAR) {
        end++;
      }
      double point = (all[i] + all[end - 1]) / 2;
      // What lies next to a round number is meant to lie there.
      double round = Math.rint(point * 1e6) / 1e6;
      found.add(Math.abs(point - round) < NEAR / 4 ? round : point);
      i = end;
    }
  }

  /**
   * Follows what does not vanish as intervals shrink: in half the width, {@link #bend} is an eighth
   * where a function is smooth, about half where its second derivative jumps, the same at a kink.
   */
  private void halve(double left, double width, double least, int halvings) {
    double half = width / 2;
    for (double l : new double[] {left, left + half}) {
      double noise = 2e-13 * Math.max(1, Math.abs(slope.applyAsDouble(l)));
      if (bend(l, l + half) > Math.max(least, noise)) {
        if (halvings == 1) {
          found.add(l + half / 2);
        } else {
          halve(l, half, least / 5, halvings - 1);
        }
      }
    }
  }

  /** By how much the derivative differs from a parabola through three points of an interval. */
  private double bend(double l, double r) {
    double s0 = slope.applyAsDouble(l);
    double s1 = slope.applyAsDouble((l + r) / 2);
    double s2 = slope.applyAsDouble(r);
    double low = slope.applyAsDouble(l + 0.25 * (r - l));
    double high = slope.applyAsDouble(l + 0.75 * (r - l));
    return Math.max(
        Math.abs(low - (3 * s0 + 6 * s1 - s2) / 8), Math.abs(high - (3 * s2 + 6 * s1 - s0) / 8));
  }

  private void refine(double l, double r) {
    if (r - l < 1e-6 || found.size() >= MOST) {
      return;
    }
    double[] c = new double[4];
    double third = (r - l) / 3;
    Cubic.through(
        value.applyAsDouble(l),
        value.applyAsDouble(l + third),
        value.applyAsDouble(r - third),
        value.applyAsDouble(r),
        c);
    for (double t : new double[] {0.02, 0.5, 0.98}) {
      double exact = slope.applyAsDouble(l + t * (r - l));
      double own = (c[1] + t * (2 * c[2] + t * 3 * c[3])) / (r - l);
      if (Math.abs(own - exact) > TOLERANCE * Math.max(1, Math.abs(exact))) {
        double middle = (l + r) / 2;
        refine(l, middle);
        found.add(middle);
        refine(middle, r);
        return;
      }
    }
  }
}
