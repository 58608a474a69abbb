package grafs.nas;

import java.util.random.RandomGenerator;

/**
 * One operation a place, drawn from softmax(α), with a straight-through estimate of the gradient.
 *
 * @param estimator the estimate
 */
record OneHot(Estimator estimator) implements Relaxation {

  enum Estimator {
    /** The derivative of the Gumbel-softmax whose largest entry was drawn (Dong and Yang 2019). */
    GDAS,
    /** 2·J(½(p + B)) − ½·J(p) for the draw B of p, J the softmax's derivative (Liu et al. 2023). */
    REINMAX
  }

  @Override
  public boolean perCell() {
    return true;
  }

  @Override
  public Sample sample(double[] alpha, RandomGenerator random) {
    int n = alpha.length;
    double[] noisy = new double[n];
    int drawn = 0;
    for (int i = 0; i < n; i++) {
      noisy[i] = alpha[i] - Math.log(-Math.log(1 - random.nextDouble()));
      drawn = noisy[i] > noisy[drawn] ? i : drawn;
    }
    double[] hot = new double[n];
    hot[drawn] = 1;
    if (estimator == Estimator.GDAS) {
      double[] soft = Relaxation.softmax(noisy);
      return new Sample(hot, g -> Relaxation.softmaxBackward(soft, g));
    }
    double[] p = Relaxation.softmax(alpha);
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
    return estimator.name().toLowerCase(java.util.Locale.ROOT);
  }
}
