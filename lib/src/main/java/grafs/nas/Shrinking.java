package grafs.nas;

import grafs.cell.Candidates;
import java.util.stream.IntStream;

/**
 * Progressive shrinking of the search space during a search for an activation function (arXiv
 * 2408.06820, section 3.3). The search composes the function as a cell, a small graph of operations
 * such as sin or +. A place is an edge or vertex of the graph; α is one number for each candidate
 * operation of a place. The candidates of lowest α are dropped one after another, until one is left
 * in every place. Of N operations in P places, N − P are dropped. The time of drop i is, as in the
 * paper's code,
 *
 * <pre>⌊start − 1 + 10^(i·log₁₀(T − start)/(N − P − 1))⌋,  i = 0, …, N − P − 1</pre>
 *
 * <p>in a search of T epochs or steps, counted from 0. At first many operations are dropped at the
 * same time, in the end single ones.
 *
 * @param unit the unit of time: epochs or steps
 * @param start the time of the first drops, counted from 0, at least 1
 */
public record Shrinking(Unit unit, int start) {

  /** The unit in which the times of drops are counted. */
  public enum Unit {
    /** Epochs of the search, as for ResNet and ViT in the paper. */
    EPOCH,
    /** Steps of the search, as for GPT in the paper. */
    STEP,
    /**
     * No operation is dropped. At the end the one of largest α is taken in each place, as in DARTS.
     */
    NEVER
  }

  /** No shrinking. */
  public static final Shrinking OFF = new Shrinking(Unit.NEVER, 1);

  /**
   * Checks the start.
   *
   * @throws IllegalArgumentException if {@code start} is below 1
   */
  public Shrinking {
    if (start < 1) {
      throw new IllegalArgumentException("shrinking.start must be at least 1, but is " + start);
    }
  }

  /**
   * Computes when operations are dropped, by the formula of the class comment. If one operation is
   * to be dropped, its time is {@code start}. The power is computed in float64, as in the paper's
   * code, and can be a little less than T − start. Then the last drop is at T − 2 instead of T − 1.
   *
   * @param operations N, the number of operations in all places together
   * @param places P, the number of places
   * @param length T, the number of epochs or steps of the search, more than {@code start}
   * @return the time of each drop in epochs or steps from 0, ascending
   */
  int[] times(int operations, int places, int length) {
    int drops = operations - places;
    double end = Math.log10(length - start);
    return IntStream.range(0, drops)
        .map(
            i -> {
              double exponent = drops == 1 ? 0 : i == drops - 1 ? end : i * (end / (drops - 1));
              return (int) (start - 1 + Math.pow(10, exponent));
            })
        .toArray();
  }

  /**
   * Counts the drops that are due. If the search is too short for the formula, that is if it is not
   * longer than {@code start}, all drops are due at the end of the search.
   *
   * @param operations the number of operations at the start of the search, in all places together
   * @param places the number of places
   * @param time the present epoch or step, from 0
   * @param length the number of epochs or steps of the search
   * @return the number of operations to be dropped by the end of that epoch or step
   */
  int due(int operations, int places, int time, int length) {
    if (unit == Unit.NEVER) {
      return 0;
    }
    if (length - start < 1) {
      return time >= length - 1 ? operations - places : 0;
    }
    return (int) IntStream.of(times(operations, places, length)).filter(t -> t <= time).count();
  }

  /**
   * Chooses the operation to be dropped next: the one of lowest α in the place with the most
   * candidates, or in the first of several such places.
   *
   * @param candidates the remaining candidates, more than one in some place
   * @param alpha α, {@code [place][operation]}
   * @return the index of the place and that of the operation
   */
  static int[] next(Candidates candidates, double[][] alpha) {
    int fullest =
        IntStream.range(0, alpha.length)
            .reduce(0, (p, q) -> candidates.of(q).size() > candidates.of(p).size() ? q : p);
    double[] own = alpha[fullest];
    int lowest =
        candidates.of(fullest).stream().reduce((a, b) -> own[b] < own[a] ? b : a).orElseThrow();
    return new int[] {fullest, lowest};
  }
}
