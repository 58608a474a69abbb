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

/**
 * The figures that several notebooks show: of activation functions, of the epochs of a search for
 * an activation function, and of trainings of networks. During its first epochs, the warm start, a
 * search trains the network's weights with the default activation, the one that the network has
 * without a search. Then each activation of the network is a relaxed cell. This is a formula with
 * places for operations: edges for operations of one argument, vertices for operations of two. Each
 * edge and vertex mixes several candidate operations. The mixing weights depend on parameters α,
 * which the search trains too. During the search, candidates of low α are dropped. The function
 * that is found has one operation in each edge and vertex.
 */
public final class Plots {

  /** A derivative is not drawn where its absolute value is larger than this. */
  private static final double STEEPEST = 5;

  private Plots() {}

  /**
   * Draws activation functions, and as a grey area the density of the pre-activations x, the inputs
   * of the activation functions, in the network on which a search ran. A function's form matters
   * where this density is high.
   *
   * @param curves the functions by name; a function is not drawn where its absolute value is larger
   *     than 2·radius
   * @param search the search whose pre-activations are drawn; it recorded them at the end of the
   *     warm start, or before the first epoch if it had no warm start
   * @param radius x runs from −radius to radius
   * @return the figure. The area is scaled: where the density is largest, it is three quarters as
   *     high as the range of the drawn values of the functions. It is 0.75 high if this range has
   *     no height or nothing of the functions is drawn. There is no area if all pre-activations are
   *     far from [−radius, radius]
   */
  public static Figure functions(
      Map<String, Expression> curves, SearchResult search, double radius) {
    double[] x = points(radius);
    List<Trace> traces = new ArrayList<>();
    DoubleStream.Builder drawn = DoubleStream.builder();
    curves.forEach(
        (name, curve) -> {
          double[] y = cut(curve.values(x), 2 * radius);
          DoubleStream.of(y).forEach(drawn);
          traces.add(Charts.line(name, x, y));
        });
    float[] inputs = search.start().inputs();
    KernelDensity kernel =
        new KernelDensity(IntStream.range(0, inputs.length).mapToDouble(i -> inputs[i]).toArray());
    double[] density = DoubleStream.of(x).map(kernel::p).toArray();
    DoubleSummaryStatistics range = Ticks.range(drawn.build());
    double low = range.getMin();
    // If all drawn values are equal, their range has no height; the area is then 0.75 high.
    double height = range.getMax() > low ? range.getMax() - low : 1;
    double unit = 0.75 * height / DoubleStream.of(density).max().orElseThrow();
    // If all pre-activations are far from [−radius, radius], the density underflows to 0 at all
    // points, and no area is drawn.
    if (Double.isFinite(unit)) {
      traces.add(
          Charts.area(
              "density of pre-activations, scaled",
              Charts.GREY,
              x,
              DoubleStream.of(x).map(at -> low).toArray(),
              DoubleStream.of(density).map(p -> low + unit * p).toArray()));
    }
    return Charts.of("Activation functions", "x", "f(x)", traces.toArray(Trace[]::new));
  }

  /**
   * Draws the derivatives of activation functions, approximated by central differences.
   *
   * @param curves the functions by name; a derivative is not drawn where its absolute value is
   *     larger than 5
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

  /**
   * Replaces values whose absolute value is larger than a limit by NaN, which makes a gap in the
   * line. With such values, the vertical axis would be so long that all other curves look flat.
   */
  static double[] cut(double[] values, double limit) {
    return DoubleStream.of(values).map(y -> Math.abs(y) <= limit ? y : Double.NaN).toArray();
  }

  /**
   * Makes the points at which functions are drawn.
   *
   * @param radius the largest point
   * @return 161 equidistant points from −radius to radius
   */
  public static double[] points(double radius) {
    return IntStream.rangeClosed(-80, 80).mapToDouble(i -> radius * i / 80).toArray();
  }

  /**
   * Draws the losses of a search over its epochs, warm start included.
   *
   * @param result the search
   * @return the figure with three lines. A search trains the weights on one part of the training
   *     set and α on the other. "weight steps": the mean loss of an epoch's steps that train the
   *     weights. "α steps": the mean loss of the epoch's steps that train α. "as decided now": the
   *     loss on α's part, after the epoch, of the network in which each edge and vertex has only
   *     its operation of largest α
   */
  public static Figure searchLosses(SearchResult result) {
    long before = result.epochs().stream().filter(SearchResult.Epoch::warmStart).count();
    // A regression has no accuracy; its loss, such as the squared error, is not in nats.
    boolean classes =
        result.epochs().stream().anyMatch(epoch -> !Double.isNaN(epoch.train().accuracy()));
    return Charts.of(
        "Loss during the search, default activation until epoch " + before,
        "epoch",
        classes ? "loss, nats" : "loss",
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
   * Draws how many candidate operations are left, before the search and after each epoch.
   *
   * @param result the search
   * @return the figure with a line for the first edge, u1, and one for the first vertex, b1
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
   * Draws the mixing weights of all operations before a search and after each epoch. If the search
   * draws the mixing weights at random, their means are shown ({@link SearchResult#weights}).
   *
   * @param result the search
   * @return a heat map for each edge and vertex: operations in rows, epochs in columns, blank where
   *     an operation was dropped
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
   * Draws the test accuracy of trainings, in percent, over their epochs.
   *
   * @param runs trainings of one network on one data set
   * @return the figure: for each activation a line, the mean over its seeds, and with two or more
   *     seeds an area from the lowest value to the highest. If one of its trainings diverged, the
   *     activation has no line, since its mean is not defined
   * @throws IllegalArgumentException if trainings with the same activation differ in their number
   *     of epochs
   */
  public static Figure testAccuracy(List<Experiment.Run> runs) {
    return curves("Test accuracy", "accuracy, %", runs, e -> 100 * e.test().accuracy());
  }

  /**
   * Draws the test loss of trainings over their epochs.
   *
   * @param runs trainings of one network on one data set
   * @return the figure, with lines and areas as in {@link #testAccuracy}
   * @throws IllegalArgumentException if trainings with the same activation differ in their number
   *     of epochs
   */
  public static Figure testLoss(List<Experiment.Run> runs) {
    return curves("Test loss", "loss, nats", runs, e -> e.test().loss());
  }

  /**
   * Draws the training loss of trainings over their epochs.
   *
   * @param runs trainings of one network on one data set
   * @return the figure, with lines and areas as in {@link #testAccuracy}
   * @throws IllegalArgumentException if trainings with the same activation differ in their number
   *     of epochs
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
