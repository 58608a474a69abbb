package grafs.cell;

import grafs.op.Binary;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Functions of the paper's space, made by chance or by names. */
final class RandomActivations {

  static final OperationSet ALL = OperationSet.paper();

  private RandomActivations() {}

  static Unary unary(String name) {
    return ALL.unary().get(ALL.unaryIndex(name));
  }

  static Binary binary(String name) {
    return ALL.binary().get(ALL.binaryIndex(name));
  }

  /** A function by the names on its edges and vertices; its β are where they start. */
  static DiscreteActivation named(List<String> unary, List<String> binary) {
    return of(
        unary.stream().map(RandomActivations::unary).toList(),
        binary.stream().map(RandomActivations::binary).toList(),
        null);
  }

  /** A function of 1 to 3 units and with β ~ N(0, 1). */
  static DiscreteActivation random(Random random) {
    int units = 1 + random.nextInt(3);
    List<Unary> unary = new ArrayList<>();
    List<Binary> binary = new ArrayList<>();
    for (int e = 0; e < 2 * units; e++) {
      unary.add(ALL.unary().get(random.nextInt(ALL.unary().size())));
    }
    for (int v = 0; v < units; v++) {
      binary.add(ALL.binary().get(random.nextInt(ALL.binary().size())));
    }
    return of(unary, binary, random);
  }

  /** A function with β ~ N(0, 1) of float32, or where they start if random is null. */
  static DiscreteActivation of(List<Unary> unary, List<Binary> binary, Random random) {
    List<Double> beta = new ArrayList<>();
    unary.forEach(op -> beta.add(beta(op.beta(), random)));
    binary.forEach(op -> beta.add(beta(op.beta(), random)));
    return new DiscreteActivation(new CellGraph(binary.size()), unary, binary, beta);
  }

  private static double beta(double start, Random random) {
    return Double.isNaN(start) || random == null ? start : (float) random.nextGaussian();
  }
}
