package grafs.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PrimitivesTest {

  private static final float[] EXTREMES = {
    0, -0f, 1e-30f, -1e-30f, 1, -1, 10, -10, 1e4f, -1e4f, 3e38f, -3e38f
  };

  /** An operation of the table, of any number of arguments; the last one is β where it has one. */
  record Case(String name, int arguments, double beta, Function<NDArray[], NDArray> function) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(Bounds.SEARCH, Bounds.OVERFLOW, new Bounds(0.5))
        .flatMap(
            bounds ->
                Stream.concat(
                    Primitives.UNARY.stream()
                        .map(
                            op ->
                                new Case(
                                    op.name() + " ℓ=" + bounds.limit(),
                                    1,
                                    op.beta(),
                                    a ->
                                        bounds.apply(
                                            op.function().apply(Bounds.finite(a[0]), a[1])))),
                    Primitives.BINARY.stream()
                        .map(
                            op ->
                                new Case(
                                    op.name() + " ℓ=" + bounds.limit(),
                                    2,
                                    op.beta(),
                                    a ->
                                        bounds.apply(
                                            op.function()
                                                .apply(
                                                    Bounds.finite(a[0]),
                                                    Bounds.finite(a[1]),
                                                    a[2]))))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void finiteWithFiniteGradientEverywhere(Case op) {
    List<float[]> points = new ArrayList<>();
    for (float a : EXTREMES) {
      for (float b : EXTREMES) {
        points.add(new float[] {a, b});
      }
    }
    float[] betas = Double.isNaN(op.beta()) ? new float[] {1} : new float[] {-3, 0, 0.5f, 1, 40};
    for (float beta : betas) {
      try (NDManager manager = NDManager.newBaseManager()) {
        NDArray[] arguments = new NDArray[op.arguments() + 1];
        for (int i = 0; i < op.arguments(); i++) {
          int column = i;
          float[] values = new float[points.size()];
          for (int p = 0; p < values.length; p++) {
            values[p] = points.get(p)[column];
          }
          arguments[i] = manager.create(values);
        }
        arguments[op.arguments()] = manager.create(beta);
        NDArray value = withGradients(op, arguments);
        assertFinite(op + " at β = " + beta, value);
        for (NDArray argument : arguments) {
          assertFinite("gradient of " + op + " at β = " + beta, argument.getGradient());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsMatchFiniteDifferences(Case op) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (NDManager manager = NDManager.newBaseManager()) {
      for (int trial = 0; trial < 20; trial++) {
        double[] at = new double[op.arguments() + 1];
        for (int i = 0; i < op.arguments(); i++) {
          at[i] = random.nextGaussian() * 2;
        }
        at[op.arguments()] = random.nextGaussian();
        NDArray[] arguments = new NDArray[at.length];
        for (int i = 0; i < at.length; i++) {
          arguments[i] = manager.create(new double[] {at[i]});
        }
        withGradients(op, arguments);
        for (int i = 0; i < at.length; i++) {
          double h = 1e-6;
          double difference =
              (value(op, manager, at, i, h) - value(op, manager, at, i, -h)) / (2 * h);
          double gradient = arguments[i].getGradient().getDouble(0);
          assertEquals(
              difference,
              gradient,
              1e-5 * Math.max(1, Math.abs(gradient)),
              op + ", argument " + i + " at " + java.util.Arrays.toString(at) + ", seed " + seed);
        }
      }
    }
  }

  @Test
  void boundsHold() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = Bounds.finite(manager.create(EXTREMES));
      NDArray y = manager.create(new float[EXTREMES.length]).add(7);
      NDArray beta = manager.create(3f);
      for (Unary op : Primitives.UNARY) {
        assertTrue(largest(Bounds.SEARCH.apply(op.function().apply(x, beta))) <= 10, op.name());
      }
      for (Binary op : Primitives.BINARY) {
        assertTrue(largest(Bounds.SEARCH.apply(op.function().apply(x, y, beta))) <= 10, op.name());
      }
    }
  }

  @Test
  void valuesAreTheFormulas() {
    try (NDManager manager = NDManager.newBaseManager()) {
      double x = 0.7;
      NDArray at = manager.create(new double[] {x, -x});
      NDArray beta = manager.create(0.3);
      Object[][] expected = {
        {"scale", 0.21},
        {"shift", 1.0},
        {"constant", 0.3},
        {"log", 0.5 * Math.log(x * x + 0.0625)},
        {"sqrt", Math.pow(x * x + 0.0625, 0.25)},
        {"asinh", 0.6526665660823557},
        {"atan", Math.atan(x)},
        {"sinc", Math.sin(x) / x},
        {"softplus", Math.log1p(Math.exp(x))},
        {"gauss", Math.exp(-x * x)},
        {"erf", 0.6778011938374184},
        {"cube", x * x * x},
        {"gelu", 0.5 * x * (1 + 0.5160726955538539)},
        {"silu", x / (1 + Math.exp(-x))},
        {"min0", 0.0},
        {"negative", -x}
      };
      for (Object[] pair : expected) {
        Unary op = Primitives.UNARY.get(OperationSet.paper().unaryIndex((String) pair[0]));
        double value = op.function().apply(at, beta).getDouble(0);
        assertEquals((Double) pair[1], value, 1e-6, op.name());
      }
      NDArray near = manager.create(new double[] {0, 0.0999999, 0.1000001});
      double[] sinc =
          Primitives.UNARY
              .get(OperationSet.paper().unaryIndex("sinc"))
              .function()
              .apply(near, null)
              .toDoubleArray();
      assertEquals(1, sinc[0], 0);
      assertEquals(Math.sin(0.0999999) / 0.0999999, sinc[1], 1e-12);
      assertEquals(Math.sin(0.1000001) / 0.1000001, sinc[2], 1e-12);
    }
  }

  @Test
  void unknownOperationIsRefusedByName() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> OperationSet.of("tanh", "tahn", "add"));
    assertTrue(e.getMessage().contains("tahn"), e.getMessage());
    assertTrue(e.getMessage().contains("sinh"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> OperationSet.of("tanh"));
    assertThrows(IllegalArgumentException.class, () -> OperationSet.of("tanh", "tanh", "add"));
    assertThrows(IllegalArgumentException.class, () -> new Bounds(0));
    assertThrows(IllegalArgumentException.class, () -> new Bounds(Double.NaN));
  }

  @Test
  void formulasParenthesise() {
    Template.Formula x = Template.Formula.variable("x");
    Template.Formula sum = new Template("~1 + ~2").fill("β", x, x);
    assertEquals("(x + x)·x", new Template("@1·@2").fill("β", sum, x).text());
    assertEquals("tanh(x + x)", new Template("tanh(#1)").fill("β", sum).text());
    assertEquals(
        "(x + x)²", new Template("@1²").fill("β", new Template("#1").fill("β", sum)).text());
    Template.Formula product = new Template("β·@1").fill("0.5", x);
    assertEquals("0.5·x − x", new Template("~1 − ~2").fill("β", product, x).text());
    assertEquals("x − (x + x)", new Template("~1 − ~2").fill("β", x, sum).text());
    assertEquals("(0.5·x)²", new Template("@1²").fill("β", product).text());
    Template.Formula call = new Template("exp(−β·(~1 − ~2)²)").fill("2", x, sum);
    assertEquals("exp(−2·(x − (x + x))²)·x", new Template("@1·@2").fill("β", call, x).text());
    for (Unary op : Primitives.UNARY) {
      assertEquals(
          op.text().fill("β", x).level(),
          op.latex().fill("β", x).level(),
          op.name() + " as text and LaTeX");
    }
    for (Binary op : Primitives.BINARY) {
      assertEquals(
          op.text().fill("β", x, x).level(),
          op.latex().fill("β", x, x).level(),
          op.name() + " as text and LaTeX");
    }
  }

  private static NDArray withGradients(Case op, NDArray[] arguments) {
    for (NDArray argument : arguments) {
      argument.setRequiresGradient(true);
    }
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray value = op.function().apply(arguments);
      NDArray touched = value.sum();
      for (NDArray argument : arguments) {
        // Not mul(0): DJL would free the 0 before the backward pass reads it.
        touched =
            touched.add(
                argument.zerosLike().mul(argument).sum().toType(value.getDataType(), false));
      }
      collector.backward(touched);
      return value;
    }
  }

  private static double value(Case op, NDManager manager, double[] at, int which, double step) {
    NDArray[] arguments = new NDArray[at.length];
    for (int i = 0; i < at.length; i++) {
      arguments[i] = manager.create(new double[] {at[i] + (i == which ? step : 0)});
    }
    return op.function().apply(arguments).getDouble(0);
  }

  private static void assertFinite(String what, NDArray array) {
    for (float v : array.toFloatArray()) {
      assertTrue(Float.isFinite(v), what + ": " + java.util.Arrays.toString(array.toFloatArray()));
    }
  }

  private static double largest(NDArray array) {
    return array.abs().max().getFloat();
  }
}
