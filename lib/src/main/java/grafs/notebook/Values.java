package grafs.notebook;

import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import grafs.cell.Expression;
import grafs.nas.SearchResult;
import grafs.run.Experiment;
import grafs.run.FoundActivation;
import grafs.run.FoundComparison;
import grafs.run.KeptSearch;
import grafs.run.KeptTraining;
import grafs.run.Metric;
import grafs.run.TableData;
import grafs.run.ValueDisplay;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/**
 * Renders the value of the last expression of a notebook's cell: tables, figures, functions, the
 * results of searches and trainings, and some types of Java. {@code KernelOutput} finds the running
 * Jupyter kernel, the program that executes the notebook's code, and registers this class with it.
 */
public final class Values implements ValueDisplay {

  /**
   * The types of the values that {@link #of} renders; if a value has several of these types, the
   * last one in the list counts. Values of the types before {@code Expression} are shown as plain
   * text. These types are in the list because the Rapaio kernel would interpret the text of such a
   * value as HTML.
   */
  static final List<Class<?>> TYPES =
      List.of(
          CharSequence.class,
          Block.class,
          Loss.class,
          Collection.class,
          Object[].class,
          double[].class,
          float[].class,
          long[].class,
          int[].class,
          Expression.class,
          SearchResult.class,
          KeptSearch.class,
          KeptTraining.class,
          FoundActivation.class,
          FoundComparison.class,
          TableData.class,
          Table.class,
          Figure.class,
          Figure[].class,
          SmallMultiples.class);

  /** A function is drawn for x from −RADIUS to RADIUS. */
  private static final double RADIUS = 4;

  /** Longer texts are cut after this number of characters. */
  private static final int MOST_LETTERS = 20_000;

  /** For {@link java.util.ServiceLoader}, by which {@code grafs.run} finds this class. */
  public Values() {}

  @Override
  public void register() {
    Show.values();
  }

  /**
   * Renders a value.
   *
   * @param value a value of one of the {@link #TYPES}
   * @return its HTML (for small multiples, SVG) and its text form, by MIME type
   */
  static Map<String, String> of(Object value) {
    if (value instanceof SmallMultiples figures) {
      return Map.of(
          "image/svg+xml", figures.svg(), "text/plain", "[figure: " + figures.title() + "]");
    }
    if (value instanceof Figure figure) {
      return of(new Figure[] {figure});
    }
    String text = text(value);
    return Map.of("text/html", html(value, text), "text/plain", text);
  }

  private static String text(Object value) {
    if (value instanceof Table table) {
      return table.print(TableHtml.MOST_ROWS).stripTrailing();
    }
    if (value instanceof Figure[] figures) {
      return Arrays.stream(figures).map(FigureHtml::inWords).collect(Collectors.joining("\n"));
    }
    if (value instanceof Expression function) {
      return "f(x) = " + function.text();
    }
    if (value instanceof Object[] array) {
      return text(Arrays.asList(array));
    }
    Stream<?> lines = value instanceof Collection<?> all ? all.stream() : Stream.of(value);
    String text = lines.limit(MOST_LETTERS).map(Values::line).collect(Collectors.joining("\n"));
    // The text is cut, since the notebook file stores the whole output of a cell.
    return text.length() > MOST_LETTERS ? text.substring(0, MOST_LETTERS) + " …" : text;
  }

  /** {@return an object as text; arrays, also nested ones, are written in brackets} */
  private static String line(Object value) {
    String array = Arrays.deepToString(new Object[] {value});
    return array.substring(1, array.length() - 1);
  }

  private static String html(Object value, String text) {
    if (value instanceof Table table) {
      return TableHtml.of(table);
    }
    if (value instanceof Figure[] figures) {
      return FigureHtml.row(figures);
    }
    if (value instanceof FoundComparison compared) {
      return TableHtml.of(compared.table()) + "<div>" + Svg.escape(compared.protocol()) + "</div>";
    }
    if (value instanceof TableData data) {
      StringColumn inputs = StringColumn.create("input", data.inputNames());
      return TableHtml.of(Table.create(data.toString(), inputs));
    }
    if (value instanceof KeptTraining kept) {
      boolean loss = kept.header().config().model().family().metric() == Metric.LOSS;
      List<Experiment.Run> run = List.of(kept.run());
      return beside(loss ? Plots.testLoss(run) : Plots.testAccuracy(run), text);
    }
    Expression function = function(value);
    return function == null ? "<pre>" + Svg.escape(text) + "</pre>" : beside(curve(function), text);
  }

  /**
   * {@return the activation function that is drawn for a value: the value itself if it is a
   * function, or the function found if the value is the result of a search; null for any other
   * value}
   */
  private static Expression function(Object value) {
    if (value instanceof KeptSearch kept) {
      return kept.result().found();
    }
    if (value instanceof FoundActivation found) {
      return found.function();
    }
    if (value instanceof SearchResult search) {
      return search.found();
    }
    return value instanceof Expression function ? function : null;
  }

  private static Figure curve(Expression function) {
    double[] x = Plots.points(RADIUS);
    double[] y = Plots.cut(function.values(x), 2 * RADIUS);
    return Charts.of("f(x)", "x", "f(x)", Charts.line("f", x, y));
  }

  /** {@return HTML of a figure's static picture with lines of text beside it} */
  private static String beside(Figure picture, String lines) {
    return "<div style=\"display:flex;align-items:center;flex-wrap:wrap\"><div style=\"width:320px\">%s</div><div style=\"white-space:pre-line\">%s</div></div>"
        .formatted(FigureHtml.image(picture), Svg.escape(lines));
  }
}
