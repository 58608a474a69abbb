package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Tests the size and the graph of search spaces, the drawing of functions, and the refusal of
 * invalid spaces. A search space lists operations. A search chooses one of these operations for
 * each place of a graph, which is called the cell: a unary operation for each edge, a binary
 * operation for each vertex. Some operations have a learnable scalar β.
 */
class CellSpaceTest {

  private static final long SEED = 17;

  @Test
  void spacesHaveTheirSizes() {
    assertEquals(BigInteger.valueOf(23L * 23 * 23 * 23 * 9 * 9), CellSpace.paper().size());
    // The 29 unary operations are the 23 of CellSpace.paper(), with root in place of sqrt, and in
    // addition log, sin, cos, cosh, sinc and gauss. The 12 binary operations are the 9 of
    // CellSpace.paper(), with mix in place of blend, and in addition divide, gauss_kernel and
    // laplace_kernel.
    assertEquals(BigInteger.valueOf(29L * 29 * 29 * 29 * 12 * 12), CellSpace.wide().size());
    // These operations have a β: scale, shift and constant on each of the 4 edges, and blend at
    // each of the 2 vertices.
    assertEquals(4 * 3 + 2, CellSpace.paper().betas());
  }

  @Test
  void placesAreInTheReferencesOrder() {
    List<Place> places = CellSpace.paper().places();
    assertEquals(
        List.of("u1", "u2", "b1", "u3", "u4", "b2"), places.stream().map(Place::name).toList());
    assertEquals(
        List.of(List.of(-1), List.of(-1), List.of(0, 1), List.of(2), List.of(-1), List.of(3, 4)),
        places.stream().map(Place::operands).toList());
  }

  @Test
  void everyFunctionIsDrawn() {
    CellSpace space =
        CellSpace.of(Operations.of("identity", "sin", "scale", "add", "max"), Bounds.SMOOTH)
            .withUnits(1);
    Random random = new Random(SEED);
    Set<Expression> drawn = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      drawn.add(space.random(random));
    }
    assertEquals(space.size().intValueExact(), drawn.size(), "seed " + SEED);
  }

  @Test
  void aFunctionTakesItsOwnBeta() {
    CellSpace space =
        CellSpace.of(Operations.of("tanh", "scale", "shift", "add", "mix"), Bounds.SMOOTH)
            .withUnits(1);
    double none = Double.NaN;
    double[][] beta = {{none, 1, 2}, {none, 3, 4}, {none, 0.5}};
    assertEquals(
        "mix[0.5](shift[2.0](x), tanh(x))", space.function(List.of(2, 0, 1), beta).toString());
  }

  @Test
  void customOperationsHaveAChecksumOfTheirValues() {
    assertEquals(Map.of(), CellSpace.wide().custom());
    Operation sin = Operations.of("sin").get(0).withCode("my.sin(#1)", null, null);
    assertEquals(Map.of(), CellSpace.paper().with(sin).custom(), "other code");
    Set<String> seen = new HashSet<>();
    List<Operation> all =
        List.of(
            Operation.of("mine", x -> Math.cos(x)),
            Operation.of("mine", x -> Math.cos(2 * x)),
            Operation.of("mine", x -> -Math.cos(x)),
            Operation.of("mine", x -> Math.min(Math.cos(x), 40 - x)),
            Operation.of("mine", x -> 1).withBeta(1, 0),
            Operation.of("mine", x -> 1).withBeta(2, 0),
            Operation.of("mine", x -> 1).withBeta(2, 0.5),
            Operation.of("mine", x -> 1).withRange(Operation.Range.symmetric(Math::sqrt)),
            Operation.of("mine", (a, b) -> a - b),
            Operation.of("mine", (a, b) -> b - a));
    for (Operation mine : all) {
      assertTrue(seen.add(CellSpace.paper().with(mine).custom().get("mine")), "" + mine.function());
    }
    assertTrue(
        seen.contains(
            CellSpace.paper().with(Operation.of("mine", x -> Math.cos(x))).custom().get("mine")));
  }

  @Test
  void nonsenseIsRefused() {
    Operation cos = Operation.of("cos", x -> Math.cos(2 * x));
    String taken =
        assertThrows(IllegalArgumentException.class, () -> CellSpace.paper().with(cos))
            .getMessage();
    assertTrue(taken.contains("'cos'") && taken.contains("my_cos"), taken);
    Operation one = Operation.of("mine", x -> Math.cbrt(x));
    Operation two = Operation.of("mine", (a, b) -> a - b);
    String twice =
        assertThrows(IllegalArgumentException.class, () -> CellSpace.paper().with(one, two))
            .getMessage();
    assertTrue(twice.contains("two operations named 'mine'"), twice);
    assertThrows(IllegalArgumentException.class, () -> CellSpace.paper().withUnits(4));
    assertThrows(
        IllegalArgumentException.class,
        () -> CellSpace.of(Operations.of("sin"), Bounds.PAPER),
        "no binary operation");
    String message =
        assertThrows(IllegalArgumentException.class, () -> Operations.of("sine")).getMessage();
    assertTrue(message.contains("sine") && message.contains("sin, "), message);
    assertThrows(IllegalArgumentException.class, () -> new Bounds(0, Bounds.Kind.VALUE));
  }
}
