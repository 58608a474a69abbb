package grafs.cell;

/**
 * An operation whose value, gradient or β is not finite.
 *
 * @param cell the cell instance, from 0 in the order of the network
 * @param place the edge or vertex, such as {@code u3} or {@code b1}
 * @param operation the operation's name
 * @param symptom what is not finite and where, such as {@code its gradient is NaN at x = 0.0}
 */
public record Culprit(int cell, String place, String operation, String symptom) {

  @Override
  public String toString() {
    return "operation '%s' at %s of cell %d: %s".formatted(operation, place, cell, symptom);
  }
}
