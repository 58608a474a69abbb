package grafs.search;

import ai.djl.ndarray.NDArray;
import grafs.cell.CellWeights;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;

/** The weights of {@link Relaxation#SOFTMAX}. */
final class SoftmaxRelaxation implements Relaxation {

  @Override
  public int draws(int cells) {
    return 1;
  }

  @Override
  public CellWeights weights(ArchitectureParameters alpha, int draws, RandomGenerator random) {
    return new CellWeights(
        softmax(alpha.unary(), alpha.unaryMask()),
        softmax(alpha.binary(), alpha.binaryMask()),
        alpha.candidates(),
        false);
  }

  @Override
  public CellWeights mean(ArchitectureParameters alpha) {
    return weights(alpha, 1, null).hold();
  }

  @Override
  public double[] mean(double... alpha) {
    double largest = DoubleStream.of(alpha).max().orElseThrow();
    double[] weights = DoubleStream.of(alpha).map(a -> Math.exp(a - largest)).toArray();
    double sum = DoubleStream.of(weights).sum();
    return DoubleStream.of(weights).map(w -> w / sum).toArray();
  }

  private static NDArray softmax(NDArray alpha, NDArray mask) {
    return alpha.add(mask).softmax(1).expandDims(0);
  }

  @Override
  public String toString() {
    return "softmax";
  }
}
