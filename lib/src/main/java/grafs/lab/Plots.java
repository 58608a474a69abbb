package grafs.lab;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import grafs.nas.SearchResult;
import grafs.plot.Chart;
import grafs.plot.Chart.Axis;
import grafs.plot.Chart.Ground;
import grafs.plot.Chart.Layer;
import grafs.plot.Chart.Line;
import grafs.plot.Chart.Points;
import grafs.plot.HeatTable;
import grafs.train.Score;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import smile.stat.distribution.KernelDensity;

/** The figures of the notebooks, as charts and heat maps. */
public final class Plots {

  /** Where a derivative leaves the figure. */
  private static final double STEEPEST = 5;

  private Plots() {}

  /** A function to be drawn: values at many points at once. */
  @FunctionalInterface
  public interface Curve {

    /** {@return the values at the points} */
    double[] values(double... x);
  }

  /**
   * Draws activation functions; where one is beyond ±2·radius, it leaves the figure.
   *
   * @param curves the functions by name, at most seven
   * @param radius x runs from −radius to radius
   * @return the figure
   */
  public static Chart functions(Map<String, Curve> curves, double radius) {
    double[] x = points(radius);
    List<Layer> layers = new ArrayList<>();
    curves.forEach(
        (name, curve) -> layers.add(new Line(name, x, cut(curve.values(x), 2 * radius))));
    return new Chart("Activation functions", Axis.of("x"), Axis.of("f(x)"), layers);
  }

  /**
   * Draws activation functions, and behind them how the pre-activations are distributed that a
   * network gave its activations before a search: where it is high, a function's form matters.
   *
   * @param curves the functions by name, at most seven
   * @param search the search, whose pre-activations are those at the switch to the relaxed cell
   * @param radius x runs from −radius to radius
   * @return the figure
   */
  public static Chart functions(Map<String, Curve> curves, SearchResult search, double radius) {
    Chart plain = functions(curves, radius);
    float[] inputs = search.start().inputs();
    double[] values = IntStream.range(0, inputs.length).mapToDouble(i -> inputs[i]).toArray();
    KernelDensity density = new KernelDensity(values);
    double[] x = points(radius);
    List<Layer> layers = new ArrayList<>();
    layers.add(
        new Ground("density of pre-activations", x, DoubleStream.of(x).map(density::p).toArray()));
    layers.addAll(plain.layers());
    return new Chart(plain.title(), plain.x(), plain.y(), layers);
  }

  /**
   * Draws derivatives of activation functions, as central differences; where one is beyond ±5, it
   * leaves the figure.
   *
   * @param curves the functions by name, at most seven
   * @param radius x runs from −radius to radius
   * @return the figure
   */
  public static Chart derivatives(Map<String, Curve> curves, double radius) {
    double h = 1e-4;
    double[] x = points(radius);
    List<Layer> layers = new ArrayList<>();
    curves.forEach(
        (name, curve) -> {
          double[] above = curve.values(DoubleStream.of(x).map(v -> v + h).toArray());
          double[] below = curve.values(DoubleStream.of(x).map(v -> v - h).toArray());
          double[] slope =
              IntStream.range(0, x.length)
                  .mapToDouble(i -> (above[i] - below[i]) / (2 * h))
                  .toArray();
          layers.add(new Line(name, x, cut(slope, STEEPEST)));
        });
    return new Chart("Their derivatives", Axis.of("x"), Axis.of("f′(x)"), layers);
  }

  /** The values, with gaps where they would make all other curves flat. */
  private static double[] cut(double[] values, double limit) {
    return DoubleStream.of(values).map(y -> Math.abs(y) <= limit ? y : Double.NaN).toArray();
  }

  /**
   * The curve of an activation block without parameters, such as ReLU.
   *
   * @param activation the block
   * @return its curve
   */
  public static Curve curve(Block activation) {
    return x -> {
      try (NDManager manager = NDManager.newBaseManager()) {
        return activation
            .forward(null, new NDList(manager.create(x)), false)
            .head()
            .toDoubleArray();
      }
    };
  }

  /**
   * Makes the points that functions are drawn at.
   *
   * @param radius x runs from −radius to radius
   * @return the points, evenly spaced
   */
  public static double[] points(double radius) {
    int n = 241;
    return IntStream.range(0, n).mapToDouble(i -> radius * (2.0 * i / (n - 1) - 1)).toArray();
  }

  /**
   * Draws the losses of a search over its epochs, warm start included.
   *
   * @param result the search
   * @return the figure
   */
  public static Chart searchLosses(SearchResult result) {
    List<SearchResult.Epoch> epochs = result.epochs();
    long before = epochs.stream().filter(SearchResult.Epoch::warmStart).count();
    double[] x = epochs.stream().mapToDouble(SearchResult.Epoch::epoch).toArray();
    return new Chart(
        "Loss during the search, default activation until epoch " + before,
        Axis.of("epoch"),
        Axis.of("loss, nats"),
        List.of(
            new Line("weight steps", x, losses(epochs, SearchResult.Epoch::train)),
            new Line("α steps", x, losses(epochs, SearchResult.Epoch::validation)),
            new Line("as decided now", x, losses(epochs, SearchResult.Epoch::discrete))));
  }

  private static double[] losses(
      List<SearchResult.Epoch> epochs, Function<SearchResult.Epoch, Score> score) {
    return epochs.stream().mapToDouble(e -> score.apply(e).loss()).toArray();
  }

