package grafs.cell;

import static grafs.cell.RandomActivations.ALL;
import static grafs.cell.RandomActivations.binary;
import static grafs.cell.RandomActivations.named;
import static grafs.cell.RandomActivations.unary;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import grafs.op.Binary;
import grafs.op.Unary;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceCodeTest {

  private static final int POINTS = 10_000;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  @TempDir Path folder;

  /** Each operation alone, then random functions of one to three units. */
  private List<DiscreteActivation> functions() {
    List<DiscreteActivation> functions = new ArrayList<>();
    for (Unary op : ALL.unary()) {
      List<Unary> edges = List.of(op, unary("identity"));
      functions.add(RandomActivations.of(edges, List.of(binary("left")), random));
    }
    for (Binary op : ALL.binary()) {
      List<Unary> edges = List.of(unary("sin"), unary("shift"));
      functions.add(RandomActivations.of(edges, List.of(op), random));
    }
    for (int i = 0; i < 100; i++) {
      functions.add(RandomActivations.random(random));
    }
    return functions;
  }

  private int singles() {
    return ALL.unary().size() + ALL.binary().size();
  }

  private double[] points() {
    double[] x =
        random.doubles(POINTS, -1, 1).map(u -> (float) (3 * random.nextGaussian())).toArray();
    x[0] = 0;
    return x;
  }

  @Test
  void pyTorchComputesTheSame() throws Exception {
    requirePython("import torch, numpy");
    List<DiscreteActivation> functions = functions();
    StringBuilder script = new StringBuilder("import numpy, sys\n");
    for (int i = 0; i < functions.size(); i++) {
      script.append(SourceCode.pyTorch(functions.get(i), "F" + i)).append("\n\n");
    }
    script.append(
        """
        torch.set_num_threads(1)
        x = torch.from_numpy(numpy.fromfile(sys.argv[1], '<f8'))
        with torch.no_grad():
            double = [globals()[f'F{i}']().double()(x) for i in range(%d)]
            single = [globals()[f'F{i}']()(x.float()).double() for i in range(%d)]
        torch.stack(double + single).numpy().astype('<f8').tofile(sys.argv[2])
        """
            .formatted(functions.size(), singles()));
    double[] x = points();
    double[][] y = python(script.toString(), x, functions.size() + singles());
    // In float64: two right evaluations of, say, sin(x³) in float32 differ by more than 1e-5.
    compare("PyTorch", functions, x, List.of(y).subList(0, functions.size()), DataType.FLOAT64);
    // What one operation computes is well conditioned, so that float32 can be compared as well.
    compare(
        "PyTorch",
        functions.subList(0, singles()),
        x,
        List.of(y).subList(functions.size(), y.length),
        DataType.FLOAT32);
  }

  @Test
  void jaxComputesTheSameWithNumpyInItsPlace() throws Exception {
    requirePython("import ast");
    List<DiscreteActivation> functions = functions();
    StringBuilder code = new StringBuilder();
    for (int i = 0; i < functions.size(); i++) {
      code.append(SourceCode.jax(functions.get(i), "f" + i)).append("\n\n");
    }
    Path module = Files.writeString(folder.resolve("functions.py"), code);
    run(List.of("-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", module.toString()));

    requirePython("import numpy");
    String script =
        """
        import math, numpy as np, sys, types
        np.seterr(all='ignore')
        jax = types.ModuleType('jax')
        jax.numpy = np
        jax.lax = types.SimpleNamespace(erf=np.vectorize(math.erf))
        def gelu(x, approximate=True):
            assert not approximate
            return 0.5 * x * (1 + jax.lax.erf(x / math.sqrt(2)))
        def sigmoid(x):
            return 1 / (1 + np.exp(-x))
        jax.nn = types.SimpleNamespace(
            relu=lambda x: np.maximum(x, 0), sigmoid=sigmoid, gelu=gelu,
            silu=lambda x: x * sigmoid(x), softplus=lambda x: np.logaddexp(x, 0),
            elu=lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
            leaky_relu=lambda x: np.where(x > 0, x, 0.01 * x))
        sys.modules['jax'] = jax
        sys.modules['jax.numpy'] = np
        space = {}
        exec(open('%s').read(), space)
        x = np.fromfile(sys.argv[1], '<f8')
        np.stack([space[f'f{i}'](x) for i in range(%d)]).astype('<f8').tofile(sys.argv[2])
        """
            .formatted(module, functions.size());
    double[] x = points();
    double[][] y = python(script, x, functions.size());
    compare("JAX", functions, x, List.of(y), DataType.FLOAT64);
  }

  @Test
  void javaCompilesAndComputesTheSame() throws Exception {
    List<DiscreteActivation> functions = functions();
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

    double[] x = points();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        NDManager manager = NDManager.newBaseManager()) {
      List<double[]> y = new ArrayList<>();
      for (int i = 0; i < functions.size(); i++) {
        Block block = (Block) loader.loadClass("F" + i).getDeclaredConstructor().newInstance();
        NDArray[] own = valueAndGradient(manager, block, x);
        NDArray[] expected = valueAndGradient(manager, functions.get(i).get(), x);
        boolean[] within = within(manager, functions.get(i), x);
        assertClose(
            functions.get(i) + ", gradient, seed " + seed,
            x,
            within,
            expected[1].toDoubleArray(),
            own[1].toDoubleArray());
        y.add(own[0].toDoubleArray());
      }
      compare("Java", functions, x, y, DataType.FLOAT64);
    }
  }

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

  private static boolean[] within(NDManager manager, DiscreteActivation f, double[] x) {
    // Not only does the kit limit values to 1e9 and the code does not: beyond 1e6, rounding alone
    // can become 1e-5 in what sine, cosine and quotients make of it.
    Evaluation evaluation = new Evaluation(manager.create(x), 1e6);
    f.simplified().fold(evaluation);
    return evaluation.within();
  }

  private void compare(
      String what,
      List<DiscreteActivation> functions,
      double[] x,
      List<double[]> y,
      DataType type) {
    long compared = 0;
    double largest = 0;
    for (int i = 0; i < functions.size(); i++) {
      DiscreteActivation f = functions.get(i);
      try (NDManager manager = NDManager.newBaseManager()) {
        boolean[] within = within(manager, f, x);
        NDArray at = manager.create(x).toType(type, false);
        Block block = f.get();
        block.initialize(manager, type, at.getShape());
        double[] expected =
            block
                .forward(new ParameterStore(manager, false), new NDList(at), false)
                .singletonOrThrow()
                .toType(DataType.FLOAT64, false)
                .toDoubleArray();
        largest =
            Math.max(
                largest,
                assertClose(
                    f + ", " + what + " in " + type + ", seed " + seed,
                    x,
                    within,
                    expected,
                    y.get(i)));
        for (boolean w : within) {
          compared += w ? 1 : 0;
        }
      }
    }
    System.out.printf(
        "%s in %s: %d functions, %.1f %% of their points compared, largest difference %.1e%n",
        what, type, functions.size(), 100.0 * compared / x.length / functions.size(), largest);
    assertTrue(compared > 0.8 * x.length * functions.size(), what + " compared too few points");
  }

  private static double assertClose(
      String what, double[] x, boolean[] within, double[] expected, double[] actual) {
    double largest = 0;
    for (int i = 0; i < x.length; i++) {
      if (within[i]) {
        double difference = Math.abs(expected[i] - actual[i]) / Math.max(1, Math.abs(expected[i]));
        assertTrue(
            difference <= 1e-5, what + " at " + x[i] + ": " + expected[i] + ", " + actual[i]);
        largest = Math.max(largest, difference);
      }
    }
    return largest;
  }

  @Test
  void readsLikeWrittenByHand() {
    DiscreteActivation f = named(List.of("scale", "sin", "max0", "tanh"), List.of("max", "divide"));
    assertEquals(
        """
        import torch
        from torch import nn


        class Found(nn.Module):
            \"""max(max(1.00·x, sin(x)), 0)·tanh(x)/(tanh(x)² + 0.01)\"""

            def __init__(self, beta=(1.0,)):
                super().__init__()
                self.beta = nn.Parameter(torch.tensor(beta))

            def forward(self, x):
                v1 = torch.tanh(x)
                return torch.relu(torch.maximum(self.beta[0] * x, torch.sin(x))) * v1 / (torch.square(v1) + 0.01)
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
  void writesOperationsOfTheUsersIfTheySayHow() {
    Unary mish = Unary.of("mish", x -> Activation.mish(x));
    List<Binary> add = List.of(binary("max"));
    DiscreteActivation without =
        RandomActivations.of(List.of(mish, unary("identity")), add, random);
    assertEquals("max(mish(x), x)", without.text());
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> SourceCode.jax(without, "f"));
    assertTrue(e.getMessage().contains("'mish' has no JAX code"), e.getMessage());
    Unary written = mish.withCode("F.mish(#1)", "jax.nn.mish(#1)", null);
    DiscreteActivation with =
        RandomActivations.of(List.of(written, unary("identity")), add, random);
    assertTrue(
        SourceCode.pyTorch(with, "Net").contains("return torch.maximum(F.mish(x), x)"),
        SourceCode.pyTorch(with, "Net"));
    assertThrows(IllegalStateException.class, () -> SourceCode.java(with, "Net"));
  }

  @Test
  void refusesWhatIsNoName() {
    DiscreteActivation f = named(List.of("sin", "tanh"), List.of("max"));
    for (String name : List.of("", "my net", "1st", "class", "a.b", "f(x)")) {
      assertThrows(IllegalArgumentException.class, () -> SourceCode.java(f, name), name);
      assertThrows(IllegalArgumentException.class, () -> SourceCode.pyTorch(f, name), name);
    }
  }

  private double[][] python(String script, double[] x, int rows) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(8 * x.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(x);
    Path in = Files.write(folder.resolve("x"), bytes.array());
    Path out = folder.resolve("y");
    Path file = Files.writeString(folder.resolve("script.py"), script);
    run(List.of(file.toString(), in.toString(), out.toString()));
    ByteBuffer read = ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN);
    assertArrayEquals(new long[] {8L * rows * x.length}, new long[] {read.remaining()});
    double[][] y = new double[rows][x.length];
    for (double[] row : y) {
      for (int i = 0; i < row.length; i++) {
        row[i] = read.getDouble();
      }
    }
    return y;
  }

  private static void requirePython(String imports) throws InterruptedException {
    try {
      Process p =
          new ProcessBuilder("/usr/bin/python3", "-c", imports).redirectErrorStream(true).start();
      p.getInputStream().readAllBytes();
      Assumptions.assumeTrue(p.waitFor() == 0, "skipped: no '" + imports + "' in /usr/bin/python3");
    } catch (IOException e) {
      Assumptions.abort("skipped: there is no /usr/bin/python3");
    }
  }

  private static void run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3"));
    command.addAll(arguments);
    Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(p.getInputStream().readAllBytes());
    assertEquals(0, p.waitFor(), said);
  }
}
