package grafs.cell;

import java.util.Arrays;

/** Looks for switches inside pieces. */
final class SwitchSearch {

  /** Nodes at which values are nearer to a switch than this lie on it. */
  private static final double EQUAL = 1e-14;

  private final Switches.Of[] switches;
  private final double[] c = new double[4];
  private final double[] roots = new double[3];
  private final double[] d = new double[4];
  private double[] points = new double[16];
  private int found;

  /** {@return how many points have been found since they were last taken} */
  int found() {
    return found;
  }

  SwitchSearch(Switches.Of... switches) {
    this.switches = switches;
  }

  void add(double point) {
    if (found == points.length) {
      points = Arrays.copyOf(points, 2 * found);
    }
    points[found++] = point;
  }

  /** {@return what was found since the last call} */
  double[] take() {
    double[] all = Arrays.copyOf(points, found);
    Arrays.sort(all);
    found = 0;
    return all;
  }

  void look(RelaxedCell.Pass pass, int i, double start, double width) {
    for (int p = 0; p < switches.length; p++) {
      double[] a = pass.inner(p, 0);
      double[] b = pass.inner(p, 1);
      if (a != null) {
        levels(switches[p].first(), a[i], a[i + 1], a[i + 2], a[i + 3], start, width);
      }
      if (b != null) {
        levels(switches[p].second(), b[i], b[i + 1], b[i + 2], b[i + 3], start, width);
      }
      if (switches[p].diagonal()) {
        double[] one = pass.argument(p, 0);
        double[] two = pass.argument(p, 1);
        levels(
            ZERO,
            one[i] - two[i],
            one[i + 1] - two[i + 1],
            one[i + 2] - two[i + 2],
            one[i + 3] - two[i + 3],
            start,
            width);
      }
      for (Switches.Surface surface : switches[p].surfaces()) {
        double[] one = pass.argument(p, 0);
        double[] two = pass.argument(p, pass.operands(p) - 1);
        if (surface.mayBeReached(one[i], two[i]) || surface.mayBeReached(one[i + 3], two[i + 3])) {
          levels(
              surface.levels(),
              surface.value(one[i], two[i], d),
              surface.value(one[i + 1], two[i + 1], d),
              surface.value(one[i + 2], two[i + 2], d),
              surface.value(one[i + 3], two[i + 3], d),
              start,
              width);
        }
      }
    }
  }

  private static final double[] ZERO = {0};

  private void levels(
      double[] levels, double y0, double y1, double y2, double y3, double start, double width) {
    // Between nodes a polynomial exceeds them by less than half its second differences.
    double more = Math.max(Math.abs(y0 - 2 * y1 + y2), Math.abs(y1 - 2 * y2 + y3)) / 2;
    double low = Math.min(Math.min(y0, y1), Math.min(y2, y3)) - more;
    double high = Math.max(Math.max(y0, y1), Math.max(y2, y3)) + more;
    int first = 0;
    for (int end = levels.length; first < end; ) {
      int middle = (first + end) >>> 1;
      if (levels[middle] < low) {
        first = middle + 1;
      } else {
        end = middle;
      }
    }
    if (first == levels.length || !(levels[first] <= high) || low == high) {
      return;
    }
    for (int level = first; level < levels.length && levels[level] <= high; level++) {
      double at = levels[level];
      if (Math.abs(y0 - at) < EQUAL) {
        add(start);
      }
      if (Math.abs(y3 - at) < EQUAL) {
        add(start + width);
      }
      Cubic.through(y0 - at, y1 - at, y2 - at, y3 - at, c);
      int n = Cubic.roots(c, roots);
      for (int r = 0; r < n; r++) {
        add(start + roots[r] * width);
      }
    }
  }
}
