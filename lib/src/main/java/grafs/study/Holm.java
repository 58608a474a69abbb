package grafs.study;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Holm's step-down correction of p-values for the number of comparisons: the chance of any false
 * rejection stays below the level, however the comparisons depend on each other (S. Holm, A simple
 * sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979).
 */
public final class Holm {

  private Holm() {}

  /**
   * Corrects p-values.
   *
   * @param p those of all comparisons made together; NaN for one that could not be made, which is
   *     not counted
   * @return the corrected ones in the same order, at most 1: reject where they are below the level;
   *     NaN where it was
   */
  public static double[] correct(double... p) {
    int[] order =
        IntStream.range(0, p.length)
            .filter(i -> !Double.isNaN(p[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] corrected = new double[p.length];
    Arrays.fill(corrected, Double.NaN);
    double largest = 0;
    for (int i = 0; i < order.length; i++) {
      largest = Math.max(largest, Math.min(1, (order.length - i) * p[order[i]]));
      corrected[order[i]] = largest;
    }
    return corrected;
  }
}
