package grafs.cell;

import static grafs.cell.RandomActivations.named;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the source code that {@link SourceCode} exports for functions: that Java code compiles and
 * computes the function, that code looks as if written by hand, and that it warns of overflow in
 * float32. Also tests that names that cannot be used for the exported class or function are
 * refused.
 */
class SourceCodeTest {

  private final Agreement agreement = new Agreement();
  @TempDir Path folder;

  @Test
  void javaCompilesAndComputesTheSame() throws Exception {
    List<Expression> functions = agreement.functions();
    List<String> files = new ArrayList<>();
    for (int i = 0; i < functions.size(); i++) {
      Path file = folder.resolve("F" + i + ".java");
      files.add(Files.writeString(file, SourceCode.java(functions.get(i), "F" + i)).toString());
    }
    String classPath = System.getProperty("java.class.path");
    Stream<String> options =
        Stream.of("-cp", classPath, "-proc:none", "-Xlint:all,-classfile,-path,-serial", "-Werror");
    String[] arguments = Stream.concat(options, files.stream()).toArray(String[]::new);
    assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments));

    double[] x = agreement.points(1000);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        NDManager manager = NDManager.newBaseManager()) {
      List<double[]> y = new ArrayList<>();
      for (int i = 0; i < functions.size(); i++) {
        Block block = (Block) loader.loadClass("F" + i).getDeclaredConstructor().newInstance();
        NDArray[] own = valueAndGradient(manager, block, x);
        double[] slopes = own[1].toDoubleArray();
        double[] d = new double[2];
        // Slopes are not compared at the first point, 0, where the simplification of exported code
        // may change them. For example, max(|x|, x) is exported as |x|, which has the same values
        // but another slope at 0.
        for (int k = 1; k < x.length; k++) {
          functions.get(i).evaluate(x[k], d);
          if (Math.abs(d[0]) < 1e6 && Math.abs(d[1]) < 1e6) {
            double tolerance = 1e-5 * Math.max(1, Math.abs(d[1]));
            assertEquals(d[1], slopes[k], tolerance, functions.get(i) + "' at " + x[k]);
          }
        }
        y.add(own[0].toDoubleArray());
      }
      Agreement.compare("Java", functions, x, y, 1e-6);
    }
  }

  /**
   * Returns the values of a block at the points and the derivatives of their sum with respect to
   * the points, in float64.
   */
  private static NDArray[] valueAndGradient(NDManager manager, Block block, double[] points) {
    NDArray x = manager.create(points);
    x.setRequiresGradient(true);
    block.initialize(manager, DataType.FLOAT64, x.getShape());
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray y =
          block.forward(new ParameterStore(manager, false), new NDList(x), true).singletonOrThrow();
      collector.backward(y.add(x.mul(x.zerosLike())).sum());
      return new NDArray[] {y, x.getGradient()};
    }
  }

  @Test
  void readsLikeWrittenByHand() {
    Expression f = named(List.of("scale", "sin", "max0", "tanh"), List.of("max", "divide"));
    assertEquals(
        """
        import torch
        from torch import nn


        class Found(nn.Module):
            \"""max(max(1.00·x, sin(x)), 0)·tanh(x)/(tanh(x)² + 0.0625)\"""

            def __init__(self, beta=(1.0,)):
                super().__init__()
                self.beta = nn.Parameter(torch.tensor(beta))

            def forward(self, x):
                v1 = torch.tanh(x)
                return torch.relu(torch.maximum(self.beta[0] * x, torch.sin(x))) * v1 / (torch.square(v1) + 0.0625)
        """,
        SourceCode.pyTorch(f, "Found"));
    assertEquals(
        """
        import jax.numpy as jnp


        def found(x):
            \"""x²\"""
            return jnp.square(x)
        """,
        SourceCode.jax(named(List.of("identity", "identity"), List.of("multiply")), "found"));
  }

  @Test
  void javaReadsLikeWrittenByHand() {
    assertEquals(
        """
        import ai.djl.ndarray.NDArray;
        import ai.djl.ndarray.NDList;
        import ai.djl.ndarray.types.Shape;
        import ai.djl.nn.AbstractBlock;
        import ai.djl.nn.Activation;
        import ai.djl.nn.Parameter;
        import ai.djl.training.ParameterStore;
        import ai.djl.util.PairList;

        /** max(1.00·x, SiLU(x)) */
        public final class Found extends AbstractBlock {

          private static final float[] START = {1.0f};

          private final Parameter beta =
              addParameter(
                  Parameter.builder()
                      .setName("beta")
                      .setType(Parameter.Type.OTHER)
                      .optShape(new Shape(START.length))
                      .optInitializer((manager, shape, type) -> manager.create(START).toType(type, false))
                      .build());

          @Override
          protected NDList forwardInternal(
              ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
            NDArray x = inputs.singletonOrThrow();
            NDArray beta = store.getValue(this.beta, x.getDevice(), training);
            return new NDList(x.mul(beta.get(0)).maximum(x.mul(Activation.sigmoid(x))));
          }

          @Override
          public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inputShapes;
          }
        }
        """,
        SourceCode.java(named(List.of("scale", "silu"), List.of("max")), "Found"));
  }

  @Test
  void writesOperationsOfTheUsersIfTheySayHow() {
    Operation mish = Operation.of("mish", x -> x * Math.tanh(Math.log1p(Math.exp(x))));
    Expression without = Expression.parse("max(mish(x), x)", mish);
    assertEquals("max(mish(x), x)", without.text());
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> SourceCode.jax(without, "f"));
    assertTrue(e.getMessage().contains("'mish' has no code for JAX"), e.getMessage());
    Operation written = mish.withCode("F.mish(#1)", "jax.nn.mish(#1)", null);
    Expression with = Expression.parse("max(mish(x), x)", written);
    assertTrue(
        SourceCode.pyTorch(with, "Net").contains("return torch.maximum(F.mish(x), x)"),
        SourceCode.pyTorch(with, "Net"));
    assertThrows(IllegalStateException.class, () -> SourceCode.java(with, "Net"));
  }

  @Test
  void refusesNamesThatTheJavaCodeUses() {
    Expression f = Expression.parse("max0(x)");
    for (String name : List.of("Activation", "Shape", "NDArray", "Override", "record", "var")) {
      assertThrows(IllegalArgumentException.class, () -> SourceCode.java(f, name), name);
      assertTrue(SourceCode.pyTorch(f, name).contains("class " + name + "(nn.Module)"), name);
    }
  }

  @Test
  void refusesWhatIsNoName() {
    Expression f = named(List.of("sin", "tanh"), List.of("max"));
    for (String name : List.of("", "my net", "1st", "class", "a.b", "f(x)", "lambda", "F")) {
      assertThrows(IllegalArgumentException.class, () -> SourceCode.java(f, name), name);
      assertThrows(IllegalArgumentException.class, () -> SourceCode.pyTorch(f, name), name);
    }
  }

  @Test
  void saysWhereFloat32Overflows() {
    for (String text : List.of("gauss(cosh(exp(x)))", "exp(negative(square(cosh(exp(x)))))")) {
      Expression f = Expression.parse(text);
      for (String code :
          List.of(SourceCode.pyTorch(f, "F1"), SourceCode.jax(f, "f1"), SourceCode.java(f, "F1"))) {
        assertTrue(code.contains("overflows from |x| = "), code);
      }
    }
    String late = SourceCode.jax(Expression.parse("tanh(exp(x))"), "f1");
    assertTrue(late.contains("overflows from |x| = 88.75"), late);
    Expression silu = Expression.parse("gate(x, x)");
    assertFalse(SourceCode.pyTorch(silu, "F1").contains("overflows"));
  }
}
