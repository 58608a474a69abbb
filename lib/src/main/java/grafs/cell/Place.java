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
}
