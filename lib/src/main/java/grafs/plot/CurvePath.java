package grafs.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A curve as the path of an SVG: cut off exactly where it leaves its box, so that steep functions
 * keep their slope inside, and without the points that lie on a straight line as far as an eye can
 * see.
 */
final class CurvePath {

  /** How far from a line a point may be to count as on it, in tenths of a pixel. */
  private static final double TOLERANCE = 1;

  private final StringBuilder path = new StringBuilder();
  private final double limit;
  private final double left;
  private final double middle;
  private final double unit;

  // In tenths of a pixel: the path's last point, and those after it that may not matter.
  private long[] last;
  private final List<long[]> pending = new ArrayList<>();

  /**
   * Draws a curve.
   *
   * @param y values at evenly spaced points, at least two
   * @param limit the box shows −limit to limit
   * @param left the box's left edge
   * @param top the box's upper edge
   * @param width the box's width
   * @param height the box's height
   */
  CurvePath(double[] y, double limit, double left, double top, double width, double height) {
    this.limit = limit;
    this.left = left;
    this.middle = top + height / 2;
    this.unit = height / 2 / limit;
    double step = width / (y.length - 1);
    for (int i = 0; i + 1 < y.length; i++) {
      if (Double.isFinite(y[i]) && Double.isFinite(y[i + 1])) {
        segment(i * step, y[i], (i + 1) * step, y[i + 1]);
      }
    }
    flush();
  }

  /** {@return the path, the value of the attribute d} */
  String text() {
    return path.toString();
  }

  private void segment(double x0, double y0, double x1, double y1) {
    if (Math.min(y0, y1) > limit || Math.max(y0, y1) < -limit) {
      return;
    }
    double slope = (x1 - x0) / (y1 - y0);
    double from = Math.max(-limit, Math.min(limit, y0));
    double to = Math.max(-limit, Math.min(limit, y1));
    double xFrom = from == y0 ? x0 : x0 + (from - y0) * slope;
    double xTo = to == y1 ? x1 : x0 + (to - y0) * slope;
    add(point(xFrom, from), point(xTo, to));
  }

  private long[] point(double x, double y) {
    return new long[] {Math.round(10 * (left + x)), Math.round(10 * (middle - y * unit))};
  }

  private void add(long[] from, long[] to) {
    boolean goesOn = !pending.isEmpty() && Arrays.equals(pending.get(pending.size() - 1), from);
    if (!goesOn) {
      flush();
      path.append('M').append(pair(from));
      last = from;
    } else if (!pending.stream().allMatch(point -> near(last, point, to))) {
      flush();
      last = from;
    }
    pending.add(to);
  }

  private void flush() {
    if (!pending.isEmpty()) {
      path.append('L').append(pair(pending.get(pending.size() - 1)));
      pending.clear();
    }
  }

  /** Whether a point is within {@link #TOLERANCE} of the line from a to c. */
  private static boolean near(long[] a, long[] point, long[] c) {
    double dx = c[0] - a[0];
    double dy = c[1] - a[1];
    double length = Math.hypot(dx, dy);
    double across = (point[0] - a[0]) * dy - (point[1] - a[1]) * dx;
    double along = (point[0] - a[0]) * dx + (point[1] - a[1]) * dy;
    return Math.abs(across) <= TOLERANCE * length && along >= 0 && along <= length * length;
  }

  private static String pair(long[] point) {
    return Svg.number(point[0] / 10.0) + " " + Svg.number(point[1] / 10.0);
  }
}
