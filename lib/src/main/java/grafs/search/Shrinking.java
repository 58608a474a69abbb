package grafs.search;

import grafs.cell.Candidates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Progressive shrinking: between two epochs the operations of lowest α are dropped one after
 * another, until one is left on every edge and vertex (arXiv 2408.06820, section 3.3).
 *
 * <p>The number kept falls geometrically, so that the last decisions are taken among few. It falls
 * with every step, not at the ends of epochs, and the places come to their last operation one after
 * another, edges before vertices: so the function changes little at a time, and the weights can
 * follow.
 *
 * @param start the epoch, from 0, at whose end dropping begins; 0 for at once
 * @param end the epoch at whose end one operation is left everywhere
 */
public record Shrinking(int start, int end) {

  /** The part of the time by which the first place is ahead of the last. */
  private static final double LEAD = 0.2;

  /**
   * Checks the epochs.
   *
   * @throws IllegalArgumentException if they are not 0 ≤ start &lt; end
   */
  public Shrinking {
    if (start < 0 || start >= end) {
      throw new IllegalArgumentException(
          "shrinking must start before it ends, after epoch " + end + ", not after epoch " + start);
    }
  }

  /**
   * How many of some operations are left.
   *
   * @param operations the number in the beginning
   * @param epochs the epochs done, with the fraction of the present one
   * @param lag how far the place is behind the first one, 0 to 1
   * @return the number left, at least 1
   */
  int kept(int operations, double epochs, double lag) {
    double progress = (epochs - start) / (end - start) * (1 + LEAD) - LEAD * lag;
    double remaining = 1 - Math.min(1, Math.max(0, progress));
    return Math.max(1, (int) Math.ceil(Math.pow(operations, remaining) - 1e-9));
  }

  /**
   * Drops the operations of lowest α for which there is no room any more.
   *
   * @param candidates the operations still in play
   * @param alpha the values of α
   * @param epochs the epochs done, with the fraction of the present one
   * @return the candidates left; the same ones where nothing is dropped
   */
  public Candidates shrink(
      Candidates candidates, ArchitectureParameters.Values alpha, double epochs) {
    int edges = candidates.unary().size();
    int last = edges + candidates.binary().size() - 1;
    List<List<Integer>> unary = new ArrayList<>();
    for (int e = 0; e < edges; e++) {
      unary.add(highest(candidates.unary().get(e), alpha.unary()[e], epochs, (double) e / last));
    }
    List<List<Integer>> binary = new ArrayList<>();
    for (int v = 0; v < candidates.binary().size(); v++) {
      double lag = (double) (edges + v) / last;
      binary.add(highest(candidates.binary().get(v), alpha.binary()[v], epochs, lag));
    }
    return new Candidates(unary, binary);
  }

  private List<Integer> highest(
      List<Integer> candidates, float[] alpha, double epochs, double lag) {
    int kept = kept(alpha.length, epochs, lag);
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
