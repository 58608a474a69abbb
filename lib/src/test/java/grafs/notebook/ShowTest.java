package grafs.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Printed;
import grafs.train.Progress;
import grafs.train.Score;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.traces.ScatterTrace;

/**
 * Tests {@link Show} outside of a Jupyter kernel, where it prints the text form of tables and
 * figures, and tests the HTML that it would give to a kernel. The tests in {@code environment/test}
 * use real kernels.
 */
class ShowTest {

  private static Figure figure(String title) {
    return new Figure(
        Layout.builder().title(title).build(),
        ScatterTrace.builder(new double[] {1, 2}, new double[] {3, Double.NaN})
            .name("</script>")
            .build());
  }

  private static Figure chart() {
    double[] x = {0, 0.00123456789, 1.123456789, 2};
    return Charts.of("a <chart>", "x", "y", Charts.line("</script> & co.", x, x));
  }

  @Test
  void aStillPictureStandsWhereNoScriptRuns() {
    String html = FigureHtml.row(chart());
    Matcher image =
        Pattern.compile("<img alt=\"a &lt;chart&gt;\"[^>]*base64,([^\"]+)\">").matcher(html);
    assertTrue(image.find(), html);
    assertTrue(image.end() < html.indexOf("<script>"), "the picture is outside the figure's place");
    String svg = new String(Base64.getDecoder().decode(image.group(1)), StandardCharsets.UTF_8);
    assertEquals(new FigureSvg(chart()).document().orElseThrow(), svg);
    assertTrue(html.contains("\"1.12345\""), "a number has more digits than can be seen");
    assertTrue(html.contains("\"0.00123456\""), "a small number lacks some of its six digits");
    assertEquals("[figure: a <chart>]\n", Printed.by(() -> Show.figure(chart())));
    SmallMultiples two = new SmallMultiples("two", 2, List.of(chart(), chart()));
    assertEquals("[figure: two]\n", Printed.by(() -> Show.figure(two)));
  }

  @Test
  void outsideAKernelTheTextIsPrinted() {
    Table table = Table.create("runs", IntColumn.create("seed", new int[] {17}));
    Show.Live live = Show.live();

    assertTrue(Printed.by(() -> Show.table(table)).contains("17"));
    assertEquals("x^2\n", Printed.by(() -> Show.latex("x^2")));
    assertEquals("[figure: \"a\" <b>]\n", Printed.by(() -> Show.figure(figure("\"a\" <b>"))));
    assertEquals(
        "a square\n",
        Printed.by(
            () -> Show.image(new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY), "a square")));
    assertEquals("1 of 2\n", Printed.by(() -> live.update("<i>1</i>", "1 of 2")));
    assertEquals("2 of 2\n", Printed.by(() -> live.update("<i>2</i>", "2 of 2")));
  }

  @Test
  void progressEscapesTheNameOfItsTask() {
    Progress progress = new Progress("f < g", 1, 2, 3, new Score(0.5, Double.NaN, 8));
    String html = ProgressLine.html(progress, "f < g: 1/2 steps");
    assertTrue(
        html.endsWith(
            "value=\"1\" style=\"width:30%;vertical-align:middle\"></progress> f &lt; g: 1/2"
                + " steps"),
        html);
  }

  @Test
  void tablesEscapeTextAndAlignNumbersRight() {
    String html =
        TableHtml.of(
            Table.create(
                "<runs>",
                StringColumn.create("f", "x < 1 & \"y\""),
                DoubleColumn.create("accuracy", 0.5)));

    assertTrue(html.contains("&lt;runs&gt;"), html);
    assertTrue(html.contains("left\">x &lt; 1 &amp; &quot;y&quot;</td>"), html);
    assertTrue(html.contains("right\">0.5</td>"), html);
    assertTrue(html.contains("right\">accuracy</th>"), html);
  }

  @Test
  void longTablesShowTheirFirstAndLastRows() {
    IntColumn row = IntColumn.create("row");
    for (int i = 0; i < 1000; i++) {
      row.append(i);
    }
    String html = TableHtml.of(Table.create("long", row));

    assertTrue(html.contains(">0</td>") && html.contains(">999</td>"), "the ends are missing");
    assertFalse(html.contains(">500</td>"), "the middle is there");
    assertTrue(html.contains("940 more rows"), "what is left out is not said");
    assertEquals(TableHtml.MOST_ROWS + 2, html.split("<tr>", -1).length - 1);
  }

  @Test
  void figuresAreFragmentsOfTheirOwn() {
    String once = FigureHtml.row(figure("a"));
    String again = FigureHtml.row(figure("a"));

    assertNotEquals(once, again, "two figures share an identifier");
    assertEquals(1, once.split("<script>", -1).length - 1);
    assertEquals(1, once.split("</script>", -1).length - 1, "a name ends the script");
    Matcher unfilled = Pattern.compile("@[A-Z_]+@").matcher(once);
    assertFalse(unfilled.find(), "a placeholder of figure.js is left");
    assertTrue(once.length() < 10_000, "a figure carries more than its data");
    assertTrue(FigureHtml.row(figure("a, ]\\")).contains("title: 'a, ]\\\\'"), "'\\' ends no text");
    Figure chart = chart();
    assertEquals(3, FigureHtml.row(chart, chart, chart).split("<script>").length - 1);
  }

  @Test
  void plotlyIsTheReleaseThatTheServerHas() throws Exception {
    String pom = Files.readString(Path.of("..", "pom.xml"));
    assertTrue(
        pom.contains("<plotly.version>" + FigureHtml.PLOTLY_VERSION + "</plotly.version>"),
        "the root pom names another Plotly than FigureHtml");
  }
}
