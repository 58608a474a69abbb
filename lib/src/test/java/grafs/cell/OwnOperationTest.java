package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.GradientCollector;
import grafs.op.Binary;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operations that a notebook adds, each in one line. */
class OwnOperationTest {

  private static final OperationSet MINE =
      OperationSet.paper()
          .with(Unary.of("mish", x -> x.mul(Activation.softPlus(x).tanh())))
          .with(Unary.learnable("swish_b", 1, (x, β) -> x.mul(Activation.sigmoid(x.mul(β)))))
          .with(Unary.of("fourth", "@1⁴", "@1^{4}", x -> x.square().square()))
          .with(Binary.of("tanh_gate", (a, b) -> a.tanh().mul(b)))
          .with(Binary.of("mean", "½·(~1 + ~2)", "\\tfrac{1}{2}(~1+~2)", OwnOperationTest::mean));

  private static NDArray mean(NDArray a, NDArray b) {
    return a.add(b).mul(a.getManager().create(0.5f));
  }

  @Test
  void relaxedCellsTakeThem() {
    CellSpace space = new CellSpace(CellGraph.PAPER, MINE, Bounds.SEARCH);
    assertEquals(CellSpace.paper().betas() + 4, space.betas());
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray unary = manager.ones(new Shape(1, 4, 32)).softmax(-1);
      NDArray binary = manager.ones(new Shape(1, 2, 14)).softmax(-1);
      NDArray beta = manager.create(space.betaStart()).expandDims(0);
      NDArray[] parameters = {unary, binary, beta};
      for (NDArray parameter : parameters) {
        parameter.setRequiresGradient(true);
      }
      CellWeights weights = new CellWeights(unary, binary, Candidates.all(space), false);
      NDArray x = Grid.DEFAULT.values(manager, DataType.FLOAT32);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y = new RelaxedCell(space).evaluate(x, weights, beta);
        assertTrue(y.isNaN().none().getBoolean() && y.isInfinite().none().getBoolean());
        collector.backward(y.sum());
      }
      for (NDArray parameter : parameters) {
        NDArray gradient = parameter.getGradient();
        assertTrue(gradient.isNaN().none().getBoolean());
        assertTrue(gradient.abs().sum().getFloat() > 0);
      }
      assertTrue(unary.getGradient().get("0, 3, 29:").abs().min().getFloat() > 0, "α of own ones");
    }
  }

  @Test
  void theyAreBoundedInASearchOnly() {
    Unary fourth = MINE.unary().get(MINE.unaryIndex("fourth"));
    CellSpace space =
        new CellSpace(
            new CellGraph(1),
            new OperationSet(List.of(fourth), OperationSet.of("abs", "left").binary()),
            Bounds.SEARCH);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray ones = manager.ones(new Shape(1, 2, 1));
      CellWeights weights =
          new CellWeights(ones, manager.ones(new Shape(1, 1, 1)), Candidates.all(space), false);
      NDArray x = manager.create(new float[] {1.5f, 3, -3e38f}).expandDims(0);
      NDArray y = new RelaxedCell(space).evaluate(x, weights, null);
      assertEquals(5.0625f, y.getFloat(0, 0));
      assertTrue(y.getFloat(0, 1) > 8 && y.getFloat(0, 1) < 10, "3⁴ is bounded");
      assertTrue(y.getFloat(0, 2) > 8 && y.getFloat(0, 2) < 10, "and so is everything");
      assertEquals(81, fourth.function().apply(manager.create(3f), null).getFloat());
    }
  }

  @Test
  void foundFunctionsHaveThem() {
    DiscreteActivation f =
        new DiscreteActivation(
            CellGraph.PAPER,
            List.of(own("mish"), own("swish_b"), own("identity"), own("fourth")),
            List.of(
                MINE.binary().get(MINE.binaryIndex("mean")),
                MINE.binary().get(MINE.binaryIndex("tanh_gate"))),
            List.of(Double.NaN, 0.5, Double.NaN, Double.NaN, Double.NaN, Double.NaN));
    assertEquals("tanh_gate(½·(mish(x) + swish_b(x, 0.500)), x⁴)", f.text());
    assertTrue(f.latex().contains("\\operatorname{swish\\_b}\\left(x,0.500\\right)"), f.latex());
    double mish = 2 * Math.tanh(Math.log1p(Math.exp(2)));
    double swish = 2 / (1 + Math.exp(-1));
    assertEquals(16 * Math.tanh((mish + swish) / 2), f.values(2)[0], 1e-6);
  }

  private static Unary own(String name) {
    return MINE.unary().get(MINE.unaryIndex(name));
  }

  @Test
  void namesStayDistinct() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> OperationSet.paper().with(Unary.of("tanh", x -> x.tanh())));
    assertTrue(e.getMessage().contains("'tanh' is there twice"), e.getMessage());
  }
}
