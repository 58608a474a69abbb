package grafs.nas;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.Nearness;
import grafs.train.Score;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a search found and how it got there.
 *
 * @param found the activation function
 * @param space the search space
 * @param relaxation how α became weights
 * @param start what the network and the cells were like when the warm start ended
 * @param epochs one record an epoch; of several searches, those of the best one
 * @param verified how the result was verified; null where verification was off
 * @param seconds the time it took, verification and all searches, also those before it was
 *     continued
 */
public record SearchResult(
    Expression found,
    CellSpace space,
    Relaxation relaxation,
    Start start,
    List<Epoch> epochs,
    Verification.Outcome verified,
    double seconds) {

  /**
   * Names the function that was found by the known activation that it comes nearest to where the
   * network computes it.
   *
   * @return such as {@code ReLU within 0.01}; empty if it is constant there
   */
  public Optional<Nearness.Named> nearest() {
    float[] seen = start.inputs();
    return Nearness.nearest(
        found, IntStream.range(0, seen.length).mapToDouble(i -> seen[i]).toArray());
  }

  /**
   * Computes the weights of the operations of a place over the epochs, as the relaxation makes them
   * of α.
   *
   * @param place the place, from 0
   * @return {@code [operations][epochs + 1]}, first those of equal α; NaN where an operation was
   *     dropped
   */
  public double[][] weights(int place) {
    int operations = space.places().get(place).candidates().size();
    double[][] weights = new double[operations][epochs.size() + 1];
    Arrays.stream(weights).forEach(own -> Arrays.fill(own, Double.NaN));
    weigh(weights, 0, new double[operations], IntStream.range(0, operations).boxed().toList());
    for (int t = 1; t <= epochs.size(); t++) {
      Epoch epoch = epochs.get(t - 1);
      weigh(weights, t, epoch.alpha()[place], epoch.candidates().of(place));
    }
    return weights;
  }

  private void weigh(double[][] weights, int t, double[] alpha, List<Integer> left) {
    double[] own = relaxation.mean(left.stream().mapToDouble(o -> alpha[o]).toArray());
    for (int i = 0; i < own.length; i++) {
      weights[left.get(i)][t] = own[i];
    }
  }

  /** {@return the function, what it comes near, how long it took, how it was verified} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("f(x) = ").append(found.text());
    (start == null ? Optional.<Nearness.Named>empty() : nearest())
        .ifPresent(named -> text.append(" (").append(named).append(')'));
    text.append('\n').append(epochs.size()).append(" epochs in ");
    text.append(Math.round(seconds)).append(" s");
    if (verified != null) {
      text.append('\n').append(verified);
    }
    return text.toString();
  }

  /**
   * The end of the warm start, where the relaxed cell takes the default activation's place.
   *
   * @param cellError the root mean square by which the fitted cell misses the default over x ~ N(0,
   *     1); null where it was not fitted
   * @param lossBefore the network's loss on a batch with the default activation, as it computes in
   *     training: running statistics of an epoch say little of what the search sees
   * @param lossAfter its loss on the same batch with the relaxed cells
   * @param inputs quantiles of what the cells are given, all of them together, from the least to
   *     the largest at even distances
   * @param alpha α at the switch, {@code [place][operation]}
   */
  public record Start(
      Double cellError, double lossBefore, double lossAfter, float[] inputs, double[][] alpha) {}

  /**
   * One epoch of the search.
   *
   * @param epoch the epoch, from 1
   * @param warmStart whether the weights saw the default activation in it
   * @param train the score of the weights' steps, on the weights' part of the training set
   * @param validation the score of α's steps, on α's part; where α had none, NaN of no examples
   * @param discrete the score on α's part, after the epoch, of the network whose cells compute
   *     {@code found}
   * @param found the function of the operations of largest α after the epoch, as {@link
   *     CellSpace#parse} reads it
   * @param alpha α after the epoch, {@code [place][operation]}
   * @param beta β after the epoch, {@code [place][operation]}; NaN for operations without
   * @param candidates the operations left after the epoch
   * @param dropped the operations that were dropped in the epoch
   * @param seconds the time the epoch took
   */
  public record Epoch(
      int epoch,
      boolean warmStart,
      Score train,
      Score validation,
      Score discrete,
      String found,
      double[][] alpha,
      double[][] beta,
      Candidates candidates,
      List<Shrinking.Dropped> dropped,
      double seconds) {

    /** Throws if something is missing, as in a damaged file. */
    public Epoch {
      Objects.requireNonNull(train, "an epoch's score of the weights");
      Objects.requireNonNull(validation, "an epoch's score of α");
      Objects.requireNonNull(discrete, "an epoch's score of the function");
      Objects.requireNonNull(candidates, "an epoch's candidates");
    }

    /** {@return whether the discretised network is better than that of another epoch} */
    boolean betterThan(Epoch other) {
      return discrete.value() > other.discrete.value();
    }
  }

  /**
   * Takes one epoch.
   *
   * @param epochs the epochs
   * @param selection which
   * @return the first of the epochs with the best discretised network, or the last one
   */
  static Epoch select(List<Epoch> epochs, SearchSettings.Selection selection) {
    Epoch taken = epochs.get(epochs.size() - 1);
    if (selection == SearchSettings.Selection.BEST_EPOCH) {
      taken = epochs.get(0);
      for (Epoch epoch : epochs) {
        if (taken.warmStart() && !epoch.warmStart() || epoch.betterThan(taken)) {
          taken = epoch;
        }
      }
    }
    return taken;
  }

  /** {@return the first of the searches whose selected epoch has the best discretised network} */
  static SearchResult best(List<SearchResult> searches, SearchSettings.Selection selection) {
    SearchResult best = searches.get(0);
    for (SearchResult search : searches) {
      if (select(search.epochs, selection).betterThan(select(best.epochs, selection))) {
        best = search;
      }
    }
    return best;
  }
}
