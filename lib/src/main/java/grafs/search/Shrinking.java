package grafs.search;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Progressive shrinking: the operations of lowest α are dropped one after another, until one is
 * left on every edge and vertex (arXiv 2408.06820, section 3.3).
 *
 * <p>The number kept falls with every step, not at the ends of epochs, and the places come to their
 * last operation one after another, edges before vertices: so the function changes little at a
 * time, and the weights can follow. The last epoch trains the weights for what was decided.
 *
 * @param schedule how the number of operations falls
 * @param start the search epoch, from 0, at whose end dropping begins; 0 for at once
 */
public record Shrinking(Schedule schedule, int start) {

  /** How the number of operations on an edge or vertex falls to one. */
  public enum Schedule {
    /** Not at all until the search ends, and then by one cut, as in DARTS. */
    AT_THE_END,
    /** By the same number an epoch. */
    LINEAR,
    /** By the same factor an epoch, so that the last decisions are taken among few. */
    GEOMETRIC
  }

  /** No shrinking: all operations stay to the end, where the one of largest α is taken. */
  public static final Shrinking OFF = new Shrinking(Schedule.AT_THE_END, 0);

  /** The part of the time by which the first place is ahead of the last. */
  private static final double LEAD = 0.2;

  /**
   * Checks the epoch.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Shrinking {
    if (start < 0) {
      throw new IllegalArgumentException(
          "shrinking.start must be an epoch from 0 on, but is " + start);
    }
  }

  /**
   * Shrinks by the same factor an epoch.
   *
   * @param start the search epoch at whose end dropping begins; 0 for at once
   * @return the schedule
   */
  public static Shrinking geometric(int start) {
    return new Shrinking(Schedule.GEOMETRIC, start);
  }

  /**
   * Shrinks by the same number of operations an epoch.
   *
   * @param start the search epoch at whose end dropping begins; 0 for at once
   * @return the schedule
   */
  public static Shrinking linear(int start) {
    return new Shrinking(Schedule.LINEAR, start);
  }

  /**
   * How many of some operations are left.
   *
   * @param operations the number in the beginning
   * @param done the epochs done, with the fraction of the present one
   * @param epochs the epochs of the search
   * @param lag how far the place is behind the first one, 0 to 1
   * @return the number left, at least 1
   */
  int kept(int operations, double done, int epochs, double lag) {
    if (schedule == Schedule.AT_THE_END) {
      return done < epochs ? operations : 1;
    }
    int end = Math.max(start + 1, epochs - 1);
    double progress = (done - start) / (end - start) * (1 + LEAD) - LEAD * lag;
    double remaining = 1 - Math.min(1, Math.max(0, progress));
    double kept =
        schedule == Schedule.LINEAR
            ? 1 + (operations - 1) * remaining
            : Math.pow(operations, remaining);
    return Math.max(1, (int) Math.ceil(kept - 1e-9));
  }

  /**
   * Tells whether there is no room any more for some of the candidates.
   *
   * @param space the search space
   * @param candidates the operations still in play
   * @param done the search epochs done, with the fraction of the present one
   * @param epochs the epochs of the search
   * @return whether {@link #shrink} drops something
   */
  boolean drops(CellSpace space, Candidates candidates, double done, int epochs) {
    int edges = candidates.unary().size();
    int last = edges + candidates.binary().size() - 1;
    for (int place = 0; place <= last; place++) {
      int all =
          place < edges ? space.operations().unary().size() : space.operations().binary().size();
      int left =
          place < edges
              ? candidates.unary().get(place).size()
              : candidates.binary().get(place - edges).size();
      if (kept(all, done, epochs, (double) place / last) < left) {
        return true;
      }
    }
    return false;
  }

  /**
   * Drops the operations of lowest α for which there is no room any more.
   *
   * @param candidates the operations still in play
   * @param alpha the values of α
   * @param done the search epochs done, with the fraction of the present one
   * @param epochs the epochs of the search
   * @return the candidates left; equal to those given where nothing is dropped
   */
  public Candidates shrink(
      Candidates candidates, ArchitectureParameters.Values alpha, double done, int epochs) {
    int edges = candidates.unary().size();
    int last = edges + candidates.binary().size() - 1;
    List<List<Integer>> unary = new ArrayList<>();
    for (int e = 0; e < edges; e++) {
      float[] row = alpha.unary()[e];
      int kept = kept(row.length, done, epochs, (double) e / last);
      unary.add(highest(candidates.unary().get(e), row, kept));
    }
    List<List<Integer>> binary = new ArrayList<>();
    for (int v = 0; v < candidates.binary().size(); v++) {
      float[] row = alpha.binary()[v];
      int kept = kept(row.length, done, epochs, (double) (edges + v) / last);
      binary.add(highest(candidates.binary().get(v), row, kept));
    }
    return new Candidates(unary, binary);
  }

  private static List<Integer> highest(List<Integer> candidates, float[] alpha, int kept) {
    if (kept >= candidates.size()) {
      return candidates;
    }
    return candidates.stream()
        .sorted(Comparator.comparingDouble((Integer o) -> -alpha[o]))
        .limit(kept)
        .sorted()
        .toList();
  }
}
