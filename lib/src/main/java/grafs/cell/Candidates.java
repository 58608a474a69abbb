package grafs.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The candidate operations, such as tanh or max, that remain during a search. The search composes
 * an activation function: it chooses one operation for each {@link Place} of a graph, which is
 * called the cell. For this it removes candidates step by step (shrinking) until one is left at
 * each place. A removed candidate is not evaluated any more.
 *
 * @param places for each place the indices of the remaining candidates in {@link Place#candidates},
 *     ascending, at least one
 */
public record Candidates(List<List<Integer>> places) {

  /** Copies the lists, so that the candidates cannot change. */
  public Candidates {
    places = places.stream().map(List::copyOf).toList();
  }

  /**
   * {@return the candidates at the start of a search: all operations that the search space lists
   * for each place}
   *
   * @param space the search space
   */
  public static Candidates all(CellSpace space) {
    return new Candidates(
        space.places().stream()
            .map(place -> IntStream.range(0, place.candidates().size()).boxed().toList())
            .toList());
  }

  /**
   * {@return the indices of the remaining candidates of a place, ascending}
   *
   * @param place the index of the place
   */
  public List<Integer> of(int place) {
    return places.get(place);
  }

  /** {@return the number of remaining candidates, summed over the places} */
  public int count() {
    return places.stream().mapToInt(List::size).sum();
  }

  /** {@return whether exactly one candidate remains at every place} */
  public boolean decided() {
    return count() == places.size();
  }

  /**
   * Removes a candidate.
   *
   * @param place the index of the place
   * @param operation the index of the candidate in {@link Place#candidates}; it must not be the
   *     only one that remains at this place
   * @return the candidates without it
   */
  public Candidates without(int place, int operation) {
    List<List<Integer>> left = new ArrayList<>(places);
    left.set(place, places.get(place).stream().filter(o -> o != operation).toList());
    return new Candidates(left);
  }

  /**
   * Chooses at every place the remaining operation with the largest architecture parameter α, the
   * number that the search has learned for it.
   *
   * @param alpha α, {@code [place][operation]}
   * @return for each place the index of the remaining candidate with the largest α; on a tie the
   *     first of the tied candidates
   */
  public List<Integer> best(double[][] alpha) {
    return IntStream.range(0, places.size())
        .mapToObj(
            p ->
                places.get(p).stream()
                    .reduce((best, o) -> alpha[p][o] > alpha[p][best] ? o : best)
                    .orElseThrow())
        .toList();
  }
}
