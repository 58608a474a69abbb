package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.cell.ActivationCells;
import grafs.data.BatchSource;
import grafs.train.Learner;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** A task that a small network learns in a second: points of the plane in the rings they lie in. */
final class Rings {

  private Rings() {}

  /** Batches of points, labelled by the parity of the ring. */
  static BatchSource batches(int batches, int size, long seed) {
    return new BatchSource() {
      @Override
      public int batchesPerEpoch() {
        return batches;
      }

      @Override
      public Iterable<Batch> epoch(NDManager manager, int epoch) {
        Random random = new Random(1000 * seed + epoch);
        return IntStream.range(0, batches).mapToObj(b -> batch(manager, random))::iterator;
      }

      private Batch batch(NDManager parent, Random random) {
        NDManager manager = parent.newSubManager();
        float[] x = new float[2 * size];
        long[] labels = new long[size];
        for (int i = 0; i < size; i++) {
          x[2 * i] = (float) random.nextGaussian();
          x[2 * i + 1] = (float) random.nextGaussian();
          labels[i] = (long) Math.hypot(x[2 * i], x[2 * i + 1]) % 2;
        }
        NDArray data = manager.create(x, new Shape(size, 2));
        return new Batch(
            manager, new NDList(data), new NDList(manager.create(labels)), size, null, null, 0, 0);
      }
    };
  }

  /** Two hidden layers, with all that has a state: batch normalisation and dropout. */
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
  static Learner learner(ActivationCells cells, long seed) {
    return new Learner(network(cells), Loss.softmaxCrossEntropyLoss(), new Shape(1, 2), seed);
  }
}
