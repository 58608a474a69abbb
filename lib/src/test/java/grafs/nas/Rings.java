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
 * A task that a small network learns in a second: classifying points of the plane by the ring in
 * which they lie.
 */
final class Rings {

  private Rings() {}

  /** Batches of points, labelled by the parity of the ring. */
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

  /** Two hidden layers, with batch normalisation and dropout, which have a state to be saved. */
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

  /** The network with its weights. */
  static Learner learner(Cells cells, long seed) {
    return new Learner(network(cells), Loss.softmaxCrossEntropyLoss(), new Shape(1, 2), seed);
  }
}
