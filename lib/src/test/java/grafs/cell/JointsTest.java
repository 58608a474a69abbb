package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class JointsTest {

  private static double[] jumps(String name, Bounds bounds) {
    Bounds.Bounded op = bounds.of(Operations.named(name));
    double[] d = new double[4];
    return Joints.jumps(
        x -> {
          op.evaluate(x, 0, Double.NaN, d);
          return d[1];
        });
  }

  @Test
  void jumpsOfTheFirstAndTheSecondDerivativeAreFound() {
    for (String name : new String[] {"max0", "min0", "abs", "leaky_relu", "elu"}) {
      assertArrayEquals(new double[] {0}, jumps(name, Bounds.PAPER), name);
    }
    double end = Math.cbrt(10);
    assertArrayEquals(new double[] {-end, end}, jumps("cube", Bounds.PAPER), 1e-8);
    assertArrayEquals(new double[] {-2, 2}, jumps("cube", Bounds.SMOOTH), 1e-8);
    assertArrayEquals(new double[] {Math.log(10)}, jumps("exp", Bounds.PAPER), 1e-8);
    assertArrayEquals(new double[] {1e-3}, jumps("sqrt", Bounds.PAPER), 1e-8);
    for (String name : new String[] {"identity", "sin", "tanh", "gelu", "softplus", "gauss"}) {
      assertEquals(0, jumps(name, Bounds.PAPER).length, name);
    }
  }

  @Test
  void anOwnOperationsKinkIsFoundAsFarAsDifferencesTell() {
    Operation own = Operation.of("bent", x -> Math.abs(x - 1.234));
    double[] d = new double[4];
    double[] jumps =
        Joints.jumps(
            x -> {
              own.function().evaluate(x, 0, Double.NaN, d);
              return d[1];
            });
    assertTrue(jumps.length > 0);
    assertTrue(Arrays.stream(jumps).allMatch(x -> Math.abs(x - 1.234) < 4e-3));
  }

  @Test
  void whereAFunctionBendsSharplyJointsLieClose() {
    double[] joints = Joints.of(x -> Math.sqrt(x * x + 1e-4), x -> x / Math.sqrt(x * x + 1e-4));
    assertTrue(joints.length > 8 && joints.length < 100, "" + joints.length);
    assertTrue(Arrays.stream(joints).allMatch(x -> Math.abs(x) < 0.5));
    assertEquals(0, Joints.of(Math::tanh, x -> 1 - Math.pow(Math.tanh(x), 2)).length);
  }
}
