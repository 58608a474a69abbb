package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import grafs.SharedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Compares the values and derivatives of operations, the functions of one or two numbers in {@link
 * Operations}, with values and derivatives that were computed by the code of arXiv 2408.06820 and
 * are stored in a file. Also compares derivatives with difference quotients.
 */
class OperationsTest {

  /**
   * The step of a second difference quotient, larger than the step of the first. Where the two
   * quotients differ, there may be a kink (a jump of the slope) nearby, and the derivative is not
   * compared.
   */
  private static final double KINK = 1e-3;

  @Test
  void paperIsTheReferenceInAndBeyondItsBounds() throws IOException {
    JsonObject oracle =
        JsonParser.parseString(
                Files.readString(SharedFolder.require("oracles/reference/operations.json")))
            .getAsJsonObject();
    JsonArray x = oracle.getAsJsonArray("x");
    JsonArray pairs = oracle.getAsJsonArray("pairs");
    double[] d = new double[4];
    int unary = 0;
    for (Map.Entry<String, com.google.gson.JsonElement> entry :
        oracle.getAsJsonObject("unary").entrySet()) {
      Operation op = Operations.of(entry.getKey()).get(0);
      JsonObject known = entry.getValue().getAsJsonObject();
      double beta = known.has("beta") ? known.get("beta").getAsDouble() : Double.NaN;
      for (int i = 0; i < x.size(); i++) {
        Bounds.PAPER.evaluate(op, x.get(i).getAsDouble(), 0, beta, d);
        same(known, "y", i, d[0], op + " at " + x.get(i));
        same(known, "dy_dx", i, d[1], op + "' at " + x.get(i));
      }
      unary++;
    }
    int binary = 0;
    for (Map.Entry<String, com.google.gson.JsonElement> entry :
        oracle.getAsJsonObject("binary").entrySet()) {
      Operation op = Operations.of(entry.getKey()).get(0);
      JsonObject known = entry.getValue().getAsJsonObject();
      double beta = known.has("beta") ? known.get("beta").getAsDouble() : Double.NaN;
      for (int i = 0; i < pairs.size(); i++) {
        double a = pairs.get(i).getAsJsonArray().get(0).getAsDouble();
        double b = pairs.get(i).getAsJsonArray().get(1).getAsDouble();
        Bounds.PAPER.evaluate(op, a, b, beta, d);
        same(known, "y", i, d[0], op + " at " + a + ", " + b);
        same(known, "dy_da", i, d[1], op + " by a at " + a + ", " + b);
        same(known, "dy_db", i, d[2], op + " by b at " + a + ", " + b);
      }
      binary++;
    }
    assertEquals(CellSpace.paper().unary().size(), unary);
    assertEquals(CellSpace.paper().binary().size(), binary);
  }

  private static void same(JsonObject known, String what, int i, double value, String where) {
    double expected = known.getAsJsonArray(what).get(i).getAsDouble();
    assertEquals(expected, value, 1e-5 * Math.max(1, Math.abs(expected)), where);
  }

  @Test
  void derivativesAreDifferences() {
    long seed = 20261127;
    Random random = new Random(seed);
    for (Bounds bounds : new Bounds[] {Bounds.PAPER, Bounds.SMOOTH, Bounds.NONE}) {
      for (Operation op :
          Stream.concat(Operations.paper().stream(), Operations.wide().stream())
              .distinct()
              .toList()) {
        for (int i = 0; i < 200; i++) {
          double a = 4 * random.nextGaussian();
          double b = 4 * random.nextGaussian();
          double beta = op.hasBeta() ? 1 + 0.5 * random.nextGaussian() : Double.NaN;
          check(bounds, op, a, b, beta, "%s, seed %d, draw %d".formatted(bounds, seed, i));
        }
      }
    }
  }

