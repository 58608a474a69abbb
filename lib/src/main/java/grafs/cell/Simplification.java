package grafs.cell;

import grafs.cell.Expression.Apply;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Simplifies {@link Expression expressions} by identities of the operations in {@link Operations}.
 * The identities hold for every x and every value of every learnable scalar β, up to rounding, in
 * float32 arithmetic too.
 *
 * <p>A custom operation, even one with the name of an operation in {@link Operations}, is left as
 * it is, since no identity is known for it.
 */
final class Simplification {

  /**
   * The identities, one in each line: {@code pattern = result if condition for operations}. Of
   * several identities that apply, the first is used. An identity with equal sides therefore
   * protects its pattern from the identities after it.
   *
   * <p>a and b stand for any expressions. If a occurs twice in a pattern, both expressions must be
   * equal and contain no learnable scalar β: training changes each β independently, so that two
   * equal β would not remain equal. f stands for each of the operations after {@code for}. {@link
   * Inequalities} must prove the condition. The values of β are not written; an operation with β in
   * the result gets the β of the outermost operation of the pattern.
   */
  private static final String IDENTITIES =
      """
      identity(a) = a
      constant(a) = constant(x)
      negative(negative(a)) = a
      f(negative(a)) = f(a) for abs square root log cos cosh sinc gauss
      f(abs(a)) = f(a) for abs square root log cos cosh sinc gauss
      f(negative(a)) = negative(f(a)) for cube scale sin sinh tanh asinh atan erf
      f(a) = a if 0 <= a for abs max0 elu leaky_relu
      min0(a) = a if a <= 0
      abs(a) = negative(a) if a <= 0
      max0(f(a)) = max0(a) for elu leaky_relu
      left(a, b) = a
      right(a, b) = b
      add(negative(a), negative(b)) = negative(add(a, b))
      add(a, negative(b)) = subtract(a, b)
      add(negative(a), b) = subtract(b, a)
      add(max0(a), min0(a)) = a
      add(min0(a), max0(a)) = a
      subtract(a, negative(b)) = add(a, b)
      subtract(negative(a), b) = negative(add(a, b))
      subtract(a, max0(a)) = min0(a)
      subtract(a, min0(a)) = max0(a)
      f(negative(a), b) = negative(f(a, b)) for multiply divide
      f(a, negative(b)) = negative(f(a, b)) for multiply divide gate
      multiply(a, a) = square(a)
      multiply(square(a), a) = cube(a)
      multiply(a, square(a)) = cube(a)
      multiply(sigmoid(a), sigmoid(b)) = multiply(sigmoid(a), sigmoid(b))
      multiply(sigmoid(a), b) = gate(a, b)
      multiply(a, sigmoid(b)) = gate(b, a)
      gate(a, a) = silu(a)
      max(a, b) = b if a <= b
      max(a, b) = a if b <= a
      min(a, b) = a if a <= b
      min(a, b) = b if b <= a
      max(a, negative(a)) = abs(a)
      max(negative(a), a) = abs(a)
      min(a, negative(a)) = negative(abs(a))
      min(negative(a), a) = negative(abs(a))
      max(negative(a), negative(b)) = negative(min(a, b))
      min(negative(a), negative(b)) = negative(max(a, b))
      f(max0(a), max0(b)) = max0(f(a, b)) for max min
      f(min0(a), min0(b)) = min0(f(a, b)) for max min
      max(max0(a), b) = max(a, b) if 0 <= b
      max(a, max0(b)) = max(a, b) if 0 <= a
      min(min0(a), b) = min(a, b) if b <= 0
      min(a, min0(b)) = min(a, b) if a <= 0
      f(a, a) = a for blend mix
      f(negative(a), negative(b)) = negative(f(a, b)) for blend mix
      f(negative(a), negative(b)) = f(a, b) for gauss_kernel laplace_kernel
      """;

  /** The operations whose two arguments can be exchanged. */
  private static final Set<String> COMMUTATIVE =
      Set.of("add", "multiply", "max", "min", "gauss_kernel", "laplace_kernel");

  /**
   * The variables a and b of the identities, represented as custom operations a(x) and b(x), so
   * that both sides of an identity can be parsed as expressions.
   */
  private static final Operation[] VARIABLES = {
    Operation.of("a", x -> x), Operation.of("b", x -> x)
  };

  /**
   * An identity with one operation in place of f.
   *
   * @param from the pattern
   * @param to the expression that replaces it
   * @param condition such as {@code 0 <= a}; empty for none
   */
  private record Rule(Apply from, Expression to, String condition) {

