package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CellSpaceTest {

  private static final long SEED = 17;

  @Test
  void spacesHaveTheirSizes() {
    assertEquals(BigInteger.valueOf(23L * 23 * 23 * 23 * 9 * 9), CellSpace.paper().size());
    // The wide space has root in place of sqrt, mix in place of blend, and the other operations of
    // the paper's text.
    assertEquals(BigInteger.valueOf(29L * 29 * 29 * 29 * 12 * 12), CellSpace.wide().size());
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
  void nonsenseIsRefused() {
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
