package grafs.nas;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.loss.Loss;
import grafs.cell.Cells;
import grafs.data.BatchSource;
import grafs.train.Learner;
import grafs.train.SyntheticBatches;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A classification task that a small network learns in a second, for tests of searches. Examples
 * are points of the plane, drawn from a standard normal distribution. The label is the number of
 * the ring around the origin in which the point lies, modulo 2: ring n has distances n to n + 1
 * from the origin.
 */
final class Rings {

  private Rings() {}

  /**
   * Returns batches of the task; every epoch has new points.
   *
   * @param batches the number of batches in an epoch
   * @param size the number of points in a batch
   * @param seed the seed of the points
   */
  static BatchSource batches(int batches, int size, long seed) {
    return new SyntheticBatches(batches, size, new Shape(2), seed, Rings::fill);
  }

  private static void fill(Random random, float[] x, long[] labels) {
    for (int i = 0; i < labels.length; i++) {
      x[2 * i] = (float) random.nextGaussian();
      x[2 * i + 1] = (float) random.nextGaussian();
      labels[i] = (long) Math.hypot(x[2 * i], x[2 * i + 1]) % 2;
    }
  }

  /**
   * Makes a network with two hidden layers of 32 units. It has batch normalisation and dropout,
   * since their outputs depend on more than the weights: on running statistics and on random
   * numbers. A search that continues from a checkpoint must reproduce these.
   */
  static Block network(Supplier<Block> activation) {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(32).build())
        .add(BatchNorm.builder().build())
        .add(activation.get())
        .add(Linear.builder().setUnits(32).build())
        .add(BatchNorm.builder().build())
        .add(activation.get())
        .add(Dropout.builder().optRate(0.1f).build())
        .add(Linear.builder().setUnits(2).build());
  }

  /** Makes the network and initialises its weights with a seed. */
  static Learner learner(Cells cells, long seed) {
    return new Learner(network(cells), Loss.softmaxCrossEntropyLoss(), new Shape(1, 2), seed);
  }
}
