package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.op.Bounds;
import grafs.op.OperationSet;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CellSpaceTest {

  private final long seed = System.nanoTime();

  @Test
  void thePapersSpaceHasAHundredMillionFunctions() {
    assertEquals(BigInteger.valueOf(29L * 29 * 29 * 29 * 12 * 12), CellSpace.paper().size());
  }

  @Test
  void everyFunctionIsDrawn() {
    CellSpace space =
        new CellSpace(
            new CellGraph(1),
            OperationSet.of("identity", "sin", "scale", "add", "max"),
            Bounds.SEARCH);
    Random random = new Random(seed);
    Set<DiscreteActivation> drawn = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      drawn.add(space.random(random));
    }
    assertEquals(space.size().intValueExact(), drawn.size(), "seed " + seed);
  }

  @Test
  void functionsMadeByHandAreWhatTheirNamesSay() {
    DiscreteActivation silu =
        CellSpace.paper()
            .named(List.of("scale", "identity", "identity", "identity"), List.of("gate", "left"));
    assertEquals(Optional.of("SiLU"), silu.known());
    assertEquals(1, silu.beta().get(0), "where β starts");
    assertEquals(2, silu.simplified().operations(), "σ(β·x)·x");
    assertEquals(6, silu.expression().operations());
  }

  @Test
  void wrongNamesAndNumbersAreRefused() {
    CellSpace space = CellSpace.paper();
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> space.named(List.of("sine", "sin", "sin", "sin"), List.of("add", "add")))
            .getMessage();
    assertTrue(message.contains("sine"), message);
    assertThrows(
        IllegalArgumentException.class,
        () -> space.named(List.of("sin", "sin"), List.of("add", "add")));
  }
}
