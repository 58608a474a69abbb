package grafs.run;

import grafs.cell.Operation;
import grafs.nas.SearchResult;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The weights of all operations over the epochs of a search, in each place. Epoch 0 is where α
 * starts.
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
    List<grafs.cell.Place> places = result.space().places();
    return new Trajectory(
        IntStream.range(0, places.size()).mapToObj(p -> place(places.get(p), p, result)).toList());
  }

  private static Place place(grafs.cell.Place place, int p, SearchResult result) {
    List<String> operations = place.candidates().stream().map(Operation::name).toList();
    int epochs = result.epochs().size();
    double[][] weights = new double[operations.size()][epochs + 1];
    Arrays.stream(weights).forEach(own -> Arrays.fill(own, Double.NaN));
    for (int t = 0; t <= epochs; t++) {
      SearchResult.Epoch epoch = t == 0 ? null : result.epochs().get(t - 1);
      double[] alpha = t == 0 ? new double[operations.size()] : epoch.alpha()[p];
      List<Integer> inPlay =
          t == 0 ? IntStream.range(0, alpha.length).boxed().toList() : epoch.candidates().of(p);
      double[] own = result.relaxation().mean(inPlay.stream().mapToDouble(o -> alpha[o]).toArray());
      for (int i = 0; i < own.length; i++) {
        weights[inPlay.get(i)][t] = own[i];
      }
    }
    String kind = place.operands().size() == 1 ? "edge " : "vertex ";
    return new Place(kind + place.name(), operations, weights);
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

  /**
   * Lists α and the weights of all operations.
   *
   * @param result the search
   * @return a row an epoch, place and operation: epoch, place, operation, α and weight; the weight
   *     of one that was dropped is 0
   */
  static Table table(SearchResult result) {
    IntColumn epoch = IntColumn.create("epoch");
    StringColumn place = StringColumn.create("place");
    StringColumn operation = StringColumn.create("operation");
    DoubleColumn alpha = DoubleColumn.create("α");
    DoubleColumn weight = DoubleColumn.create("weight");
    List<Place> places = of(result).places;
    for (int t = 1; t <= result.epochs().size(); t++) {
      for (int p = 0; p < places.size(); p++) {
        Place own = places.get(p);
        for (int o = 0; o < own.operations.size(); o++) {
          epoch.append(t);
          place.append(result.space().places().get(p).name());
          operation.append(own.operations.get(o));
          alpha.append(result.epochs().get(t - 1).alpha()[p][o]);
          weight.append(Double.isNaN(own.weights[o][t]) ? 0 : own.weights[o][t]);
        }
      }
    }
    return Table.create("α", epoch, place, operation, alpha, weight);
  }
}
