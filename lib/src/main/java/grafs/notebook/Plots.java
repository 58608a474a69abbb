package grafs.notebook;

import grafs.cell.Expression;
import grafs.cell.Operation;
import grafs.cell.Place;
import grafs.nas.SearchResult;
import grafs.run.Experiment;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import smile.stat.distribution.KernelDensity;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.traces.Trace;

/** The figures that several notebooks show: of functions, searches and trainings. */
public final class Plots {

  /** A derivative is not drawn where it is beyond ± this. */
  private static final double STEEPEST = 5;

  private Plots() {}

  /**
   * Draws activation functions, and behind them the density of the pre-activations in the network
   * before a search: where it is high, a function's form matters.
   *
   * @param curves the functions by name; where one is beyond ±2·radius, it is not drawn
   * @param search the search, whose pre-activations are those at the switch to the relaxed cell
   * @param radius x runs from −radius to radius
   * @return the figure; the density is scaled to three quarters of its height
   */
  public static Figure functions(
      Map<String, Expression> curves, SearchResult search, double radius) {
    double[] x = points(radius);
    List<Trace> traces = new ArrayList<>();
    DoubleSummaryStatistics range = new DoubleSummaryStatistics();
    curves.forEach(
        (name, curve) -> {
          double[] y = cut(curve.values(x), 2 * radius);
          DoubleStream.of(y).filter(Double::isFinite).forEach(range);
          traces.add(Charts.line(name, x, y));
        });
    float[] inputs = search.start().inputs();
    KernelDensity kernel =
        new KernelDensity(IntStream.range(0, inputs.length).mapToDouble(i -> inputs[i]).toArray());
    double[] density = DoubleStream.of(x).map(kernel::p).toArray();
    double low = range.getMin();
    double unit = 0.75 * (range.getMax() - low) / DoubleStream.of(density).max().orElseThrow();
    traces.add(
        Charts.area(
            "density of pre-activations",
            Charts.GREY,
            x,
            DoubleStream.of(x).map(at -> low).toArray(),
            DoubleStream.of(density).map(p -> low + unit * p).toArray()));
    return Charts.of("Activation functions", "x", "f(x)", traces.toArray(Trace[]::new));
  }

  /**
   * Draws derivatives of activation functions, as central differences.
   *
   * @param curves the functions by name; where a derivative is beyond ±5, it is not drawn
   * @param radius x runs from −radius to radius
   * @return the figure
   */
  public static Figure derivatives(Map<String, Expression> curves, double radius) {
    double h = 1e-4;
    double[] x = points(radius);
    List<Trace> traces = new ArrayList<>();
    curves.forEach(
        (name, curve) -> {
          double[] above = curve.values(DoubleStream.of(x).map(v -> v + h).toArray());
          double[] below = curve.values(DoubleStream.of(x).map(v -> v - h).toArray());
          double[] slope =
              IntStream.range(0, x.length)
                  .mapToDouble(i -> (above[i] - below[i]) / (2 * h))
                  .toArray();
          traces.add(Charts.line(name, x, cut(slope, STEEPEST)));
        });
    return Charts.of("Their derivatives", "x", "f′(x)", traces.toArray(Trace[]::new));
  }

  /** Replaces values beyond ±limit by gaps, since they would make all other curves look flat. */
  static double[] cut(double[] values, double limit) {
    return DoubleStream.of(values).map(y -> Math.abs(y) <= limit ? y : Double.NaN).toArray();
  }

  /**
   * Makes the points that functions are drawn at.
   *
   * @param radius x runs from −radius to radius
   * @return 161 points at equal distances
   */
  public static double[] points(double radius) {
    return IntStream.rangeClosed(-80, 80).mapToDouble(i -> radius * i / 80).toArray();
  }

  /**
   * Draws the losses of a search over its epochs, warm start included.
   *
   * @param result the search
   * @return the figure
   */
  public static Figure searchLosses(SearchResult result) {
    long before = result.epochs().stream().filter(SearchResult.Epoch::warmStart).count();
    return Charts.of(
        "Loss during the search, default activation until epoch " + before,
        "epoch",
        "loss, nats",
        losses("weight steps", result, e -> e.train().loss()),
        losses("α steps", result, e -> e.validation().loss()),
        losses("as decided now", result, e -> e.discrete().loss()));
  }

  private static Trace losses(
      String name, SearchResult result, ToDoubleFunction<SearchResult.Epoch> loss) {
    double[] y = result.epochs().stream().mapToDouble(loss).toArray();
    return Charts.line(name, epochs(1, y.length), y);
  }

