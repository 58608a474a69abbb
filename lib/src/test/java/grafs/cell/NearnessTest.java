package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/**
 * Tests the distance of two functions f and g after the best scaling and shift of g, and which
 * known activation is named as the nearest to f.
 */
class NearnessTest {

  /**
   * Pre-activations, the numbers that an activation receives in a network; here drawn from N(0.3,
   * 1.5²).
   */
  private static final double[] SEEN =
      DoubleStream.generate(new Random(1)::nextGaussian)
          .map(z -> 1.5 * z + 0.3)
          .limit(3000)
          .toArray();

  private static Expression f(String text) {
    return Expression.parse(text);
  }

  @Test
  void aScaledFunctionHasDistanceZeroAndItsScales() {
    Nearness near =
        Nearness.of(f("shift[-0.7](scale[3.0](tanh(scale[1.37](x))))"), f("tanh(x)"), SEEN);
    assertEquals(0, near.distance(), 1e-5);
    // tanh is odd, so −a and −b fit as well as a and b; their product is the same.
    assertEquals(3.0 * 1.37, near.a() * near.b(), 1e-3);
    assertEquals(-0.7, near.c(), 1e-4);
  }

  @Test
  void whatIsEqualIsNamedFirst() {
    assertEquals(
        "ReLU within 0.001",
        Nearness.nearest(f("scale[-2.0](max0(x))"), SEEN).orElseThrow().toString());
    assertEquals(
        KnownActivation.QUICK_GELU,
        Nearness.nearest(f("gate(scale[2.0](x), x)"), SEEN).orElseThrow().known());
    assertEquals(
        KnownActivation.SINE,
        Nearness.nearest(f("sin(scale[0.7](x))"), SEEN).orElseThrow().known());
  }

  /** tanh(x) = 2σ(2x) − 1 is a scaled sigmoid, at distance 0 from it, but is named tanh. */
  @Test
  void ofEquallyNearOnesTheLeastScaledIsNamed() {
    for (KnownActivation known :
        List.of(
            KnownActivation.RELU,
            KnownActivation.SILU,
            KnownActivation.GELU,
            KnownActivation.SIGMOID,
            KnownActivation.TANH)) {
      assertEquals(known, Nearness.nearest(known.function(), SEEN).orElseThrow().known());
    }
  }

  /**
   * The distance does not depend on the scale of f, and a constant g is at the largest distance, 1.
   */
  @Test
  void theDistanceIsRelative() {
    double one = Nearness.of(f("abs(x)"), f("silu(x)"), SEEN).distance();
    double large = Nearness.of(f("scale[1000.0](abs(x))"), f("silu(x)"), SEEN).distance();
    assertEquals(one, large, 1e-9);
    assertTrue(one > 0.05 && one < 1, "distance " + one);
    assertEquals(1, Nearness.of(f("sin(x)"), f("constant[1.0](x)"), SEEN).distance(), 1e-9);
    assertTrue(Nearness.nearest(f("constant[2.0](x)"), SEEN).isEmpty());
  }

  @Test
  void whatIsNotSeenDoesNotCount() {
    double[] positive = DoubleStream.of(SEEN).map(Math::abs).toArray();
    assertEquals(0, Nearness.of(f("abs(x)"), f("max0(x)"), positive).distance(), 1e-9);
  }
}
