package grafs.cell;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The operations that are still in play on each edge and vertex, as indices into the operation set.
 * Shrinking takes them away one after another; what is gone is not evaluated any more.
 *
 * @param unary for each edge the remaining unary operations, ascending, at least one
 * @param binary for each vertex the remaining binary operations, ascending, at least one
 */
public record Candidates(List<List<Integer>> unary, List<List<Integer>> binary) {

  /** Copies the lists. */
  public Candidates {
    unary = unary.stream().map(List::copyOf).toList();
    binary = binary.stream().map(List::copyOf).toList();
  }

  /** {@return all operations of the space on every edge and vertex} */
  public static Candidates all(CellSpace space) {
    return new Candidates(
        everywhere(space.graph().edges(), space.operations().unary().size()),
        everywhere(space.graph().vertices(), space.operations().binary().size()));
  }

  private static List<List<Integer>> everywhere(int places, int operations) {
    return IntStream.range(0, places)
        .mapToObj(p -> IntStream.range(0, operations).boxed().toList())
        .toList();
  }

  /** {@return whether one operation is left on every edge and vertex} */
  public boolean decided() {
    return unary.stream().allMatch(c -> c.size() == 1)
        && binary.stream().allMatch(c -> c.size() == 1);
  }
}
