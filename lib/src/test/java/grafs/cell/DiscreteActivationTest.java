package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiscreteActivationTest {

  private static final OperationSet ALL = OperationSet.paper();

  private static DiscreteActivation function(
      List<String> unary, List<String> binary, List<Double> beta) {
    return new DiscreteActivation(
        new CellGraph(binary.size()),
        unary.stream().map(n -> ALL.unary().get(ALL.unaryIndex(n))).toList(),
        binary.stream().map(n -> ALL.binary().get(ALL.binaryIndex(n))).toList(),
        beta);
  }

  private static DiscreteActivation blended() {
    double none = Double.NaN;
    return function(
        List.of("scale", "tanh", "sin", "max0"),
        List.of("subtract", "blend"),
        List.of(0.5, none, none, none, none, 0.25));
  }

  @Test
  void computesAndPrintsItsFormula() {
    DiscreteActivation f = blended();
    assertEquals("0.250·sin(0.500·x − tanh(x)) + (1 − 0.250)·max(x, 0)", f.text());
    double x = 1.3;
    double expected = 0.25 * Math.sin(0.5 * x - Math.tanh(x)) + 0.75 * x;
    assertArrayEquals(new double[] {expected, 0}, f.values(x, 0), 1e-12);
  }

  @Test
  void skipsWhatAnOperationDoesNotRead() {
    double none = Double.NaN;
    DiscreteActivation f =
        function(
            List.of("log", "tanh", "exp", "max0"),
            List.of("right", "left"),
            List.of(none, none, none, none, none, none));
    assertEquals("exp(tanh(x))", f.text());
    assertArrayEquals(new double[] {Math.exp(Math.tanh(0.3))}, f.values(0.3), 1e-12);
  }

  @Test
  void blockComputesTheSameWithItsOwnBeta() {
    double none = Double.NaN;
    DiscreteActivation f =
        function(
            List.of("shift", "sigmoid", "identity", "scale"),
            List.of("multiply", "gauss_kernel"),
            List.of(0.7, none, none, -1.5, none, 0.4));
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = f.get();
      block.initialize(manager, DataType.FLOAT32, new Shape(4));
      assertEquals(3, block.getParameters().valueAt(0).getArray().size());
      float[] x = {-2, -0.5f, 0.1f, 3};
      float[] y =
          block
              .forward(new ParameterStore(manager, false), new NDList(manager.create(x)), true)
              .head()
              .toFloatArray();
      double[] expected = f.values(-2, -0.5, 0.1f, 3);
      for (int i = 0; i < x.length; i++) {
        assertEquals(expected[i], y[i], 1e-6);
      }
    }
  }

  @Test
  void takesTheOneCandidateLeftAndItsBeta() {
    CellSpace space =
        new CellSpace(
            new CellGraph(1),
            OperationSet.of("tanh", "scale", "shift", "add", "blend"),
            Bounds.SEARCH);
    Candidates candidates = new Candidates(List.of(List.of(2), List.of(0)), List.of(List.of(1)));
    float[] beta = {1, 2, 3, 4, 0.5f};
    assertEquals(
        "0.500·(x + 2.00) + (1 − 0.500)·tanh(x)",
        DiscreteActivation.of(space, candidates, beta).text());
    assertThrows(
        IllegalArgumentException.class,
        () -> DiscreteActivation.of(space, Candidates.all(space), beta));
  }

  @Test
  void refusesListsThatDoNotFitTheGraph() {
    assertThrows(
        IllegalArgumentException.class,
        () -> function(List.of("tanh"), List.of("add"), List.of(Double.NaN)));
  }

  @Test
  void fixedAndTabulatedBlocksHaveNoParametersAndComputeTheSame() {
    DiscreteActivation f = blended();
    float[] x = new float[2001];
    for (int i = 0; i < x.length; i++) {
      // Not at 0, where a kink has no one slope.
      x[i] = (i - 1000.5f) * 0.0079f;
    }
    for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
      try (NDManager manager = NDManager.newBaseManager()) {
        double[][] y = new double[3][];
        double[][] slope = new double[3][];
        List<Block> blocks = List.of(f.get(), f.fixed().get(), f.tabulated(Grid.DEFAULT).get());
        for (int b = 0; b < blocks.size(); b++) {
          Block block = blocks.get(b);
          block.initialize(manager, type, new Shape(x.length));
          assertEquals(b == 0 ? 1 : 0, block.getParameters().size());
          NDArray at = manager.create(x).toType(type, true);
          at.setRequiresGradient(true);
          try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray value =
                block.forward(new ParameterStore(manager, false), new NDList(at), true).head();
            collector.backward(value.sum());
            y[b] = value.toType(DataType.FLOAT64, false).toDoubleArray();
          }
          slope[b] = at.getGradient().toType(DataType.FLOAT64, false).toDoubleArray();
        }
        assertArrayEquals(y[0], y[1], 0);
        assertArrayEquals(y[0], y[2], 1e-5);
        assertArrayEquals(slope[0], slope[1], 0);
        assertArrayEquals(slope[0], slope[2], 5e-3);
      }
    }
  }
}
