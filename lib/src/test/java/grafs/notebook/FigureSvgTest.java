package grafs.notebook;

import static java.util.Collections.frequency;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.traces.HistogramTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;

/**
 * Tests {@link FigureSvg}, which draws a figure as SVG, {@link SmallMultiples}, which draws many
 * small figures in one picture, and {@link Ticks}, the round values at an axis. The tests parse the
 * SVG and check its elements.
 */
class FigureSvgTest {

  private static final double[] X = {0, 1, 2};

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static Document drawn(Figure figure) throws Exception {
    return parse(new FigureSvg(figure).document().orElseThrow());
  }

  /** {@return all elements of a name inside a document or an element} */
  private static List<Element> elements(Object parent, String name) {
    NodeList nodes =
        parent instanceof Document document
            ? document.getElementsByTagName(name)
            : ((Element) parent).getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static List<String> texts(Document svg) {
    return elements(svg, "text").stream().map(Element::getTextContent).toList();
  }

  /**
   * {@return the paths of the lines and areas of the first figure in the document} They are in a
   * nested SVG element; the paths of the grid and the legend are outside of it.
   */
  private static List<Element> curves(Document svg) {
    return elements(elements(svg, "svg").get(1), "path");
  }

  @Test
  void aDrawingNamesItsAxesAndTraces() throws Exception {
    Document svg =
        drawn(
            Charts.of(
                "Loss & <\"more\">, ]\\",
                "epoch's",
                "loss, nats",
                Charts.line("ReLU <1>", X, new double[] {3, 2, 1}),
                Charts.area("density", Charts.GREY, X, new double[3], X),
                Charts.points("found", X, X, List.of("a", "\"b's\" & c, }\\", "d}"))));
    List<String> texts = texts(svg);
    for (String text :
        List.of(
            "Loss & <\"more\">, ]\\", "epoch's", "loss, nats", "density", "ReLU <1>", "found")) {
      assertTrue(texts.contains(text), text + " is not in " + texts);
    }
    assertTrue(texts.containsAll(List.of("0.0", "0.5", "2.0", "3")), "ticks: " + texts);
    List<Element> labels = elements(svg, "title");
    assertEquals("\"b's\" & c, }\\", labels.get(labels.size() - 2).getTextContent());
  }

  @Test
  void aLineGoesThroughItsPointsAndHasGaps() throws Exception {
    double[] x = {0, 1, 2, 3};
    double[] y = {0, 1, Double.NaN, 1};
    Element line = curves(drawn(Charts.of("t", "x", "y", Charts.line("f", x, y)))).get(0);
    // The axes enclose 480 × 270 pixels, and extend the range of the values by 4 % on each side.
    assertEquals("M17.8 260L165.9 10M462.2 10", line.getAttribute("d"));
    assertEquals(Charts.COLOURS.get(0), line.getAttribute("stroke"));
  }

  @Test
  void aLineWithoutAColourHasThePalettes() throws Exception {
    Figure wide =
        new Figure(
            ScatterTrace.builder(X, X)
                .mode(ScatterTrace.Mode.LINE)
                .line(Line.builder().width(3).build())
                .build());
    assertEquals(Charts.COLOURS.get(0), curves(drawn(wide)).get(0).getAttribute("stroke"));
  }

  @Test
  void theLegendLeavesOutWhatIsNotToBeShownInIt() throws Exception {
    ScatterTrace hidden = ScatterTrace.builder(X, X).name("hidden").showLegend(false).build();
    ScatterTrace named = ScatterTrace.builder(X, X).name("named").build();
    List<String> said = texts(drawn(Charts.of("t", "x", "y", hidden, named)));
    assertTrue(said.contains("named") && !said.contains("hidden"), "" + said);
    Layout none = Layout.builder().showLegend(false).build();
    said = texts(drawn(new Figure(none, named)));
    assertFalse(said.contains("named"), "" + said);
  }

  @Test
  void areasAreFilledAndTakePartInTheRange() throws Exception {
    double[] low = {-5, 0, 1};
    double[] high = {1, 2, 9};
    Document svg =
        drawn(
            Charts.of(
                "t", "x", "y", Charts.line("f", X, X), Charts.area("", "#123456", X, low, high)));
    assertTrue(texts(svg).containsAll(List.of("−5", "5")), "ticks: " + texts(svg));
    assertEquals("none", curves(svg).get(0).getAttribute("fill"));
    assertEquals("#123456", curves(svg).get(1).getAttribute("fill"));
  }

  @Test
  void whatLeavesAPanelIsDrawnJustOutside() throws Exception {
    Figure panel =
        Charts.panel("steep<br>note", 1, 1, Charts.line("f", X, new double[] {0, 1e30, 0}));
    Document svg = parse(new SmallMultiples("one", 2, List.of(panel)).svg());
    assertTrue(texts(svg).containsAll(List.of("steep", "note", "one", "f")));
    double height = Double.parseDouble(elements(svg, "svg").get(1).getAttribute("height"));
    String path = curves(svg).get(0).getAttribute("d");
    double top = Double.parseDouble(path.split("[ L]")[3]);
    assertEquals(-height, top, 0.2, path);
  }

  @Test
  void axesHaveRoundTicks() {
    Ticks plain = new Ticks(-0.04, 1.04, 6);
    assertArrayEquals(new double[] {0, 0.2, 0.4, 0.6, 0.8, 1}, plain.values(), 1e-12);
    assertEquals("0.4", plain.label(plain.values()[2]));
    assertEquals(0.04 / 1.08, plain.share(0), 1e-12);
    assertArrayEquals(new double[] {-4, -2, 0, 2, 4}, new Ticks(-4, 4, 4).values(), 1e-12);
    assertEquals("−1000", new Ticks(-2000, 3000, 6).label(-1000));
  }

  @Test
  void aHeatMapHasAPixelForEachNumberAndNamesItsRows() throws Exception {
    Figure map =
        Charts.heatMap(
            "weights",
            "epoch",
            List.of("0", "1"),
            List.of("max0", "tanh"),
            new double[][] {{0, 1}, {0.5, Double.NaN}});
    Document svg = drawn(map);
    assertTrue(texts(svg).containsAll(List.of("weights", "epoch", "max0", "tanh", "0", "1")));
    String image = elements(svg, "image").get(0).getAttribute("href");
    byte[] png = Base64.getDecoder().decode(image.replaceFirst(".*,", ""));
    BufferedImage pixels = ImageIO.read(new ByteArrayInputStream(png));
    assertEquals(0x440154, pixels.getRGB(0, 0) & 0xFFFFFF, "the least is dark");
    assertEquals(0xFDE725, pixels.getRGB(1, 0) & 0xFFFFFF, "the largest is light");
    assertEquals(0x21918C, pixels.getRGB(0, 1) & 0xFFFFFF, "the middle");
    assertEquals(0xFFFFFF, pixels.getRGB(1, 1) & 0xFFFFFF, "what is not there is blank");
  }

  @Test
  void theColourBarNamesWholeNumbersWhole() throws Exception {
    List<String> two = List.of("a", "b");
    double[][] values = {{0.5, 100}, {50, 250}};
    List<String> said = texts(drawn(Charts.heatMap("m", "x", two, two, values)));
    assertTrue(said.containsAll(List.of("0.5", "250")), "" + said);
  }

  /**
   * If the names of all rows do not fit, only some of them are drawn. The loop that draws them must
   * end even if the heat map has a single row that is less high than the font.
   */
  @Test
  void aLowHeatMapOfOneRowIsDrawn() throws Exception {
    List<String> row = List.of("row");
    Figure map = Charts.heatMap("m", "x", List.of("a"), row, new double[][] {{1}});
    SmallMultiples many = new SmallMultiples("t", 20, List.of(map, map));
    FigureSvg.Frame low = new FigureSvg.Frame(0, 0, 5, 5, 4, 9);
    assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> new FigureSvg(map).draw(new Svg(), low, true, true));
    assertTrue(texts(parse(many.svg())).containsAll(List.of("t", "m", "a", "row")));
  }