  private static double[] epochs(int first, int last) {
    return IntStream.rangeClosed(first, last).asDoubleStream().toArray();
  }

  /**
   * Draws how many operations are left over the epochs.
   *
   * @param result the search
   * @return the figure
   */
  public static Figure operationsLeft(SearchResult result) {
    return Charts.of(
        "Operations left",
        "search epoch",
        "operations",
        left("edge u1", result, 0),
        left("vertex b1", result, 2));
  }

  private static Trace left(String name, SearchResult result, int place) {
    return Charts.line(
        name,
        epochs(0, result.epochs().size()),
        DoubleStream.concat(
                DoubleStream.of(result.space().places().get(place).candidates().size()),
                result.epochs().stream().mapToDouble(e -> e.candidates().of(place).size()))
            .toArray());
  }

  /**
   * Draws the weights of all operations over the epochs of a search, as the relaxation makes them
   * of α.
   *
   * @param result the search
   * @return a heat map for each edge and vertex, blank where an operation was dropped
   */
  public static Figure[] alphas(SearchResult result) {
    List<String> epochs =
        IntStream.rangeClosed(0, result.epochs().size()).mapToObj(Integer::toString).toList();
    List<Place> places = result.space().places();
    return IntStream.range(0, places.size())
        .mapToObj(
            p ->
                Charts.heatMap(
                    (places.get(p).operands().size() == 1 ? "edge " : "vertex ")
                        + places.get(p).name(),
                    "search epoch",
                    epochs,
                    places.get(p).candidates().stream().map(Operation::name).toList(),
                    result.weights(p)))
        .toArray(Figure[]::new);
  }

  /**
   * Draws test accuracy over the epochs of trainings.
   *
   * @param runs the trainings
   * @return the figure: the mean over seeds of each activation, and their range
   */
  public static Figure testAccuracy(List<Experiment.Run> runs) {
    return curves("Test accuracy", "accuracy, %", runs, e -> 100 * e.test().accuracy());
  }

  /**
   * Draws test loss over the epochs of trainings.
   *
   * @param runs the trainings
   * @return the figure: the mean over seeds of each activation, and their range
   */
  public static Figure testLoss(List<Experiment.Run> runs) {
    return curves("Test loss", "loss, nats", runs, e -> e.test().loss());
  }

  /**
   * Draws training loss over the epochs of trainings.
   *
   * @param runs the trainings
   * @return the figure: the mean over seeds of each activation, and their range
   */
  public static Figure trainingLoss(List<Experiment.Run> runs) {
    return curves("Training loss", "loss, nats", runs, e -> e.train().loss());
  }

  private static Figure curves(
      String title,
      String unit,
      List<Experiment.Run> runs,
      ToDoubleFunction<Training.Epoch> value) {
    List<Trace> traces = new ArrayList<>();
    List<Trace> bands = new ArrayList<>();
    for (List<Experiment.Run> own : Tables.groups(runs, Experiment.Run::activation)) {
      int epochs = own.get(0).epochs().size();
      for (Experiment.Run run : own) {
        if (run.epochs().size() != epochs) {
          throw new IllegalArgumentException(
              "trainings with %s have %d and %d epochs: plot those of one network at one scale"
                  .formatted(run.activation(), epochs, run.epochs().size()));
        }
      }
      double[] x = epochs(1, epochs);
      double[][] values =
          IntStream.range(0, epochs)
              .mapToObj(e -> own.stream().mapToDouble(r -> value.applyAsDouble(r.epochs().get(e))))
              .map(DoubleStream::toArray)
              .toArray(double[][]::new);
      if (own.size() > 1) {
        String colour = Charts.COLOURS.get(traces.size() % Charts.COLOURS.size());
        double[] low = each(values, DoubleStream::min);
        bands.add(Charts.area("", colour, x, low, each(values, DoubleStream::max)));
      }
      traces.add(Charts.line(own.get(0).activation(), x, each(values, DoubleStream::average)));
    }
    String what = bands.isEmpty() ? title : title + ", mean and range over seeds";
    traces.addAll(bands);
    return Charts.of(what, "epoch", unit, traces.toArray(Trace[]::new));
  }

  private static double[] each(double[][] rows, Function<DoubleStream, OptionalDouble> number) {
    return Arrays.stream(rows)
        .mapToDouble(row -> number.apply(DoubleStream.of(row)).orElseThrow())
        .toArray();
  }
}
