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
 * The result of a {@link Search}, with a record of its epochs. The search replaces the activations
 * of the network by cells, small graphs of operations such as sin or +. A place is an edge or
 * vertex of the graph, numbered from 0 in the order of {@link CellSpace#places}. It has several
 * candidate operations, which a relaxed cell mixes. α is one number for each candidate, from which
 * the mixing weights are computed or drawn. β are the learnable scalars that some operations have,
 * as in β·x. The search trains α and β on one part of the training set and the network's weights on
 * the other, and ends with a function.
 *
 * <p>The default activation is the one that the network has without a search. In the warm start,
 * the first epochs, the weights are trained with it. Pre-activations are the numbers that the
 * network feeds into the cells. Verification, if it is on, trains the network with functions that
 * the search has found and with the default activation, and keeps the default unless a function is
 * clearly better.
 *
 * @param found the activation function that the search ended with
 * @param space the search space, which defines the places and their candidate operations
 * @param relaxation how α was mapped to mixing weights
 * @param start the network's losses and pre-activations at the end of the warm start
 * @param epochs one record for each epoch; of several searches ({@link SearchSettings#searches}),
 *     the epochs of the one whose selected epoch ({@link SearchSettings#selection}) scores best
 * @param failures for each of several searches that diverged, the message that says why; empty if
 *     none did
 * @param verified how the result was verified; null if verification was off, or was skipped because
 *     the search had regularisers
 * @param seconds the time of all searches that did not diverge and of the verification, in seconds,
 *     including the time before an interruption
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
   * {@return the function found; if verification kept the default activation, the best other
   * function that it compared, or the default itself if there was no other}
   */
  public Expression best() {
    return keptDefault() ? space.parse(verified.best()) : found;
  }

  /**
   * Finds the known activation that is nearest to a function, compared at the network's
   * pre-activations ({@link Start#inputs}).
   *
   * @param function the function, such as {@link #found}
   * @return the activation and its distance, shown as {@code ReLU within 0.01}; empty if the
   *     function is constant at these points or has a value there that is not finite
   */
  public Optional<Nearness.Named> nearest(Expression function) {
    float[] seen = start.inputs();
    return Nearness.nearest(
        function, IntStream.range(0, seen.length).mapToDouble(i -> seen[i]).toArray());
  }

  /**
   * Computes the mixing weights of the operations of a place, before the search and after each
   * epoch. If the relaxation draws them at random, their means are returned.
   *
   * @param place the place, from 0
   * @return {@code [operation][epoch]}: column 0 is computed with α = 0 (a search starts with α
   *     from 0 to 1e-6), column t with α after epoch t; NaN from the epoch on in which the
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

  /**
   * {@return whether verification kept the default activation, since no function was clearly
   * better; false if there was no verification}
   */
  public boolean keptDefault() {
    return verified != null && verified.keptDefault();
  }

  /**
   * {@return some lines of text: the function and the nearest known activation, the number of
   * epochs and the time, the searches that diverged, and the verdict of verification}
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("f(x) = ").append(found.text());
    nearest(found).ifPresent(named -> text.append(" (").append(named).append(')'));
    text.append('\n').append(epochs.size()).append(" epochs in ");
    text.append(Math.round(seconds)).append(" s");
    failures.forEach(failure -> text.append("\none of several searches failed: ").append(failure));
    if (verified != null) {
      text.append('\n').append(verified);
    }
    return text.toString();
  }

  /**
   * The losses and pre-activations at the moment when the relaxed cell, which mixes all candidate
   * operations, replaces the default activation: at the end of the warm start, or before the first
   * epoch if there is no warm start.
   *
   * @param lossBefore the network's loss on the first batch of α's part of the training set with
   *     the default activation; batch normalisation and dropout are in training mode, as in the
   *     steps of the search
   * @param lossAfter its loss on the same batch with the relaxed cells, after their fit if there is
   *     one ({@link CellFit})
   * @param inputs quantiles of the pre-activations of all cells, ascending, at equal steps of
   *     probability from 0 to 1
   */
  public record Start(double lossBefore, double lossAfter, float[] inputs) {}

  /**
   * One epoch of the search.
   *
   * @param epoch the epoch, from 1
   * @param warmStart whether the epoch belongs to the warm start
   * @param train the score on the weights' part of the training set, of the passes in this epoch
   *     that updated the weights
   * @param validation the score on α's part, of the passes in this epoch that updated α; NaN, of 0
   *     examples, if there were none
   * @param discrete the score on α's part after the epoch, of the discretised network, whose cells
   *     compute {@code found}
   * @param found the function that has in each place the operation of largest α after the epoch, as
   *     text that {@link CellSpace#parse} reads
   * @param alpha α after the epoch, {@code [place][operation]}
   * @param beta β after the epoch, {@code [place][operation]}; NaN at operations that have no β
   * @param candidates the candidates that shrinking has not dropped by the end of the epoch
   * @param seconds the time that the epoch took, in seconds, with the scoring of {@code discrete}
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

    /**
     * Checks that nothing is missing, as in a damaged file.
     *
     * @throws NullPointerException if a score or {@code candidates} is null
     */
    public Epoch {
      Objects.requireNonNull(train, "the file is damaged: an epoch has no 'train'");
      Objects.requireNonNull(validation, "the file is damaged: an epoch has no 'validation'");
      Objects.requireNonNull(discrete, "the file is damaged: an epoch has no 'discrete'");
      Objects.requireNonNull(candidates, "the file is damaged: an epoch has no 'candidates'");
    }
  }
}
