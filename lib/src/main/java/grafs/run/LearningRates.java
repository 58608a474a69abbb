package grafs.run;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The choice of the best learning rate of a training, by trying several. The rates that may be
 * tried are a given rate times whole powers of a factor, which the caller knows. A rate is
 * identified by its exponent, here called its step: 0 is the given rate, 1 the next higher one, −1
 * the next lower one. The steps −1, 0 and 1 are tried first; while the best one is the lowest or
 * the highest one tried, the next one beyond is tried, up to three steps from the given rate.
 *
 * <p>The caller trains at each of the {@link #missing} steps and puts the score into {@link
 * #scores}, until no step is missing.
 *
 * @param <S> the type of the scores
 * @param scores the score of each step tried; a map that can be changed
 * @param order orders scores, the best one last
 */
public record LearningRates<S>(Map<Integer, S> scores, Comparator<S> order) {

  /** The largest distance of a rate from the given one, in steps. */
  static final int FARTHEST = 3;

  /** {@return the step with the best score; of equal scores, the first in {@link #scores}} */
  public int best() {
    return Collections.max(scores.entrySet(), Map.Entry.comparingByValue(order)).getKey();
  }

  /** {@return the steps to try next; empty if the choice is made} */
  public List<Integer> missing() {
    if (scores.isEmpty()) {
      return List.of(-1, 0, 1);
    }
    int best = best();
    return Stream.of(best - 1, best + 1)
        .filter(step -> !scores.containsKey(step) && Math.abs(step) <= FARTHEST)
        .toList();
  }
}