  @Test
  void panelsHaveRoomForTheirTitles() throws Exception {
    Figure panel = Charts.of("a title", "x", "y", Charts.line("f", X, X));
    assertTrue(texts(parse(new SmallMultiples("t", 20, List.of(panel)).svg())).contains("a t"));
    assertThrows(IllegalArgumentException.class, () -> new SmallMultiples("t", 21, List.of(panel)));
  }

  @Test
  void panelsWithAxesOfTheirOwnHaveTheirOwnNumbers() throws Exception {
    double[] far = {1000, 1001, 1002};
    Figure right = Charts.of("right", "x", "y", Charts.line("f", far, X));
    Figure left = Charts.of("left", "x", "y", Charts.line("f", X, X));
    List<Figure> four = List.of(right, left, left, left);
    List<String> numbers = texts(parse(new SmallMultiples("four", 2, four).svg()));
    assertTrue(numbers.contains("1001"), "" + numbers);
    Figure own = Charts.panel("own", 1000, 1.5, Charts.line("f", X, X));
    Figure panel = Charts.panel("panel", 4, 1.5, Charts.line("f", X, X));
    numbers = texts(parse(new SmallMultiples("two", 1, List.of(own, panel)).svg()));
    assertTrue(numbers.contains("1000"), "" + numbers);
    numbers = texts(parse(new SmallMultiples("alike", 1, List.of(panel, panel)).svg()));
    assertEquals(1, frequency(numbers, "4"), "" + numbers);
    Figure low = Charts.of("low", "x", "y", Charts.line("f", X, new double[] {0, 1, 2}));
    Figure high = Charts.of("high", "x", "y", Charts.line("f", X, new double[] {0, 100, 200}));
    List<String> said = texts(parse(new SmallMultiples("two", 2, List.of(low, high)).svg()));
    assertTrue(said.containsAll(List.of("2", "200")), "" + said);
  }

