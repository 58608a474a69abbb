package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.data.BatchSource;
import grafs.model.ResNet;
import grafs.train.Learner;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** A task for a small ResNet: noisy colour images of a wave, labelled by the wave's direction. */
final class Gratings {

  private static final int CLASSES = 4;
  private static final double NOISE = 0.5;

  private Gratings() {}

  /** Batches of square images of some side; every epoch has images of its own. */
  static BatchSource batches(int batches, int size, int side, long seed) {
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
        float[] pixels = new float[size * 3 * side * side];
        long[] labels = random.longs(size, 0, CLASSES).toArray();
        int p = 0;
        for (int i = 0; i < size; i++) {
          double angle = Math.PI * labels[i] / CLASSES;
          double phase = 2 * Math.PI * random.nextDouble();
          for (int channel = 0; channel < 3; channel++) {
            for (int y = 0; y < side; y++) {
              for (int x = 0; x < side; x++) {
                double wave = Math.cos(x * Math.cos(angle) + y * Math.sin(angle) + phase);
                pixels[p++] = (float) (wave + NOISE * random.nextGaussian());
              }
            }
          }
        }
        NDArray data = manager.create(pixels, new Shape(size, 3, side, side));
        return new Batch(
            manager, new NDList(data), new NDList(manager.create(labels)), size, null, null, 0, 0);
      }
    };
  }

  /** A ResNet with its weights. */
  static Learner learner(int depth, Supplier<? extends Block> activation, int side, long seed) {
    return new Learner(
        ResNet.of(depth, CLASSES, activation),
        Loss.softmaxCrossEntropyLoss(),
        new Shape(1, 3, side, side),
        seed);
  }
}
