package grafs.notebook;

import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import grafs.cell.Expression;
import grafs.nas.SearchResult;
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

/** What a cell shows when a value stands alone at its end. */
public final class Values implements ValueDisplay {

  /** Values without a picture are shown as text, which the Rapaio kernel would take for HTML. */
  private static final List<Class<?>> TEXTS =
      List.of(
          CharSequence.class,
          Block.class,
          Loss.class,
          Collection.class,
          Object[].class,
          double[].class,
          float[].class,
          long[].class,
          int[].class);

  /**
   * The types whose values are shown by {@link #of}, in HTML and as text; of two that a value has,
   * the later one counts.
   */
  static final List<Class<?>> TYPES =
      Stream.of(
              TEXTS,
              List.<Class<?>>of(
                  Displayable.class,
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
                  SmallMultiples.class))
          .<Class<?>>flatMap(List::stream)
          .toList();

  /** x runs from minus this to this in a curve. */
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
    if (value instanceof Table table) {
      return Show.content(table);
    }
    if (value instanceof SmallMultiples figures) {
      return Show.content(figures);
    }
    if (value instanceof Figure figure) {
      return Show.content(figure);
    }
    if (value instanceof Figure[] figures) {
      return Show.content(figures);
    }
    if (TEXTS.stream().anyMatch(type -> type.isInstance(value))) {
      String text = text(value);
      return Map.of("text/html", "<pre>" + Svg.escape(text) + "</pre>", "text/plain", text);
    }
    String text = value instanceof Expression f ? "f(x) = " + f.text() : value.toString();
    return Map.of("text/html", html(value, text), "text/plain", text);
  }

  /** A list or an array of objects has a line for each. */
  private static String text(Object value) {
    Collection<?> all =
        value instanceof Collection<?> list
            ? list
            : value instanceof Object[] array ? Arrays.asList(array) : null;
    if (all != null) {
      return cut(
          all.stream().limit(MOST_LETTERS).map(Values::line).collect(Collectors.joining("\n")));
    }
    return cut(line(value));
  }

  /** An array of numbers, or of such arrays, is written in brackets. */
  private static String line(Object value) {
    String array = Arrays.deepToString(new Object[] {value});
    return array.substring(1, array.length() - 1);
  }

  /** A notebook keeps what a cell shows, so a long text is not shown whole. */
  private static String cut(String text) {
    return text.length() > MOST_LETTERS ? text.substring(0, MOST_LETTERS) + " …" : text;
  }

  private static String html(Object value, String text) {
    if (value instanceof Displayable own) {
      return own.toHtml();
    }
    if (value instanceof FoundComparison compared) {
      return TableHtml.of(compared.table()) + "<div>" + compared.protocol() + "</div>";
    }
    if (value instanceof TableData data) {
      return TableHtml.of(inputs(data));
    }
    return beside(FigureHtml.image(picture(value)), text);
  }

  private static Table inputs(TableData data) {
    List<String> names = data.inputNames();
    return Table.create(
        data.toString(),
        StringColumn.create("input", names),
        StringColumn.create(
            "of",
            names.stream().map(n -> n.contains("=") ? "a text, 0 or 1" : "a number").toList()));
  }

  private static Figure picture(Object value) {
    if (value instanceof KeptTraining kept) {
      return kept.header().config().model().family().metric() == Metric.LOSS
          ? Plots.testLoss(List.of(kept.run()))
          : Plots.testAccuracy(List.of(kept.run()));
    }
    Expression function =
        value instanceof KeptSearch kept
            ? kept.result().found()
            : value instanceof FoundActivation found
                ? found.function()
                : value instanceof SearchResult search ? search.found() : (Expression) value;
    double[] x = Plots.points(RADIUS);
    double[] y = Plots.cut(function.values(x), 2 * RADIUS);
    return Charts.of("f(x)", "x", "f(x)", Charts.line("f", x, y));
  }

  /** A picture beside lines of text. */
  private static String beside(String image, String lines) {
    return "<div style=\"display:flex;align-items:center;flex-wrap:wrap\"><div style=\"width:320px\">%s</div><div style=\"white-space:pre-line\">%s</div></div>"
        .formatted(image, Svg.escape(lines));
  }
}
