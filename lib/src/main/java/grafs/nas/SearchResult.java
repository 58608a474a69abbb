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
 * The result of a search, with a record of its epochs.
 *
 * @param found the activation function
 * @param space the search space
 * @param relaxation how α was mapped to mixing weights
 * @param start the state of the network and the cells at the end of the warm start
 * @param epochs one record for each epoch; of several searches, those of the best one
 * @param failures why searches diverged, if some did and others did not
 * @param verified how the result was verified; null where verification was off
 * @param seconds the time of all searches and the verification, including that before an
 *     interruption
 */
public record SearchResult(
    Expression found,
    CellSpace space,
    Relaxation relaxation,
    Start start,
    List<Epoch> epochs,
    List<String> failures,
    Verification.Outcome verified,
    double seconds) {

  /**
   * {@return the found function, or where verification kept the default, the best of its short
   * list; the default itself if the search found no other}
   */
  public Expression best() {
    return keptDefault() ? space.parse(verified.best()) : found;
  }

  /**
   * Finds the known activation that is nearest to a function on the network's pre-activations.
   *
   * @param function the function, such as the found one
   * @return such as {@code ReLU within 0.01}; empty if the function is constant there
   */
  public Optional<Nearness.Named> nearest(Expression function) {
    float[] seen = start.inputs();
    return Nearness.nearest(
        function, IntStream.range(0, seen.length).mapToDouble(i -> seen[i]).toArray());
  }

  /**
   * Computes the mean mixing weights of the operations of a place, before the search and after each
   * epoch.
   *
   * @param place the place, from 0
   * @return {@code [operations][epochs + 1]}, in the first column those of equal α; NaN where an
   *     operation was dropped
   */
  public double[][] weights(int place) {
    int operations = space.places().get(place).candidates().size();
    double[][] weights = new double[operations][epochs.size() + 1];
    Arrays.stream(weights).forEach(own -> Arrays.fill(own, Double.NaN));
    for (int t = 0; t <= epochs.size(); t++) {
      double[] alpha = t == 0 ? new double[operations] : epochs.get(t - 1).alpha()[place];
      Candidates left = t == 0 ? Candidates.all(space) : epochs.get(t - 1).candidates();
      double[] own = relaxation.mean(left.of(place).stream().mapToDouble(o -> alpha[o]).toArray());
      for (int i = 0; i < own.length; i++) {
        weights[left.of(place).get(i)][t] = own[i];
      }
    }
    return weights;
  }

  /** {@return whether verification kept the default activation, since nothing beat it} */
  public boolean keptDefault() {
    return verified != null && verified.keptDefault();
  }

  /**
   * {@return the function, the nearest known activation, the time and the verdict of verification}
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("f(x) = ").append(found.text());
    (start == null ? Optional.<Nearness.Named>empty() : nearest(found))
        .ifPresent(named -> text.append(" (").append(named).append(')'));
    text.append('\n').append(epochs.size()).append(" epochs in ");
    text.append(Math.round(seconds)).append(" s");
    failures.forEach(failure -> text.append("\none of several searches failed: ").append(failure));
    if (verified != null) {
      text.append('\n').append(verified);
    }
    return text.toString();
  }

  /**
   * The state at the end of the warm start, where the relaxed cell replaces the default activation.
   *
   * @param lossBefore the network's loss on a batch with the default activation, with batch
   *     normalisation and dropout in training mode, as in the steps of the search
   * @param lossAfter its loss on the same batch with the relaxed cells, after their fit if there is
   *     one
   * @param inputs quantiles of the pre-activations of all cells, from the smallest to the largest
   *     in equal steps of probability
   */
  public record Start(double lossBefore, double lossAfter, float[] inputs) {}

  /**
   * One epoch of the search.
   *
   * @param epoch the epoch, from 1
   * @param warmStart whether the weights were trained with the default activation in it
   * @param train the score of the weights' steps, on the weights' part of the training set
   * @param validation the score of α's steps, on α's part; NaN, of 0 examples, if there were none
   * @param discrete the score on α's part, after the epoch, of the network whose cells compute
   *     {@code found}
   * @param found the function of the operations of largest α after the epoch, as {@link
   *     CellSpace#parse} reads it
   * @param alpha α after the epoch, {@code [place][operation]}
   * @param beta β after the epoch, {@code [place][operation]}; NaN for operations without
   * @param candidates the remaining candidates after the epoch
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
      double seconds) {

    /** Throws NullPointerException if a part is missing, as in a damaged file. */
    public Epoch {
      Objects.requireNonNull(train, "an epoch's score of the weights");
      Objects.requireNonNull(validation, "an epoch's score of α");
      Objects.requireNonNull(discrete, "an epoch's score of the function");
      Objects.requireNonNull(candidates, "an epoch's candidates");
    }
  }
}
