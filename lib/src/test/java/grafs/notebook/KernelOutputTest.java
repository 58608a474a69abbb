package grafs.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Expression;
import grafs.run.FoundComparison;
import grafs.run.TableData;
import grafs.train.Score;
import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/**
 * Tests how {@link KernelOutput} finds the running Jupyter kernel, the process that executes the
 * cells of a notebook, and shows values through it. No kernel runs: {@link BaseKernel}, a class of
 * these tests, replaces the class of that name of the kernel JJava.
 */
class KernelOutputTest {

  @AfterEach
  void stop() {
    BaseKernel.running = null;
  }

  @Test
  void aKernelOnTheClassPathThatDoesNotRunIsNone() {
    assertSame(Output.CONSOLE, KernelOutput.find());
  }

  @Test
  void displaysAndUpdatesReachTheRunningKernel() {
    BaseKernel.running = new BaseKernel();
    Output output = KernelOutput.find();

    output.show("a", Map.of("text/plain", "1 of 2"), false);
    output.show("a", Map.of("text/plain", "2 of 2"), true);

    assertEquals(
        List.of("display a {text/plain=1 of 2}", "update a {text/plain=2 of 2}"),
        BaseKernel.running.log);
  }

  @Test
  void namesInAComparisonOrATableAreEscaped() {
    FoundComparison.Side side =
        new FoundComparison.Side("<i>", 0.1, true, List.of(new Score(1, 0.5, 8)), 1);
    FoundComparison.Side found = new FoundComparison.Side("found", 0.1, false, side.scores(), 1);
    FoundComparison compared =
        new FoundComparison(
            "x", false, found, side, List.of(1L), new FoundComparison.Rows(8, 8, 8));
    String html = Values.of(compared).get("text/html");
    assertTrue(html.contains("the rate of &lt;i&gt; is") && !html.contains("<i>"), html);
    Table table =
        Table.create(
            "t",
            DoubleColumn.create("a<b=c", 1, 2, 3, 4, 5),
            DoubleColumn.create("y", 1, 2, 3, 4, 6));
    assertEquals(
        TableHtml.of(
            Table.create(
                TableData.of(table, "y").toString(), StringColumn.create("input", "a<b=c"))),
        Values.of(TableData.of(table, "y")).get("text/html"));
  }

  @Test
  void aValueThatStandsAloneIsShownAsHtml() {
    BaseKernel.running = new BaseKernel();
    KernelOutput.find();
    Expression silu = Expression.parse("silu(x)");
    Map<String, Object> function = BaseKernel.running.renderer.render(silu);
    assertEquals("f(x) = " + silu.text(), function.get("text/plain"));
    assertTrue(function.get("text/html").toString().contains("<img alt=\"f(x)\""), "" + function);

    Table table = Table.create("runs", IntColumn.create("seed", new int[] {17}));
    assertEquals(TableHtml.of(table), BaseKernel.running.renderer.render(table).get("text/html"));
    assertEquals(
        Map.of("text/html", "<pre>a &lt;b&gt;\n2</pre>", "text/plain", "a <b>\n2"),
        BaseKernel.running.renderer.render(List.of("a <b>", 2)));
    assertEquals(
        "[1.0, 2.0]", BaseKernel.running.renderer.render(new double[] {1, 2}).get("text/plain"));
    assertEquals(
        "[1.0]\n[2.0, 3.0]",
        BaseKernel.running.renderer.render(new double[][] {{1}, {2, 3}}).get("text/plain"));
    String large =
        BaseKernel.running.renderer.render(new long[1_000_000]).get("text/plain").toString();
    assertTrue(large.endsWith(" …") && large.length() < 30_000, "" + large.length());
    Map<String, Object> figures =
        BaseKernel.running.renderer.render(
            new Figure[] {Charts.panel("one", 4, 4), Charts.panel("two", 4, 4)});
    assertEquals("[figure: one]\n[figure: two]", figures.get("text/plain"));
    Map<String, Object> picture =
        BaseKernel.running.renderer.render(
            new SmallMultiples("one", 1, List.of(Charts.panel("empty", 4, 4))));
    assertTrue(picture.get("image/svg+xml").toString().startsWith("<svg"), "" + picture.keySet());
  }
}
