package grafs.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The candidate operations that remain at each place of a cell. Shrinking removes them one after
 * another; a removed operation is no longer evaluated.
 *
 * @param places for each place the indices of the remaining operations, ascending, at least one
 */
public record Candidates(List<List<Integer>> places) {

  /** Copies the lists. */
  public Candidates {
    places = places.stream().map(List::copyOf).toList();
  }

  /** {@return all operations of the space in every place} */
  public static Candidates all(CellSpace space) {
    return new Candidates(
        space.places().stream()
            .map(place -> IntStream.range(0, place.candidates().size()).boxed().toList())
            .toList());
  }

  /** {@return the indices of the operations that remain at a place} */
  public List<Integer> of(int place) {
    return places.get(place);
  }

  /** {@return the number of remaining operations, summed over the places} */
  public int count() {
    return places.stream().mapToInt(List::size).sum();
  }

  /** {@return whether one operation is left in every place} */
  public boolean decided() {
    return count() == places.size();
  }

  /**
   * Removes an operation.
   *
   * @param place the place
   * @param operation the index of the operation there
   * @return the candidates without it
   */
  public Candidates without(int place, int operation) {
    List<List<Integer>> left = new ArrayList<>(places);
    left.set(place, places.get(place).stream().filter(o -> o != operation).toList());
    return new Candidates(left);
  }

  /**
   * Chooses one operation for every place.
   *
   * @param alpha the architecture parameters, {@code [place][operation]}
   * @return for each place the index of the remaining operation with the largest α, the first one
   *     on ties
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
