package grafs.search;

import grafs.cell.Candidates;
import java.util.Comparator;
import java.util.List;

/**
 * Progressive shrinking: after each epoch from a given one on, the operations of lowest α are
 * dropped, until one is left on every edge and vertex after the last epoch (arXiv 2408.06820,
 * section 3.3). The number kept falls geometrically, so that the last decisions are taken among
 * few.
 *
 * @param start the first epoch, from 1, after which operations are dropped
 * @param end the last epoch, after which one operation is left
 */
public record Shrinking(int start, int end) {

  /**
   * Checks the epochs.
   *
   * @throws IllegalArgumentException if they are not 1 ≤ start ≤ end
   */
  public Shrinking {
    if (start < 1 || start > end) {
      throw new IllegalArgumentException(
          "shrinking must start in an epoch from 1 to the last one, " + end + ", not in " + start);
    }
  }

  /**
   * How many of some operations are left after an epoch.
   *
   * @param operations the number in the beginning
   * @param epoch the epoch, from 1
   * @return the number left, at least 1
   */
  public int kept(int operations, int epoch) {
    if (epoch < start) {
      return operations;
    }
    double progress = Math.min(1, (epoch - start + 1.0) / (end - start + 1));
    return Math.max(1, (int) Math.round(Math.pow(operations, 1 - progress)));
  }

  /**
   * Drops the operations of lowest α that an epoch's number does not leave room for.
   *
   * @param candidates the operations still in play
   * @param alpha the values of α
   * @param epoch the epoch that has just ended, from 1
   * @return the candidates left
   */
  public Candidates shrink(Candidates candidates, ArchitectureParameters.Values alpha, int epoch) {
    return new Candidates(
        highest(candidates.unary(), alpha.unary(), epoch),
        highest(candidates.binary(), alpha.binary(), epoch));
  }

  private List<List<Integer>> highest(List<List<Integer>> candidates, float[][] alpha, int epoch) {
    return java.util.stream.IntStream.range(0, candidates.size())
        .mapToObj(
            place ->
                candidates.get(place).stream()
                    .sorted(Comparator.comparingDouble((Integer o) -> -alpha[place][o]))
                    .limit(kept(alpha[place].length, epoch))
                    .sorted()
                    .toList())
        .toList();
  }
}