  @Test
  void whatCannotBeDrawnHasNoPicture() {
    Figure histogram = new Figure(HistogramTrace.builder(X).build());
    assertEquals(Optional.empty(), new FigureSvg(histogram).document());
    assertEquals("", ParsedFigure.of(histogram).title());
    Figure dates =
        new Figure(
            ScatterTrace.builder(
                    StringColumn.create("x", "2026-01-31"), DoubleColumn.create("y", 1))
                .build());
    assertEquals(Optional.empty(), new FigureSvg(dates).document());
    Axis logarithmic = Axis.builder().type(Axis.Type.LOG).build();
    Layout layout = Layout.builder().yAxis(logarithmic).build();
    assertEquals(
        Optional.empty(), new FigureSvg(new Figure(layout, Charts.line("f", X, X))).document());
    Axis days = Axis.builder().type(Axis.Type.DATE).range("2026-01-01", "2026-02-01").build();
    Layout fixed = Layout.builder().xAxis(days).build();
    assertEquals(
        Optional.empty(), new FigureSvg(new Figure(fixed, Charts.line("f", X, X))).document());
  }

  @Test
  void aPanelThatCannotBeDrawnIsRefused() {
    Layout layout = Layout.builder().title("counts").build();
    Figure histogram = new Figure(layout, HistogramTrace.builder(X).build());
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> new SmallMultiples("t", 1, List.of(histogram)))
            .getMessage();
    assertTrue(said.contains("the panel 'counts' cannot be drawn"), said);
  }

  /** Before a training diverges, its loss may be huge and constant, or not finite. */
  @Test
  void hugeEqualNumbersAndNumbersThatAreNotFiniteAreDrawn() throws Exception {
    double[] huge = {1e20, 1e20, 1e20};
    Element line =
        assertTimeoutPreemptively(
            Duration.ofSeconds(10),
            () -> curves(drawn(Charts.of("t", "x", "y", Charts.line("f", X, huge)))).get(0));
    assertEquals("M17.8 135L240 135L462.2 135", line.getAttribute("d"));
    double[] gap = {0, Double.NaN, 2};
    line = curves(drawn(Charts.of("t", "x", "y", Charts.line("f", gap, X)))).get(0);
    assertEquals("M17.8 260M462.2 10", line.getAttribute("d"));
  }

  @Test
  void smallMultiplesHaveAPanelEachAndNoIdentifiersThatCouldMeetInAPage() throws Exception {
    Figure curves = Charts.panel("a < b & \"c\"", 4, 1.5, Charts.line("f", X, X));
    String text = new SmallMultiples("<f>", 2, List.of(curves, curves, curves)).svg();
    Document svg = parse(text);
    assertEquals(1 + 3, elements(svg, "svg").size());
    assertEquals("<f>", svg.getDocumentElement().getAttribute("aria-label"));
    assertTrue(texts(svg).contains("a < b & \"c\""));
    assertFalse(text.contains(" id=") || text.contains("<style"), text);
    assertThrows(IllegalArgumentException.class, () -> new SmallMultiples("", 3, List.of()));
  }
}
