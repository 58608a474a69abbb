package grafs.cell;

import java.util.List;

/**
 * One decision of a cell: an edge, which takes a unary operation, or a vertex, which takes a binary
 * one.
 *
 * @param name such as {@code u3} for the third edge or {@code b1} for the first vertex
 * @param operands where its arguments come from, one for each: −1 for the cell's input x, otherwise
 *     the index of an earlier place
 * @param candidates the operations to choose from
 */
public record Place(String name, List<Integer> operands, List<Operation> candidates) {

  /** Copies the lists. */
  public Place {
    operands = List.copyOf(operands);
    candidates = List.copyOf(candidates);
  }

  /** {@return whether all its arguments are the cell's input} */
  boolean readsInput() {
    return operands.stream().allMatch(o -> o == -1);
  }

  /** {@return the index of a candidate} */
  int indexOf(String operation) {
    return candidates.stream().map(Operation::name).toList().indexOf(operation);
  }
}
