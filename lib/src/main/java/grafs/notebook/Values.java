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

/** Renders a value that is the last expression of a notebook's cell. */
public final class Values implements ValueDisplay {

  /**
   * The types whose values are shown by {@link #of}, in HTML and as text; if a value has several of
   * them, the later one counts. The first ones are shown as plain text; they are here because the
   * Rapaio kernel would interpret their text as HTML.
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

  /** A curve is drawn for x from −RADIUS to RADIUS. */
  private static final double RADIUS = 4;

  /** The longest text that is shown whole, in characters. */
  private static final int MOST_LETTERS = 20_000;

  /** Made by {@link java.util.ServiceLoader}. */
  public Values() {}

  @Override
  public void register() {
    Show.values();
  }

  /**
   * Shows a value.
   *
   * @param value of one of the {@link #TYPES}
   * @return the content by MIME type
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
    // Cut, since the notebook's file keeps what a cell shows.
    return text.length() > MOST_LETTERS ? text.substring(0, MOST_LETTERS) + " …" : text;
  }

  /** An array of numbers, or of such arrays, is written in brackets. */
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
      return TableHtml.of(compared.table()) + "<div>" + compared.protocol() + "</div>";
    }
    if (value instanceof TableData data) {
      return TableHtml.of(inputs(data));
    }
    if (value instanceof KeptTraining kept) {
      boolean loss = kept.header().config().model().family().metric() == Metric.LOSS;
      List<Experiment.Run> run = List.of(kept.run());
      return beside(loss ? Plots.testLoss(run) : Plots.testAccuracy(run), text);
    }
    Expression function = function(value);
    return function == null ? "<pre>" + Svg.escape(text) + "</pre>" : beside(curve(function), text);
  }

  private static Table inputs(TableData data) {
    List<String> names = data.inputNames();
    return Table.create(
        data.toString(),
        StringColumn.create("input", names),
        Tables.texts("of", names, n -> n.contains("=") ? "a text, 0 or 1" : "a number"));
  }

  /** The function that a value is, or that it found; null where there is none. */
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

  /** A picture beside lines of text. */
  private static String beside(Figure picture, String lines) {
    return "<div style=\"display:flex;align-items:center;flex-wrap:wrap\"><div style=\"width:320px\">%s</div><div style=\"white-space:pre-line\">%s</div></div>"
        .formatted(FigureHtml.image(picture), Svg.escape(lines));
  }
}
