package grafs.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The operations that a search chooses from: U for every edge, B for every vertex.
 *
 * @param unary the candidate unary operations, at least one, with distinct names
 * @param binary the candidate binary operations, at least one, with distinct names
 */
public record OperationSet(List<Unary> unary, List<Binary> binary) {

  /**
   * Copies the lists and checks them.
   *
   * @throws IllegalArgumentException if a list is empty or holds a name twice
   */
  public OperationSet {
    unary = List.copyOf(unary);
    binary = List.copyOf(binary);
    check("unary", unary.stream().map(Unary::name).toList());
    check("binary", binary.stream().map(Binary::name).toList());
  }

  private static void check(String kind, List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "the search space needs at least one " + kind + " operation");
    }
    Set<String> seen = new LinkedHashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new IllegalArgumentException(
            "the " + kind + " operation '" + name + "' is there twice");
      }
    }
  }

  /** {@return the paper's full space: 29 unary and 12 binary operations} */
  public static OperationSet paper() {
    return new OperationSet(Primitives.UNARY, Primitives.BINARY);
  }

  /** {@return a small space for quick experiments: 10 unary and 6 binary operations} */
  public static OperationSet small() {
    return of(
        "identity",
        "negative",
        "abs",
        "square",
        "scale",
        "sin",
        "tanh",
        "max0",
        "sigmoid",
        "softplus",
        "add",
        "subtract",
        "multiply",
        "max",
        "min",
        "gate");
  }

  /**
   * Chooses operations of the paper's space by name.
   *
   * @param names names of unary and binary operations, in the order in which they should stand
   * @return the chosen set
   * @throws IllegalArgumentException if a name is unknown (the message lists the known ones), or if
   *     no unary or no binary operation is among them
   */
  public static OperationSet of(String... names) {
    List<Unary> unary = new ArrayList<>();
    List<Binary> binary = new ArrayList<>();
    for (String name : names) {
      Primitives.UNARY.stream().filter(op -> op.name().equals(name)).forEach(unary::add);
      Primitives.BINARY.stream().filter(op -> op.name().equals(name)).forEach(binary::add);
    }
    if (unary.size() + binary.size() < names.length) {
      Set<String> known =
          Stream.concat(
                  Primitives.UNARY.stream().map(Unary::name),
                  Primitives.BINARY.stream().map(Binary::name))
              .collect(Collectors.toCollection(LinkedHashSet::new));
      String unknown =
          Arrays.stream(names).filter(n -> !known.contains(n)).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "unknown operation: " + unknown + "; the known ones are " + String.join(", ", known));
    }
    return new OperationSet(unary, binary);
  }

  /**
   * Adds unary operations of your own.
   *
   * @param more the operations, such as {@code Unary.of("mish", x -> …)}
   * @return this set and them
   * @throws IllegalArgumentException if a name is there already
   */
  public OperationSet with(Unary... more) {
    return new OperationSet(Stream.concat(unary.stream(), Stream.of(more)).toList(), binary);
  }

  /**
   * Adds binary operations of your own.
   *
   * @param more the operations, such as {@code Binary.of("tanh_gate", (a, b) -> …)}
   * @return this set and them
   * @throws IllegalArgumentException if a name is there already
   */
  public OperationSet with(Binary... more) {
    return new OperationSet(unary, Stream.concat(binary.stream(), Stream.of(more)).toList());
  }

  /** {@return the index of the named unary operation in U} */
  public int unaryIndex(String name) {
    return index(unary.stream().map(Unary::name).toList(), name);
  }

  /** {@return the index of the named binary operation in B} */
  public int binaryIndex(String name) {
    return index(binary.stream().map(Binary::name).toList(), name);
  }

  private static int index(List<String> names, String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException(
          "unknown operation: " + name + "; the set has " + String.join(", ", names));
    }
    return index;
  }
}