    /**
     * Whether the condition is proved.
     *
     * @param bound maps the names a and b to the expressions that they stand for
     */
    boolean holds(Map<String, Expression> bound) {
      String[] sides = condition.split(" <= ");
      Expression low = bound.get(sides[0]);
      Expression high = bound.get(sides[sides.length - 1]);
      return condition.isEmpty()
          || (low == null
              ? Inequalities.nonNegative(high)
              : high == null ? Inequalities.nonPositive(low) : Inequalities.atMost(low, high));
    }
  }

  private static final List<Rule> RULES =
      IDENTITIES.lines().flatMap(Simplification::rules).toList();

  private Simplification() {}

  /** Parses a line of {@code IDENTITIES} into rules, one for each operation that f stands for. */
  private static Stream<Rule> rules(String line) {
    String[] parts = line.split(" for ");
    String[] identity = parts[0].split(" if ");
    return Stream.of(parts.length == 1 ? new String[] {"f"} : parts[1].split(" "))
        .map(
            f -> {
              String[] sides = identity[0].replaceAll("\\bf\\b", f).split(" = ");
              String condition = identity.length == 1 ? "" : identity[1];
              return new Rule((Apply) pattern(sides[0]), pattern(sides[1]), condition);
            });
  }

  /**
   * Parses one side of an identity. An operation with β gets the value 0, since the parser requires
   * one; {@link #fill} replaces it.
   */
  private static Expression pattern(String text) {
    String withBeta =
        text.replaceAll("\\b(scale|constant|blend|mix|gauss_kernel|laplace_kernel)\\b", "$1[0]");
    return Expression.parse(withBeta.replaceAll("\\b([ab])\\b", "$1(x)"), VARIABLES);
  }

  /**
   * Simplifies the arguments of the outermost operation. Then applies the first rule that matches
   * and whose condition is proved, and simplifies the result in turn, until no rule applies.
   */
  static Expression simplify(Expression e) {
    if (!(e instanceof Apply node)) {
      return e;
    }
    List<Expression> arguments = node.arguments().stream().map(Simplification::simplify).toList();
    Apply own = new Apply(node.operation(), node.beta(), arguments);
    for (Rule rule : RULES) {
      Map<String, Expression> bound = new HashMap<>();
      if (matches(rule.from, own, bound) && rule.holds(bound)) {
        Expression after = fill(rule.to, own.beta(), bound);
        return after.equals(own) ? own : simplify(after);
      }
    }
    return own;
  }

  /**
   * Whether e has the form of a pattern; binds a and b, by name, to the expressions that they stand
   * for.
   */
  private static boolean matches(Expression pattern, Expression e, Map<String, Expression> bound) {
    Apply form = (Apply) pattern;
    if (isVariable(form)) {
      Expression before = bound.putIfAbsent(form.operation().name(), e);
      return before == null || Inequalities.same(before, e);
    }
    return e instanceof Apply node
        && node.operation() == form.operation()
        && IntStream.range(0, node.arguments().size())
            .allMatch(i -> matches(form.arguments().get(i), node.arguments().get(i), bound));
  }

  private static boolean isVariable(Apply form) {
    return List.of(VARIABLES).contains(form.operation());
  }

  /**
   * Replaces a and b in a pattern by the expressions that they are bound to, and every β by the
   * given value.
   */
  private static Expression fill(Expression pattern, double beta, Map<String, Expression> bound) {
    if (!(pattern instanceof Apply form)) {
      return pattern;
    }
    if (isVariable(form)) {
      return bound.get(form.operation().name());
    }
    return new Apply(
        form.operation(),
        form.operation().hasBeta() ? beta : Double.NaN,
        form.arguments().stream().map(a -> fill(a, beta, bound)).toList());
  }

  /**
   * Sorts the arguments of the {@link #COMMUTATIVE} operations alphabetically by their strings, in
   * the whole tree, so that max(a, b) and max(b, a) become equal.
   */
  static Expression sort(Expression e) {
    if (!(e instanceof Apply node)) {
      return e;
    }
    List<Expression> arguments = new ArrayList<>(node.arguments());
    arguments.replaceAll(Simplification::sort);
    if (Operations.contains(node.operation()) && COMMUTATIVE.contains(node.operation().name())) {
      arguments.sort(Comparator.comparing(Object::toString));
    }
    return new Apply(node.operation(), node.beta(), arguments);
  }
}