  /**
   * Draws how many operations are left over the epochs.
   *
   * @param result the search
   * @return the figure
   */
  public static Chart operationsLeft(SearchResult result) {
    double[] x = IntStream.rangeClosed(0, result.epochs().size()).asDoubleStream().toArray();
    return new Chart(
        "Operations left",
        Axis.of("search epoch"),
        Axis.of("operations"),
        List.of(
            new Line("edge u1", x, left(result, 0)), new Line("vertex b1", x, left(result, 2))));
  }

  private static double[] left(SearchResult result, int place) {
    return DoubleStream.concat(
            DoubleStream.of(result.space().places().get(place).candidates().size()),
            result.epochs().stream().mapToDouble(e -> e.candidates().of(place).size()))
        .toArray();
  }

  /**
   * Draws the weights of all operations over the epochs of a search, a heat map for each edge and
   * vertex: as the relaxation makes them of α, blank where one was dropped.
   *
   * @param result the search
   * @return one figure for each place
   */
  public static HeatTable[] alphas(SearchResult result) {
    Trajectory trajectory = Trajectory.of(result);
    return trajectory.places().stream()
        .map(place -> heatMap(place.title(), place.operations(), place.weights()))
        .toArray(HeatTable[]::new);
  }

  private static HeatTable heatMap(String title, List<String> operations, double[][] weights) {
    List<String> epochs =
        IntStream.range(0, weights[0].length).mapToObj(Integer::toString).toList();
    return new HeatTable(title, "search epoch", epochs, operations, weights);
  }

  /**
   * Draws test accuracy over the epochs of several trainings, the mean over seeds of each
   * activation.
   *
   * @param runs the trainings
   * @return the figure
   */
  public static Chart testAccuracy(List<Experiment.Run> runs) {
    return curves("Test accuracy", "accuracy, %", runs, e -> 100 * e.test().accuracy());
  }

  /**
   * Draws test loss over the epochs of several trainings, the mean over seeds of each activation.
   *
   * @param runs the trainings
   * @return the figure
   */
  public static Chart testLoss(List<Experiment.Run> runs) {
    return curves("Test loss", "loss, nats", runs, e -> e.test().loss());
  }

  /**
   * Draws training loss over the epochs of several trainings, the mean over seeds of each
   * activation.
   *
   * @param runs the trainings
   * @return the figure
   */
  public static Chart trainingLoss(List<Experiment.Run> runs) {
    return curves("Training loss", "loss, nats", runs, e -> e.train().loss());
  }

  private static Chart curves(
      String title,
      String unit,
      List<Experiment.Run> runs,
      ToDoubleFunction<Training.Epoch> value) {
    List<Layer> layers = new ArrayList<>();
    boolean seeds = false;
    for (String name : runs.stream().map(Experiment.Run::activation).distinct().toList()) {
      List<Experiment.Run> own = runs.stream().filter(r -> r.activation().equals(name)).toList();
      int epochs = own.get(0).epochs().size();
      double[] x = IntStream.rangeClosed(1, epochs).asDoubleStream().toArray();
      DoubleSummaryStatistics[] each =
          IntStream.range(0, epochs)
              .mapToObj(
                  e ->
                      own.stream()
                          .mapToDouble(r -> value.applyAsDouble(r.epochs().get(e)))
                          .summaryStatistics())
              .toArray(DoubleSummaryStatistics[]::new);
      double[] mean = of(each, DoubleSummaryStatistics::getAverage);
      boolean band = own.size() > 1;
      seeds |= band;
      layers.add(
          band
              ? new Line(
                  name,
                  x,
                  mean,
                  of(each, DoubleSummaryStatistics::getMin),
                  of(each, DoubleSummaryStatistics::getMax))
              : new Line(name, x, mean));
    }
    String what = seeds ? title + ", mean and range over seeds" : title;
    return new Chart(what, Axis.of("epoch"), Axis.of(unit), layers);
  }

  private static double[] of(
      DoubleSummaryStatistics[] each, ToDoubleFunction<DoubleSummaryStatistics> value) {
    return Stream.of(each).mapToDouble(value).toArray();
  }

  /**
   * Draws what the methods of an ablation cost and how good what they found is.
   *
   * @param trials the searches
   * @param ablation the ablation, which counts the cost
   * @return a point a search, those without a cost or a finite accuracy left out
   */
  public static Chart accuracyOverCost(List<AblationTrial> trials, Ablation ablation) {
    Map<String, List<AblationTrial>> groups = new LinkedHashMap<>();
    for (AblationTrial trial : trials) {
      if (Double.isFinite(trial.accuracy()) && ablation.passes(trial.method()) > 0) {
        groups.computeIfAbsent(trial.method().kind(), kind -> new ArrayList<>()).add(trial);
      }
    }
    List<Layer> layers = new ArrayList<>();
    groups.forEach(
        (kind, own) ->
            layers.add(
                new Points(
                    kind,
                    own.stream().mapToDouble(t -> ablation.passes(t.method())).toArray(),
                    own.stream().mapToDouble(t -> 100 * t.accuracy()).toArray(),
                    own.stream().map(t -> t.method().title() + ", seed " + t.seed()).toList())));
    return new Chart(
        "Accuracy over the cost of the search",
        Axis.of("batches forward and backward"),
        Axis.of("test accuracy, %"),
        layers);
  }
}
