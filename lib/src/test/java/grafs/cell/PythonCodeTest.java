package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import grafs.Python;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the PyTorch and JAX code that {@link SourceCode} exports for functions, and compares its
 * values with those of {@link Expression#values}. The JAX code runs with NumPy in place of JAX.
 */
class PythonCodeTest {

  private final Agreement agreement = new Agreement();
  @TempDir Path folder;

  @Test
  void pyTorchComputesTheSame() throws Exception {
    Python.require("import torch, numpy");
    List<Expression> functions = agreement.functions();
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
            .formatted(functions.size(), agreement.singles()));
    double[] x = agreement.points(10_000);
    double[][] y = python(script.toString(), x, functions.size() + agreement.singles());
    // Random functions are compared in float64 only: in float32 two correct evaluations of, for
    // example, sin(x³) differ by more than 1e-5.
    Agreement.compare("PyTorch", functions, x, List.of(y).subList(0, functions.size()), 1e-6);
    // Functions of a single operation are well conditioned, so that float32 can be compared too.
    Agreement.compare(
        "PyTorch",
        functions.subList(0, agreement.singles()),
        x,
        List.of(y).subList(functions.size(), y.length),
        1e-5);
  }

  @Test
  void jaxComputesTheSameWithNumpyInItsPlace() throws Exception {
    Python.require("import ast");
    List<Expression> functions = agreement.functions();
    StringBuilder code = new StringBuilder();
    for (int i = 0; i < functions.size(); i++) {
      code.append(SourceCode.jax(functions.get(i), "f" + i)).append("\n\n");
    }
    Path module = Files.writeString(folder.resolve("functions.py"), code);
    Python.run("-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", module.toString());

    Python.require("import numpy");
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
        for i in range(%d):  # β are rounded to float32, as in the functions
            f = space[f'f{i}']
            f.__defaults__ = f.__defaults__ and (np.asarray(f.__defaults__[0], np.float32).astype(float),)
        x = np.fromfile(sys.argv[1], '<f8')
        np.stack([space[f'f{i}'](x) for i in range(%d)]).astype('<f8').tofile(sys.argv[2])
        """
            .formatted(module, functions.size(), functions.size());
    double[] x = agreement.points(2000);
    double[][] y = python(script, x, functions.size());
    Agreement.compare("JAX", functions, x, List.of(y), 1e-6);
  }

  /**
   * Runs a Python script that reads points x from one file and writes values y to another file. The
   * names of these files are the script's two arguments; both files contain little-endian float64.
   * Returns y, {@code [row][point]}.
   */
  private double[][] python(String script, double[] x, int rows) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(8 * x.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(x);
    Path in = Files.write(folder.resolve("x"), bytes.array());
    Path out = folder.resolve("y");
    Path file = Files.writeString(folder.resolve("script.py"), script);
    Python.run(file.toString(), in.toString(), out.toString());
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
}
