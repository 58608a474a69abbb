package grafs.lab;

import grafs.cell.Candidates;
import grafs.search.ArchitectureParameters;
import grafs.search.SearchResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The weights of all operations over the epochs of a search, in each place: edges, then vertices.
 * Epoch 0 is the cell as it was fitted to the default activation.
 *
 * @param places the edges and vertices
 */
public record Trajectory(List<Place> places) {

  /**
   * An edge or a vertex.
   *
   * @param title what it is, such as {@code edge u3}
   * @param operations the names of its operations
   * @param weights their weights, {@code [operations][epochs + 1]}; NaN where one was dropped
   */
  public record Place(String title, List<String> operations, double[][] weights) {

    /**
     * Computes the entropy of the weights, −Σ w ln w: ln n of n equal weights, 0 of one operation.
     *
     * @param epoch the epoch, from 0
     * @return the entropy in nats
     */
    public double entropy(int epoch) {
      return Arrays.stream(weights)
          .mapToDouble(own -> own[epoch])
          .filter(w -> w > 0)
          .map(w -> -w * Math.log(w))
          .sum();
    }
  }

  /**
   * Makes the trajectory of a search.
   *
   * @param result the search
   * @return its trajectory
   */
  public static Trajectory of(SearchResult result) {
    List<Place> places = new ArrayList<>();
    List<String> unary = result.space().operations().unary().stream().map(op -> op.name()).toList();
    List<String> binary =
        result.space().operations().binary().stream().map(op -> op.name()).toList();
    for (int e = 0; e < result.space().graph().edges(); e++) {
      int edge = e;
      places.add(
          place(
              "edge u" + (e + 1),
              unary,
              result,
              alpha -> alpha.unary()[edge],
              candidates -> candidates.unary().get(edge)));
    }
    for (int v = 0; v < result.space().graph().vertices(); v++) {
      int vertex = v;
      places.add(
          place(
              "vertex b" + (v + 1),
              binary,
              result,
              alpha -> alpha.binary()[vertex],
              candidates -> candidates.binary().get(vertex)));
    }
    return new Trajectory(List.copyOf(places));
  }

  private static Place place(
      String title,
      List<String> operations,
      SearchResult result,
      java.util.function.Function<ArchitectureParameters.Values, float[]> row,
      java.util.function.Function<Candidates, List<Integer>> left) {
    int epochs = result.epochs().size();
    double[][] weights = new double[operations.size()][epochs + 1];
    Arrays.stream(weights).forEach(own -> Arrays.fill(own, Double.NaN));
    for (int t = 0; t <= epochs; t++) {
      SearchResult.Epoch epoch = t == 0 ? null : result.epochs().get(t - 1);
      float[] alpha = row.apply(t == 0 ? result.start().alpha() : epoch.alpha());
      List<Integer> inPlay =
          t == 0
              ? IntStream.range(0, alpha.length).boxed().toList()
              : left.apply(epoch.candidates());
      double[] own = result.relaxation().mean(inPlay.stream().mapToDouble(o -> alpha[o]).toArray());
      for (int i = 0; i < own.length; i++) {
        weights[inPlay.get(i)][t] = own[i];
      }
    }
    return new Place(title, operations, weights);
  }

  /** {@return the number of epochs} */
  public int epochs() {
    return places.get(0).weights()[0].length - 1;
  }

  /**
   * Joins the weights of all places, 0 for what was dropped.
   *
   * @param epoch the epoch, from 0
   * @return the weights, places one after another
   */
  public double[] vector(int epoch) {
    return places.stream()
        .flatMap(place -> Arrays.stream(place.weights()))
        .mapToDouble(own -> Double.isNaN(own[epoch]) ? 0 : own[epoch])
        .toArray();
  }
}
