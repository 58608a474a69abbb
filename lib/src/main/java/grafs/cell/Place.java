package grafs.cell;

import java.util.List;

/**
 * A place of an activation cell, the graph of operations that computes an activation function. For
 * each place a search chooses one of several operations. A place is an edge, which applies a unary
 * operation, or a vertex, which applies a binary one. {@link CellSpace#places} lists the places of
 * a cell in the order of their evaluation; an index of a place refers to this list.
 *
 * @param name such as {@code u3} for the third edge or {@code b1} for the first vertex
 * @param operands the source of each argument, one entry for an edge and two for a vertex: −1 for
 *     the cell's input x, otherwise the index of an earlier place, whose value is the argument
 * @param candidates the operations to choose from
 */
public record Place(String name, List<Integer> operands, List<Operation> candidates) {

  /** Copies both lists, so that a place cannot change. */
  public Place {
    operands = List.copyOf(operands);
    candidates = List.copyOf(candidates);
  }
}
