package grafs.lab;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import grafs.search.ArchitectureParameters;
import grafs.search.SearchResult;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Margin;
import tech.tablesaw.plotly.traces.HeatmapTrace;

/** The figures of the notebooks, as Tablesaw Plotly figures. */
public final class Plots {

  private Plots() {}

  /** A function to be drawn: values at many points at once. */
  @FunctionalInterface
  public interface Curve {

    /** {@return the values at the points} */
    double[] values(double... x);
  }

  /**
   * Draws activation functions.
   *
   * @param curves the functions by name, at most seven
   * @param radius x runs from −radius to radius
   * @return the figure
   */
  public static Figure functions(Map<String, Curve> curves, double radius) {
    double[] x = points(radius);
    Map<String, double[][]> lines = new LinkedHashMap<>();
    curves.forEach((name, curve) -> lines.put(name, new double[][] {x, curve.values(x)}));
    return LineFigure.of("Activation functions", "x", "f(x)", lines);
  }

  /**
   * Draws derivatives of activation functions, as central differences.
   *
   * @param curves the functions by name, at most seven
   * @param radius x runs from −radius to radius
   * @return the figure
   */
  public static Figure derivatives(Map<String, Curve> curves, double radius) {
    double h = 1e-4;
    double[] x = points(radius);
    Map<String, double[][]> lines = new LinkedHashMap<>();
    curves.forEach(
        (name, curve) -> {
          double[] above = curve.values(DoubleStream.of(x).map(v -> v + h).toArray());
          double[] below = curve.values(DoubleStream.of(x).map(v -> v - h).toArray());
          double[] slope =
              IntStream.range(0, x.length)
                  .mapToDouble(i -> (above[i] - below[i]) / (2 * h))
                  .toArray();
          lines.put(name, new double[][] {x, slope});
        });
    return LineFigure.of("Their derivatives", "x", "f′(x)", lines);
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

  private static double[] points(double radius) {
    int n = 241;
    return IntStream.range(0, n).mapToDouble(i -> radius * (2.0 * i / (n - 1) - 1)).toArray();
  }

  /**
   * Draws the losses of a search over its epochs, warm start included.
   *
   * @param result the search
   * @return the figure
   */
  public static Figure searchLosses(SearchResult result) {
    int before = result.warmStart().size();
    double[] all =
        IntStream.rangeClosed(1, before + result.epochs().size()).asDoubleStream().toArray();
    double[] weights =
        DoubleStream.concat(
                result.warmStart().stream().mapToDouble(s -> s.loss()),
                result.epochs().stream().mapToDouble(e -> e.train().loss()))
            .toArray();
    double[] later = DoubleStream.of(all).skip(before).toArray();
    double[] alpha = result.epochs().stream().mapToDouble(e -> e.validation().loss()).toArray();
    Map<String, double[][]> lines = new LinkedHashMap<>();
    lines.put("weight steps", new double[][] {all, weights});
    lines.put("α steps", new double[][] {later, alpha});
    return LineFigure.of(
        "Loss during the search, default activation until epoch " + before,
        "epoch",
        "loss, nats",
        lines);
  }

  /**
   * Draws how many operations are left over the epochs.
   *
   * @param result the search
   * @return the figure
   */
  public static Figure operationsLeft(SearchResult result) {
    double[] x = IntStream.rangeClosed(0, result.epochs().size()).asDoubleStream().toArray();
    Map<String, double[][]> lines = new LinkedHashMap<>();
    lines.put(
        "unary, each edge",
        new double[][] {
          x,
          DoubleStream.concat(
                  DoubleStream.of(result.space().operations().unary().size()),
                  result.epochs().stream().mapToDouble(e -> e.candidates().unary().get(0).size()))
              .toArray()
        });
    lines.put(
        "binary, each vertex",
        new double[][] {
          x,
          DoubleStream.concat(
                  DoubleStream.of(result.space().operations().binary().size()),
                  result.epochs().stream().mapToDouble(e -> e.candidates().binary().get(0).size()))
              .toArray()
        });
    return LineFigure.of("Operations left", "search epoch", "operations", lines);
  }

  /**
   * Draws the weights of all operations over the epochs of a search, a heat map for each edge and
   * vertex: softmax of α over the operations in play, blank where one was dropped. Epoch 0 is the
   * cell as it was fitted to the default.
   *
   * @param result the search
   * @return one figure for each edge, then one for each vertex
   */
  public static Figure[] alphas(SearchResult result) {
    List<Figure> figures = new ArrayList<>();
    List<String> unary = result.space().operations().unary().stream().map(op -> op.name()).toList();
    List<String> binary =
        result.space().operations().binary().stream().map(op -> op.name()).toList();
    for (int e = 0; e < result.space().graph().edges(); e++) {
      int edge = e;
      figures.add(
          heatMap(
              "edge u" + (e + 1),
              unary,
              weights(result, a -> a.unary()[edge], c -> c.candidates().unary().get(edge))));
    }
    for (int v = 0; v < result.space().graph().vertices(); v++) {
      int vertex = v;
      figures.add(
          heatMap(
              "vertex b" + (v + 1),
              binary,
              weights(result, a -> a.binary()[vertex], c -> c.candidates().binary().get(vertex))));
    }
    return figures.toArray(Figure[]::new);
  }

  /** The weights {@code [operations][epochs + 1]}; NaN for dropped operations. */
  private static double[][] weights(
      SearchResult result,
      java.util.function.Function<ArchitectureParameters.Values, float[]> row,
      java.util.function.Function<SearchResult.Epoch, List<Integer>> left) {
    int operations = row.apply(result.start().alpha()).length;
    double[][] weights = new double[operations][result.epochs().size() + 1];
    for (int t = 0; t <= result.epochs().size(); t++) {
      SearchResult.Epoch epoch = t == 0 ? null : result.epochs().get(t - 1);
      float[] alpha = row.apply(t == 0 ? result.start().alpha() : epoch.alpha());
      List<Integer> inPlay =
          t == 0 ? IntStream.range(0, operations).boxed().toList() : left.apply(epoch);
      double largest = inPlay.stream().mapToDouble(o -> alpha[o]).max().orElseThrow();
      double sum = inPlay.stream().mapToDouble(o -> Math.exp(alpha[o] - largest)).sum();
      for (int o = 0; o < operations; o++) {
        weights[o][t] = inPlay.contains(o) ? Math.exp(alpha[o] - largest) / sum : Double.NaN;
      }
    }
    return weights;
  }

  private static Figure heatMap(String title, List<String> operations, double[][] weights) {
    Object[] epochs = IntStream.range(0, weights[0].length).boxed().toArray();
    HeatmapTrace trace = HeatmapTrace.builder(epochs, operations.toArray(), weights).build();
    Layout layout =
        Layout.builder()
            .title(title)
            .height(210 + 16 * operations.size())
            .width(420)
            .margin(Margin.builder().left(110).top(80).bottom(50).right(20).build())
            .xAxis(Axis.builder().title("search epoch").build())
            .yAxis(Axis.builder().autoRange(Axis.AutoRange.REVERSED).build())
            .build();
    return new Figure(layout, trace);
  }

  /**
   * Draws test accuracy over the epochs of several trainings, the mean over seeds of each
   * activation.
   *
   * @param runs the trainings
   * @return the figure
   */
  public static Figure testAccuracy(List<Experiment.Run> runs) {
    return curves("Test accuracy", "accuracy, %", runs, e -> 100 * e.test().accuracy());
  }

  /**
   * Draws test loss over the epochs of several trainings, the mean over seeds of each activation.
   *
   * @param runs the trainings
   * @return the figure
   */
  public static Figure testLoss(List<Experiment.Run> runs) {
    return curves("Test loss", "loss, nats", runs, e -> e.test().loss());
  }

  /**
   * Draws training loss over the epochs of several trainings, the mean over seeds of each
   * activation.
   *
   * @param runs the trainings
   * @return the figure
   */
  public static Figure trainingLoss(List<Experiment.Run> runs) {
    return curves("Training loss", "loss, nats", runs, e -> e.train().loss());
  }

  private static Figure curves(
      String title,
      String unit,
      List<Experiment.Run> runs,
      ToDoubleFunction<Training.Epoch> value) {
    Map<String, double[][]> lines = new LinkedHashMap<>();
    for (String name : runs.stream().map(Experiment.Run::activation).distinct().toList()) {
      List<Experiment.Run> own = runs.stream().filter(r -> r.activation().equals(name)).toList();
      int epochs = own.get(0).epochs().size();
      double[] x = IntStream.rangeClosed(1, epochs).asDoubleStream().toArray();
      double[] y =
          IntStream.range(0, epochs)
              .mapToDouble(
                  e ->
                      own.stream()
                          .mapToDouble(r -> value.applyAsDouble(r.epochs().get(e)))
                          .average()
                          .orElseThrow())
              .toArray();
      lines.put(name, new double[][] {x, y});
    }
    return LineFigure.of(title, "epoch", unit, lines);
  }
}
