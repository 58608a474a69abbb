package grafs.nas;

import grafs.cell.Candidates;
import java.util.stream.IntStream;

/**
 * Progressive shrinking: operations of lowest α are dropped one after another, until one is left in
 * every place (arXiv 2408.06820, section 3.3). The times are those of the paper's code: of N
 * operations in P places, N − P are dropped at
 *
 * <pre>⌊start − 1 + 10^(i·log₁₀(T − start)/(N − P − 1))⌋,  i = 0, …, N − P − 1</pre>
 *
 * over the length T, counted from 0: many together at first and one at a time in the end.
 *
 * @param unit the unit of time
 * @param start the time of the first drops, counted from 0, at least 1
 */
public record Shrinking(Unit unit, int start) {

  /** The unit of time. */
  public enum Unit {
    /** Search epochs, as for ResNet and ViT in the paper. */
    EPOCH,
    /** Search steps, as for GPT in the paper. */
    STEP,
    /** Nothing is dropped: at the end the operation of largest α is taken, as in DARTS. */
    NEVER
  }

  /** No shrinking. */
  public static final Shrinking OFF = new Shrinking(Unit.NEVER, 1);

  /**
   * Checks the start.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public Shrinking {
    if (start < 1) {
      throw new IllegalArgumentException("shrinking.start must be at least 1, but is " + start);
    }
  }

  /**
   * Computes when operations are dropped.
   *
   * @param operations the number of operations in all places together
   * @param places the number of places
   * @param length the length of the search, in this unit
   * @return the time of each drop, ascending
   */
  public int[] times(int operations, int places, int length) {
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
   * Counts the drops that are due.
   *
   * @param operations the number of operations at the start of the search, in all places together
   * @param places the number of places
   * @param time the present time, from 0
   * @param length the length of the search, in this unit
   * @return the number of operations to be dropped by the end of that time
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
   * Chooses the next operation to drop: the one of lowest α in the place with the most candidates,
   * the first of these places at a tie.
   *
   * @param candidates the remaining candidates, more than one in some place
   * @param alpha the architecture parameters, {@code [place][operation]}
   * @return the place and the operation to drop
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
