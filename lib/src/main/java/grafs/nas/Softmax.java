package grafs.nas;

import java.util.random.RandomGenerator;

/** {@link Relaxation#SOFTMAX}. */
record Softmax() implements Relaxation {

  @Override
  public boolean perCell() {
    return false;
  }

  @Override
  public Sample sample(double[] alpha, RandomGenerator random) {
    double[] w = Relaxation.softmax(alpha);
    return new Sample(w, g -> Relaxation.softmaxBackward(w, g));
  }

  @Override
  public double[] mean(double... alpha) {
    return Relaxation.softmax(alpha);
  }

  @Override
  public String toString() {
    return "softmax";
  }
}
