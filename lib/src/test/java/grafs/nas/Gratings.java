package grafs.nas;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import grafs.data.BatchSource;
import grafs.model.ResNet;
import grafs.train.Learner;
import grafs.train.SyntheticBatches;
import java.util.Random;
import java.util.function.Supplier;

/** A task for a small ResNet: noisy colour images of a wave, labelled by the wave's direction. */
final class Gratings {

  private static final int CLASSES = 4;
  private static final double NOISE = 0.5;

  private Gratings() {}

  /** Batches of square images of some side; every epoch has images of its own. */
  static BatchSource batches(int batches, int size, int side, long seed) {
    return new SyntheticBatches(
        batches, size, new Shape(3, side, side), seed, (random, x, y) -> fill(side, random, x, y));
  }

  private static void fill(int side, Random random, float[] pixels, long[] labels) {
    System.arraycopy(
        random.longs(labels.length, 0, CLASSES).toArray(), 0, labels, 0, labels.length);
    int p = 0;
    for (long label : labels) {
      double angle = Math.PI * label / CLASSES;
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
