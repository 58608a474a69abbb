package grafs.run;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The choice of a learning rate: a given rate and its two neighbours are tried, and while the best
 * rate is the lowest or the highest one tried, the next one beyond.
 *
 * @param scores what each rate scored; a rate is a number of steps from the given one
 * @param order orders scores, the best one last
 */
public record LearningRates<S>(Map<Integer, S> scores, Comparator<S> order) {

  /** How many steps from the given rate others are tried. */
  static final int FARTHEST = 3;

  /** {@return the best rate tried; of equal ones, the first in {@link #scores}} */
  public int best() {
    return Collections.max(scores.entrySet(), Map.Entry.comparingByValue(order)).getKey();
  }

  /** {@return the rates to try next; none if the choice is made} */
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
