package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The data of a regression, in memory: points of the same dimension, and a target for each.
 *
 * @param inputs the dimension of a point, at least 1
 * @param x the points, one after the other, {@code [examples · inputs]}
 * @param y their targets, {@code [examples]}
 */
public record Points(int inputs, float[] x, float[] y) {

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if x does not have {@code inputs} numbers for each target
   */
  public Points {
    if (inputs < 1 || x.length != (long) inputs * y.length) {
      throw new IllegalArgumentException(
          "%d targets of points of %d numbers need %d numbers, but there are %d"
              .formatted(y.length, inputs, (long) inputs * y.length, x.length));
    }
  }

  /**
   * Takes some of the points.
   *
   * @param from the first
   * @param to the one after the last
   * @return a copy of them
   */
  public Points part(int from, int to) {
    return new Points(
        inputs, Arrays.copyOfRange(x, from * inputs, to * inputs), Arrays.copyOfRange(y, from, to));
  }

  /**
   * Returns batches of the points, shuffled anew in every epoch.
   *
   * @param batchSize the examples of a batch; an epoch leaves out those that do not fill one
   * @param seed the seed of the orders
   * @return batches of data {@code [batch, inputs]} and labels {@code [batch, 1]}, float32
   * @throws IllegalArgumentException if the points do not fill one batch
   */
  public BatchSource batches(int batchSize, long seed) {
    EpochBatches.requireFull(y.length, batchSize);
    return new Shuffled(this, batchSize, seed);
  }

  private record Shuffled(Points points, int batchSize, long seed) implements EpochBatches {

    @Override
    public int examples() {
      return points.y.length - points.y.length % batchSize;
    }

    @Override
    public Maker maker(NDManager shared, int epoch) {
      SplittableRandom random = new SplittableRandom(seed * 31 + epoch);
      int[] order = EpochBatches.shuffle(IntStream.range(0, points.y.length).toArray(), random);
      return (own, from, size) -> points.gather(own, order, from, size);
    }
  }

  private NDList gather(NDManager own, int[] order, int from, int size) {
    float[] data = new float[size * inputs];
    float[] labels = new float[size];
    for (int i = 0; i < size; i++) {
      System.arraycopy(x, order[from + i] * inputs, data, i * inputs, inputs);
      labels[i] = y[order[from + i]];
    }
    return new NDList(
        own.create(data, new Shape(size, inputs)), own.create(labels, new Shape(size, 1)));
  }
}
