package grafs.lab;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What a search space contains, by a random sample of its functions: a choice of operations is
 * often a simpler function in disguise.
 *
 * @param space the search space
 * @param entries the functions drawn
 */
public record Census(CellSpace space, List<Entry> entries) {

  /** How {@link KnownActivation#title()} names functions that do not depend on x. */
  static final String CONSTANT = "constant";

  /** Copies the list. */
  public Census {
    entries = List.copyOf(entries);
  }

  /**
   * A function drawn.
   *
   * @param function the function, β where they start
   * @param simplified its simplified formula, arguments of commutative operations in one order
   * @param known the name of the known activation that it equals in value, if there is one
   */
  public record Entry(Expression function, Expression simplified, Optional<String> known) {

    /** {@return the known name, otherwise the formula} */
    public String label() {
      return known.orElseGet(simplified::text);
    }
  }

  /**
   * Draws functions, every choice of operations as likely as any other.
   *
   * @param space the search space
   * @param count the number of functions
   * @param seed the seed
   * @return the sample
   */
  public static Census of(CellSpace space, int count, long seed) {
    Random random = new Random(seed);
    return new Census(
        space,
        Stream.generate(() -> space.random(random))
            .limit(count)
            .map(
                f -> new Entry(f, f.canonical(), KnownActivation.of(f).map(KnownActivation::title)))
            .toList());
  }
}
