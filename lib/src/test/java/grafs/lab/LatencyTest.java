package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import grafs.cell.CellGraph;
import grafs.cell.DiscreteActivation;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The bounds are wide: what is compared differs by an order of magnitude. */
class LatencyTest {

  private static NDArray often(NDArray x, int times) {
    NDArray y = x;
    for (int i = 0; i < times; i++) {
      y = y.exp().neg();
    }
    return y;
  }

  @Test
  void everyOperationHasACostAndMoreWorkCostsMore() {
    OperationSet set =
        OperationSet.of("identity", "exp", "gelu", "add", "blend")
            .with(Unary.of("once", x -> often(x, 1)), Unary.of("forty", x -> often(x, 40)));
    Map<String, Double> costs = Latency.of(set);
    TreeSet<String> names = new TreeSet<>();
    set.unary().forEach(f -> names.add(f.name()));
    set.binary().forEach(f -> names.add(f.name()));
    assertEquals(names, costs.keySet());
    costs.forEach((name, cost) -> assertTrue(cost > 0 && cost < 1e4, name + " costs " + cost));
    assertTrue(costs.get("identity") < costs.get("once"), costs.toString());
    assertTrue(8 * costs.get("once") < costs.get("forty"), costs.toString());
  }

  @Test
  void anActivationIsComparedWithRelu() {
    double relu = Latency.of(Activation::reluBlock);
    assertTrue(relu > 0.2 && relu < 5, "ReLU takes " + relu + " times as long as itself");
    OperationSet paper = OperationSet.paper();
    List<Unary> unary =
        List.of(
            paper.unary().get(paper.unaryIndex("exp")), paper.unary().get(paper.unaryIndex("erf")));
    DiscreteActivation found =
        new DiscreteActivation(
            new CellGraph(1),
            unary,
            List.of(paper.binary().get(paper.binaryIndex("multiply"))),
            Collections.nCopies(3, Double.NaN));
    double cost = Latency.of(found.fixed());
    assertTrue(cost > relu, found.text() + " takes " + cost);
  }
}
