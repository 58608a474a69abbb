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

  /** By how much the slopes of neighbours may differ, relative to what exceeds 1. */
  private static final double TOLERANCE = 3e-5;

  private static final int MOST_PARTS = 8;

  /** Where a segment has more switches than this, no grid follows the cell, and it is not split. */
  private static final int MOST_SWITCHES = 32;

  /** New pieces may show switches that could not be told apart before. */
  private static final int ROUNDS = 5;

  private final Grid grid;
  private final List<SplitSegment> fixed = new ArrayList<>();
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
        fixed.add(new SplitSegment(s, cuts, null, count));
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
      double first = cuts[i] + SplitSegment.INSET;
      double width = cuts[i + 1] - cuts[i] - 2 * SplitSegment.INSET;
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
  List<SplitSegment> split(
      RelaxedCell.Pass base,
      Switches.Of[] switches,
      Function<double[], RelaxedCell.Pass> evaluate) {
    SplitSegment[] splits = new SplitSegment[grid.segments()];
    List<SplitSegment> fresh = new ArrayList<>();
    for (SplitSegment split : fixed) {
      SplitSegment own = new SplitSegment(split.segment(), split.cuts(), base, split.offset());
      splits[split.segment()] = own;
      fresh.add(own);
    }
    SwitchSearch search = new SwitchSearch(switches);
    boolean[] switched = jointed.clone();
    List<double[]> cuts = new ArrayList<>();
    List<Integer> segments = new ArrayList<>();
    for (int s = 0; s < splits.length; s++) {
      if (splits[s] == null) {
        search.look(base, 3 * s, grid.start(s), grid.width());
        if (search.found() > 0) {
          double[] points = search.take();
          double[] merged = merge(ends(s), points);
          if (merged.length > 2 && points.length <= MOST_SWITCHES) {
            segments.add(s);
            cuts.add(merged);
          }
          switched[s] |= near(points[0], grid.start(s));
          switched[s + 1] |= near(points[points.length - 1], grid.start(s + 1));
        }
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (SplitSegment split : fresh) {
        for (int i = 0; i < split.pieces(); i++) {
          search.look(split.pass(), split.offset() + 4 * i, split.first(i), split.width(i));
        }
        if (search.found() > 0) {
          double[] merged = merge(split.cuts(), search.take());
          if (!Arrays.equals(merged, split.cuts()) && merged.length <= 2 * MOST_SWITCHES) {
            segments.add(split.segment());
            cuts.add(merged);
          }
        }
      }
      if (segments.isEmpty()) {
        break;
      }
      fresh = evaluated(segments, cuts, evaluate);
      fresh.forEach(split -> splits[split.segment()] = split);
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
      SplitSegment[] splits,
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
        double[] old = splits[s] == null ? ends(s) : splits[s].cuts();
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
      evaluated(segments, cuts, evaluate).forEach(split -> splits[split.segment()] = split);
    }
  }

  /** The slope at the start of a segment, times its width. */
  private double atStart(double[] base, int s, SplitSegment split) {
    double[] y = split == null ? base : split.pass().values();
    int i = split == null ? 3 * s : split.offset();
    double slope = (-11 * y[i] + 18 * y[i + 1] - 9 * y[i + 2] + 2 * y[i + 3]) / 2;
    return split == null ? slope : slope * grid.width() / split.width(0);
  }

  /** The slope at the end of a segment, times its width. */
  private double atEnd(double[] base, int s, SplitSegment split) {
    double[] y = split == null ? base : split.pass().values();
    int i = split == null ? 3 * s : split.offset() + 4 * (split.pieces() - 1);
    double slope = (-2 * y[i] + 9 * y[i + 1] - 18 * y[i + 2] + 11 * y[i + 3]) / 2;
    return split == null ? slope : slope * grid.width() / split.width(split.pieces() - 1);
  }

  private static List<SplitSegment> evaluated(
      List<Integer> segments, List<double[]> cuts, Function<double[], RelaxedCell.Pass> evaluate) {
    double[] x = cuts.stream().flatMapToDouble(c -> Arrays.stream(nodes(c))).toArray();
    RelaxedCell.Pass pass = evaluate.apply(x);
    List<SplitSegment> made = new ArrayList<>();
    int offset = 0;
    for (int i = 0; i < segments.size(); i++) {
      SplitSegment split = new SplitSegment(segments.get(i), cuts.get(i), pass, offset);
      made.add(split);
      offset += 4 * split.pieces();
    }
    return made;
  }
}
