package grafs.cell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Segments of a grid that are split where a cell is not smooth: where an argument inside it passes
 * a {@link Switches switch}. Each piece has a polynomial of its own, through nodes at which the
 * cell is evaluated.
 */
final class Pieces {

  /** Points nearer than this to each other are one. */
  private static final double NEAR = 1e-7;

  /**
   * So far inside its ends a piece has its first and last node. The derivatives by weights may jump
   * at a switch, so that each side needs those of its own.
   */
  private static final double INSET = 2e-8;

  /** Nodes at which values are nearer to a switch than this lie on it. */
  private static final double EQUAL = 1e-14;

  /** By how much the slopes of neighbours may differ, relative to what exceeds 1. */
  private static final double TOLERANCE = 3e-5;

  private static final int MOST_PARTS = 8;

  /** New pieces may show switches that could not be told apart before. */
  private static final int ROUNDS = 5;

  /**
   * A segment that is split.
   *
   * @param segment which
   * @param cuts the ends of its pieces, ascending, with both ends of the segment
   * @param pass the evaluation that its nodes are part of
   * @param offset the first of them; with the following they are 4 for each piece
   */
  record Split(int segment, double[] cuts, RelaxedCell.Pass pass, int offset) {

    int pieces() {
      return cuts.length - 1;
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

  private final Grid grid;
  private final List<Split> fixed = new ArrayList<>();
  private final double[] nodes;

  /** Whether one of the points is where a segment begins. */
  private final boolean[] jointed;

  /**
   * Splits what is split in every pass.
   *
   * @param grid the grid, of degree 3
   * @param points where to split it, ascending
   */
  Pieces(Grid grid, double... points) {
    this.grid = grid;
    jointed = new boolean[grid.segments() + 1];
    for (int s = 0; s < jointed.length; s++) {
      double start = grid.start(s);
      jointed[s] = Arrays.stream(points).anyMatch(x -> near(x, start));
    }
    List<double[]> all = new ArrayList<>();
    all.add(grid.values());
    int count = grid.nodes();
    for (int s = 0; s < grid.segments(); s++) {
      double[] inside = inside(points, grid.start(s), grid.start(s + 1));
      if (inside.length > 0) {
        double[] cuts = merge(ends(s), inside);
        fixed.add(new Split(s, cuts, null, count));
        all.add(nodes(cuts));
        count += 4 * (cuts.length - 1);
      }
    }
    nodes = all.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  /** {@return the grid's nodes, and after them those of the pieces that are there in every pass} */
  double[] nodes() {
    return nodes.clone();
  }

  private static double[] inside(double[] points, double from, double to) {
    return Arrays.stream(points).filter(x -> x > from + NEAR && x < to - NEAR).toArray();
  }

  /** The cuts with new ones, which replace those next to them: they are known better. */
  private static double[] merge(double[] cuts, double[] more) {
    int last = cuts.length - 1;
    double[] all =
        IntStream.rangeClosed(0, last)
            .filter(
                i -> i == 0 || i == last || !Arrays.stream(more).anyMatch(x -> near(cuts[i], x)))
            .mapToDouble(i -> cuts[i])
            .toArray();
    return Joints.union(List.of(all, inside(more, cuts[0], cuts[last])), NEAR / 2);
  }

  private static boolean near(double a, double b) {
    return Math.abs(a - b) <= NEAR;
  }

  private static double[] nodes(double... cuts) {
    double[] x = new double[4 * (cuts.length - 1)];
    for (int i = 0; i + 1 < cuts.length; i++) {
      double first = cuts[i] + INSET;
      double width = cuts[i + 1] - cuts[i] - 2 * INSET;
      for (int node = 0; node < 4; node++) {
        x[4 * i + node] = first + node * width / 3;
      }
    }
    return x;
  }

  /**
   * Splits the segments of one instance.
   *
   * @param base its evaluation at {@link #nodes}
   * @param switches by place
   * @param evaluate evaluates the instance at other points
   * @return all segments that are split, ascending
   */
  List<Split> split(
      RelaxedCell.Pass base,
      Switches.Of[] switches,
      Function<double[], RelaxedCell.Pass> evaluate) {
    Split[] splits = new Split[grid.segments()];
    List<Split> fresh = new ArrayList<>();
    for (Split split : fixed) {
      Split own = new Split(split.segment, split.cuts, base, split.offset);
      splits[split.segment] = own;
      fresh.add(own);
    }
    Search search = new Search(switches);
    boolean[] switched = jointed.clone();
    List<double[]> cuts = new ArrayList<>();
    List<Integer> segments = new ArrayList<>();
    for (int s = 0; s < splits.length; s++) {
      if (splits[s] == null) {
        search.look(base, 3 * s, grid.start(s), grid.width());
        if (search.found > 0) {
          double[] points = search.take();
          double[] merged = merge(ends(s), points);
          if (merged.length > 2) {
            segments.add(s);
            cuts.add(merged);
          }
          switched[s] |= near(points[0], grid.start(s));
          switched[s + 1] |= near(points[points.length - 1], grid.start(s + 1));
        }
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (Split split : fresh) {
        for (int i = 0; i < split.pieces(); i++) {
          search.look(split.pass, split.offset + 4 * i, split.first(i), split.width(i));
        }
        if (search.found > 0) {
          double[] merged = merge(split.cuts, search.take());
          if (!Arrays.equals(merged, split.cuts)) {
            segments.add(split.segment);
            cuts.add(merged);
          }
        }
      }
      if (segments.isEmpty()) {
        break;
      }
      fresh = evaluated(segments, cuts, evaluate);
      fresh.forEach(split -> splits[split.segment] = split);
      segments.clear();
      cuts.clear();
    }
    refine(base.values(), splits, switched, evaluate);
    return Arrays.stream(splits).filter(split -> split != null).toList();
  }

  private double[] ends(int segment) {
    return new double[] {grid.start(segment), grid.start(segment + 1)};
  }

  /**
   * Splits pieces further where f⁗ is large: it shows in slopes that differ where two segments
   * meet. In n parts they differ by 1/n³ of that.
   */
  private void refine(
      double[] y,
      Split[] splits,
      boolean[] switched,
      Function<double[], RelaxedCell.Pass> evaluate) {
    int[] first = new int[splits.length];
    int[] last = new int[splits.length];
    double before = atEnd(y, 0, splits[0]);
    for (int s = 1; s < splits.length; s++) {
      double after = atStart(y, s, splits[s]);
      double off = Math.abs(after - before) / Math.max(grid.width(), Math.abs(after));
      if (off > TOLERANCE && !switched[s]) {
        int n = (int) Math.ceil(Math.min(MOST_PARTS, Math.cbrt(off / TOLERANCE)));
        last[s - 1] = n;
        first[s] = n;
      }
      before = atEnd(y, s, splits[s]);
    }
    List<Integer> segments = new ArrayList<>();
    List<double[]> cuts = new ArrayList<>();
    for (int s = 0; s < splits.length; s++) {
      if (first[s] + last[s] > 0) {
        double[] old = splits[s] == null ? ends(s) : splits[s].cuts;
        int end = old.length - 1;
        boolean one = end == 1;
        int n = one ? Math.max(first[s], last[s]) : first[s];
        double[] more = new double[2 * MOST_PARTS];
        int count = 0;
        for (int i = 1; i < n; i++) {
          more[count++] = old[0] + i * (old[1] - old[0]) / n;
        }
        for (int i = 1; !one && i < last[s]; i++) {
          more[count++] = old[end] - i * (old[end] - old[end - 1]) / last[s];
        }
        segments.add(s);
        cuts.add(merge(old, Arrays.copyOf(more, count)));
      }
    }
    if (!segments.isEmpty()) {
      evaluated(segments, cuts, evaluate).forEach(split -> splits[split.segment] = split);
    }
  }

  /** The slope at the start of a segment, times its width. */
  private double atStart(double[] base, int s, Split split) {
    double[] y = split == null ? base : split.pass.values();
    int i = split == null ? 3 * s : split.offset;
    double slope = (-11 * y[i] + 18 * y[i + 1] - 9 * y[i + 2] + 2 * y[i + 3]) / 2;
    return split == null ? slope : slope * grid.width() / split.width(0);
  }

  /** The slope at the end of a segment, times its width. */
  private double atEnd(double[] base, int s, Split split) {
    double[] y = split == null ? base : split.pass.values();
    int i = split == null ? 3 * s : split.offset + 4 * (split.pieces() - 1);
    double slope = (-2 * y[i] + 9 * y[i + 1] - 18 * y[i + 2] + 11 * y[i + 3]) / 2;
    return split == null ? slope : slope * grid.width() / split.width(split.pieces() - 1);
  }

  private static List<Split> evaluated(
      List<Integer> segments, List<double[]> cuts, Function<double[], RelaxedCell.Pass> evaluate) {
    double[] x = cuts.stream().flatMapToDouble(c -> Arrays.stream(nodes(c))).toArray();
    RelaxedCell.Pass pass = evaluate.apply(x);
    List<Split> made = new ArrayList<>();
    int offset = 0;
    for (int i = 0; i < segments.size(); i++) {
      Split split = new Split(segments.get(i), cuts.get(i), pass, offset);
      made.add(split);
      offset += 4 * split.pieces();
    }
    return made;
  }

  /** Looks for switches inside pieces. */
  private static final class Search {

    private final Switches.Of[] switches;
    private final double[] c = new double[4];
    private final double[] roots = new double[3];
    private final double[] d = new double[4];
    private double[] points = new double[16];
    private int found;

    Search(Switches.Of... switches) {
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
          if (surface.mayBeReached(one[i], two[i])
              || surface.mayBeReached(one[i + 3], two[i + 3])) {
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
}
