package grafs.cell;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The search space of activation cells. A cell is a graph of operations that computes an activation
 * function of one number x. The search space fixes the graph, and lists the operations to choose
 * from at each of its {@link Place places}. The graph is a chain of core units (arXiv 2408.06820,
 * figure 1). A unit has two edges, each of which applies a unary operation, and a vertex, which
 * applies a binary operation to the values of both edges. The first unit takes x on both edges,
 * every further unit the value of the unit before it on the left edge and x on the right edge. Two
 * units are the paper's cell, with the edges u₁ to u₄ and the vertices b₁ and b₂:
 *
 * <pre>f(x) = b₂( u₃( b₁( u₁(x), u₂(x) ) ), u₄(x) )</pre>
 *
 * <p>Some operations have a learnable scalar β, such as β·x. Arrays {@code [place][operation]} are
 * indexed by the position in {@link #places} and by the position among the candidates of that
 * place.
 *
 * @param units the number of core units, 1 to 3
 * @param unary the candidates of every edge, at least one
 * @param binary the candidates of every vertex, at least one; all names in both lists are distinct
 * @param bounds how the values of operations are bounded during the search
 */
public record CellSpace(int units, List<Operation> unary, List<Operation> binary, Bounds bounds) {

  /**
   * Checks the number of units and the lists, and copies the lists.
   *
   * @throws IllegalArgumentException if {@code units} is not 1 to 3, a list is empty, a name occurs
   *     twice, or a custom operation (made by a user) has the name of an operation in {@link
   *     Operations}
   */
  public CellSpace {
    unary = List.copyOf(unary);
    binary = List.copyOf(binary);
    if (units < 1 || units > 3) {
      throw new IllegalArgumentException("a cell has 1 to 3 core units, not " + units);
    }
    if (unary.isEmpty() || binary.isEmpty()) {
      throw new IllegalArgumentException(
          "the search space needs at least one %s operation"
              .formatted(unary.isEmpty() ? "unary" : "binary"));
    }
    Set<String> seen = new HashSet<>();
    for (Operation op : all(unary, binary)) {
      if (op.custom() && Operations.named(op.name()) != null) {
        throw new IllegalArgumentException(
            "the kit has another operation named '%s': give yours a name of its own, such as my_%1$s"
                .formatted(op));
      }
      if (!seen.add(op.name())) {
        throw new IllegalArgumentException(
            "the search space has two operations named '%s': leave one out or rename it, since a function is read by these names"
                .formatted(op));
      }
    }
  }

  private static List<Operation> all(List<Operation> some, List<Operation> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  /**
   * Makes a space with the paper's cell, two units, from a list of operations.
   *
   * @param operations unary and binary operations in any order, at least one of each
   * @param bounds how their values are bounded during the search
   * @return the space
   * @throws IllegalArgumentException if the list has no unary or no binary operation, contains a
   *     name twice, or contains a custom operation with the name of an operation in {@link
   *     Operations}
   */
  public static CellSpace of(List<Operation> operations, Bounds bounds) {
    return new CellSpace(2, ofArity(operations, 1), ofArity(operations, 2), bounds);
  }

  private static List<Operation> ofArity(List<Operation> operations, int arity) {
    return operations.stream().filter(op -> op.arity() == arity).toList();
  }

  /**
   * {@return the space of the code of arXiv 2408.06820: two units, 23 unary and 9 binary
   * operations, bounded as in that code by {@link Bounds#PAPER}}
   */
  public static CellSpace paper() {
    return of(Operations.paper(), Bounds.PAPER);
  }

  /**
   * {@return a larger space: two units and the 29 unary and 12 binary operations of {@link
   * Operations#wide}, whose values are limited smoothly to ±10 by {@link Bounds#SMOOTH}}
   */
  public static CellSpace wide() {
    return of(Operations.wide(), Bounds.SMOOTH);
  }

  /**
   * {@return a space for quick experiments: two units, 10 unary and 6 binary operations, whose
   * values are limited smoothly to ±10 by {@link Bounds#SMOOTH}}
   */
  public static CellSpace small() {
    String names =
        "identity negative abs square scale sin tanh max0 sigmoid softplus"
            + " add subtract multiply max min gate";
    return of(Operations.of(names.split(" ")), Bounds.SMOOTH);
  }

  /**
   * Adds candidates.
   *
   * @param more unary or binary operations, such as {@code Operation.of("cube_root", Math::cbrt)}
   * @return this space with these operations added
   * @throws IllegalArgumentException if the space already has an operation of that name, or a
   *     custom operation has the name of an operation in {@link Operations}
   */
  public CellSpace with(Operation... more) {
    List<Operation> added = List.of(more);
    return new CellSpace(
        units, all(unary, ofArity(added, 1)), all(binary, ofArity(added, 2)), bounds);
  }

  /**
   * {@return the names of the custom operations of this space, in alphabetical order, each with a
   * checksum of the operation's values and derivatives} The checksum tells two operations with the
   * same name apart.
   */
  public Map<String, String> custom() {
    Map<String, String> checksums = new TreeMap<>();
    all(unary, binary).stream()
        .filter(Operation::custom)
        .forEach(op -> checksums.put(op.name(), op.checksum()));
    return checksums;
  }

  /**
   * Changes the number of core units.
   *
   * @param other the number of core units, 1 to 3
   * @return this space with cells of that number of units
   * @throws IllegalArgumentException if the number is not 1 to 3
   */
  public CellSpace withUnits(int other) {
    return new CellSpace(other, unary, binary, bounds);
  }

  /** {@return this space without bounds on its operations, {@link Bounds#NONE}} */
  public CellSpace unbounded() {
    return new CellSpace(units, unary, binary, Bounds.NONE);
  }

  /** {@return the places in the order in which they are evaluated: u1 u2 b1 u3 u4 b2 …} */
  public List<Place> places() {
    List<Place> places = new ArrayList<>();
    for (int unit = 0; unit < units; unit++) {
      int first = 3 * unit;
      places.add(new Place("u" + (2 * unit + 1), List.of(first - 1), unary));
      places.add(new Place("u" + (2 * unit + 2), List.of(-1), unary));
      places.add(new Place("b" + (unit + 1), List.of(first, first + 1), binary));
    }
    return places;
  }

  /**
   * {@return the number of ways to choose one operation for every place} Different choices may
   * compute the same function.
   */
  public BigInteger size() {
    return places().stream()
        .map(place -> BigInteger.valueOf(place.candidates().size()))
        .reduce(BigInteger.ONE, BigInteger::multiply);
  }

  /**
   * {@return the number of scalars β in the space: one for each place and each candidate of that
   * place that has a β}
   */
  public int betas() {
    return (int)
        places().stream().flatMap(p -> p.candidates().stream()).filter(Operation::hasBeta).count();
  }

  /**
   * Draws the starting value of every β from the normal distribution with the mean {@link
   * Operation#beta} and the standard deviation {@link Operation#betaDeviation}.
   *
   * @param random the source of randomness; null to draw nothing and return the means
   * @return β, {@code [place][operation]}; NaN for an operation without β
   */
  public double[][] betaStart(RandomGenerator random) {
    return places().stream()
        .map(
            place ->
                place.candidates().stream()
                    .mapToDouble(
                        op ->
                            random == null || op.betaDeviation() == 0
                                ? op.beta()
                                : op.beta() + op.betaDeviation() * random.nextGaussian())
                    .toArray())
        .toArray(double[][]::new);
  }

  /**
   * Makes the function that applies one chosen operation at every place.
   *
   * @param choice for each place the index of the chosen candidate
   * @param beta β, {@code [place][operation]}; only those of the chosen operations are used
   * @return the function
   */
  public Expression function(List<Integer> choice, double[][] beta) {
    List<Place> places = places();
    List<Expression> values = new ArrayList<>();
    for (int p = 0; p < places.size(); p++) {
      Place place = places.get(p);
      int o = choice.get(p);
      List<Expression> arguments =
          place.operands().stream()
              .map(from -> from < 0 ? new Expression.Input() : values.get(from))
              .toList();
      values.add(new Expression.Apply(place.candidates().get(o), beta[p][o], arguments));
    }
    return values.get(values.size() - 1);
  }

  /**
   * Parses the string of a function, whose operations may be those of {@link Operations} and the
   * custom operations of this space.
   *
   * @param text such as {@code max(sin(x), x)}; see {@link Expression} for the notation
   * @return the function
   * @throws IllegalArgumentException if the text is not a function; the message says where and why
   */
  public Expression parse(String text) {
    return Expression.parse(text, all(unary, binary).toArray(Operation[]::new));
  }

  /**
   * Draws one operation for every place, uniformly and independently.
   *
   * @param random the source of randomness
   * @return for each place the index of the drawn candidate
   */
  public List<Integer> choice(RandomGenerator random) {
    return places().stream().map(place -> random.nextInt(place.candidates().size())).toList();
  }

  /**
   * Draws a function by drawing one operation for every place, uniformly and independently.
   *
   * @param random the source of randomness
   * @return the function; each of its β is the mean of the distribution of its starting value
   */
  public Expression random(RandomGenerator random) {
    return function(choice(random), betaStart(null));
  }
}
