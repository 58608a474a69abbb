package grafs.nas;

import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Relaxations with p = softmax(α). SOFTMAX weights all operations by p; the others draw one
 * operation from p, and differ in the gradient.
 */
enum Categorical implements Relaxation {
  /** The weights are p. */
  SOFTMAX,
  /**
   * One-hot draw; the gradient is that of the Gumbel-softmax whose largest entry was drawn (Dong
   * and Yang 2019).
   */
  GDAS,
  /**
   * One-hot draw B; the gradient is 2·J(½(p + B)) − ½·J(p), with J the softmax's derivative (Liu et
   * al. 2023).
   */
  REINMAX;

  @Override
  public boolean perCell() {
    return this != SOFTMAX;
  }

  @Override
  public Sample sample(double[] alpha, RandomGenerator random) {
    int n = alpha.length;
    double[] p = Relaxation.softmax(alpha);
    if (this == SOFTMAX) {
      return new Sample(p, g -> Relaxation.softmaxBackward(p, g));
    }
    double[] noisy = new double[n];
    int drawn = 0;
    for (int i = 0; i < n; i++) {
      noisy[i] = alpha[i] - Math.log(-Math.log(1 - random.nextDouble()));
      drawn = noisy[i] > noisy[drawn] ? i : drawn;
    }
    double[] hot = new double[n];
    hot[drawn] = 1;
    if (this == GDAS) {
      double[] soft = Relaxation.softmax(noisy);
      return new Sample(hot, g -> Relaxation.softmaxBackward(soft, g));
    }
    double[] middle = new double[n];
    for (int i = 0; i < n; i++) {
      middle[i] = (p[i] + hot[i]) / 2;
    }
    return new Sample(
        hot,
        g -> {
          double[] back = Relaxation.softmaxBackward(middle, g);
          double[] first = Relaxation.softmaxBackward(p, g);
          for (int i = 0; i < n; i++) {
            back[i] = 2 * back[i] - 0.5 * first[i];
          }
          return back;
        });
  }

  @Override
  public double[] mean(double... alpha) {
    return Relaxation.softmax(alpha);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