  /** Compares the derivatives of an operation at one point with difference quotients. */
  private static void check(
      Bounds bounds, Operation op, double a, double b, double beta, String where) {
    double[] d = new double[4];
    bounds.evaluate(op, a, b, beta, d);
    double h = 1e-5;
    for (int by = 1; by <= 3; by++) {
      if (by == 2 && op.arity() == 1 || by == 3 && !op.hasBeta()) {
        continue;
      }
      double difference = quotient(bounds, op, a, b, beta, by, h);
      double wider = quotient(bounds, op, a, b, beta, by, KINK);
      if (Math.abs(wider - difference) > 1e-2 * Math.max(1, Math.abs(difference))) {
        continue; // A kink, or the end of a clipping range, lies within the wider step.
      }
      assertEquals(
          difference,
          d[by],
          1e-5 * Math.max(1, Math.abs(difference)),
          "%s by argument %d at (%s, %s), β = %s: %s".formatted(op, by, a, b, beta, where));
    }
  }

  /**
   * The central difference quotient of an operation with the step h.
   *
   * @param by the number that is varied: 1 for a, 2 for b, 3 for β
   */
  private static double quotient(
      Bounds bounds, Operation op, double a, double b, double beta, int by, double h) {
    double[] above = new double[4];
    double[] below = new double[4];
    bounds.evaluate(
        op, a + (by == 1 ? h : 0), b + (by == 2 ? h : 0), beta + (by == 3 ? h : 0), above);
    bounds.evaluate(
        op, a - (by == 1 ? h : 0), b - (by == 2 ? h : 0), beta - (by == 3 ? h : 0), below);
    return (above[0] - below[0]) / (2 * h);
  }

  @Test
  void smoothBoundsKeepValuesBelowTheLimitAndAGradient() {
    double[] d = new double[4];
    for (Operation op : Operations.wide()) {
      for (double a : new double[] {-1e30, -1e9, -50, -3, 0, 2.5, 7, 40, 1e9, 1e30}) {
        Bounds.SMOOTH.evaluate(op, a, -a / 3, op.beta(), d);
        assertTrue(Math.abs(d[0]) <= 10, op + " at " + a + " is " + d[0]);
        assertTrue(Double.isFinite(d[1]) && Double.isFinite(d[2]), op + " at " + a);
      }
    }
    Bounds.SMOOTH.evaluate(Operations.named("exp"), 3, 0, Double.NaN, d);
    assertTrue(d[0] > 8 && d[0] < 10 && d[1] > 0, "bounded, and differentiable");
    Bounds.SMOOTH.evaluate(Operations.named("exp"), 2, 0, Double.NaN, d);
    assertEquals(Math.exp(2), d[0], 0, "up to 8 nothing is changed");
  }

  @Test
  void anOperationOfOnesOwnNeedsItsValueAlone() {
    Operation mish = Operation.of("mish", x -> x * Math.tanh(Math.log1p(Math.exp(x))));
    Operation mean = Operation.of("harmonic", (a, b) -> 2 * a * b / (1 + a * a + b * b));
    double[] d = new double[4];
    for (double x = -5; x < 5; x += 0.37) {
      mish.function().evaluate(x, 0, Double.NaN, d);
      double s = 1 / (1 + Math.exp(-x));
      double t = Math.tanh(Math.log1p(Math.exp(x)));
      assertEquals(t + x * (1 - t * t) * s, d[1], 1e-9, "at " + x);
      mean.function().evaluate(x, 0.4, Double.NaN, d);
      double n = 1 + x * x + 0.16;
      assertEquals(0.8 / n - 0.8 * x * 2 * x / n / n, d[1], 1e-9, "by a at " + x);
      assertEquals(2 * x / n - 0.8 * x * 0.8 / n / n, d[2], 1e-9, "by b at " + x);
    }
    assertEquals("mish(x)", mish.text("x"));
    assertEquals("harmonic(a, b)", mean.text("a", "b"));
    CellSpace space = CellSpace.paper().with(mish, mean);
    assertEquals(24, space.unary().size());
    assertEquals(10, space.binary().size());
    assertThrows(IllegalArgumentException.class, () -> space.with(mish), "a name twice");
  }
}
