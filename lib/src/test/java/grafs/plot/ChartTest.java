package grafs.plot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.plot.Chart.Axis;
import grafs.plot.Chart.Ground;
import grafs.plot.Chart.Line;
import grafs.plot.Chart.Points;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ChartTest {

  private static final double[] X = {0, 1, 2};

  private static Document parse(Picture picture) throws Exception {
    byte[] svg = picture.svg().getBytes(StandardCharsets.UTF_8);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg));
  }

  private static List<String> texts(Document svg) {
    NodeList nodes = svg.getElementsByTagName("text");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }

  private static Chart chart(Chart.Layer... layers) {
    return new Chart("Loss & <more>", Axis.of("epoch"), Axis.of("loss, nats"), List.of(layers));
  }

  @Test
  void aDrawingNamesItsAxesAndLines() throws Exception {
    Document svg =
        parse(
            chart(
                new Ground("density", X, new double[] {0, 1, 0}),
                new Line("ReLU", X, new double[] {3, 2, 1}),
                new Points("found", X, X, List.of("a", "b", "c"))));
    List<String> texts = texts(svg);
    for (String text :
        List.of("Loss & <more>", "epoch", "loss, nats", "density", "ReLU", "found")) {
      assertTrue(texts.contains(text), text + " is not in " + texts);
    }
    assertTrue(texts.containsAll(List.of("0.0", "0.5", "2.0", "0", "3")), "ticks: " + texts);
  }

  @Test
  void aLineGoesThroughItsPointsAndHasGaps() {
    String svg =
        chart(new Line("f", new double[] {0, 1, 2, 3}, new double[] {0, 1, Double.NaN, 1})).svg();
    // From 62 to 542 pixels across and from 324 to 54 up, with a margin of 4 % of the range.
    Scaled x = new Scaled(Axis.of("x"), new double[] {0, 3}, 62, 542);
    Scaled y = new Scaled(Axis.of("y"), new double[] {0, 1}, 324, 54);
    String path =
        "M%s %sL%s %sM%s %s"
            .formatted(
                Svg.number(x.at(0)),
                Svg.number(y.at(0)),
                Svg.number(x.at(1)),
                Svg.number(y.at(1)),
                Svg.number(x.at(3)),
                Svg.number(y.at(1)));
    assertTrue(svg.contains("\"" + path + "\""), path + " is not in " + svg);
  }

  @Test
  void axesHaveRoundTicks() {
    Scaled plain = new Scaled(Axis.of("y"), new double[] {0, 1}, 0, 104);
    assertArrayEquals(new double[] {0, 0.2, 0.4, 0.6, 0.8, 1}, plain.ticks(), 1e-12);
    assertEquals("0.4", plain.label(plain.ticks()[2]));
    assertEquals(4 / 1.08 * 1.04, plain.at(0), 1e-9);
    Scaled wide = new Scaled(Axis.of("y"), new double[] {-2000, 3000}, 0, 100);
    assertEquals("−1000", wide.label(-1000));
    Scaled powers = new Scaled(new Axis("error", true), new double[] {1e-8, 10}, 0, 100);
    assertArrayEquals(new double[] {1e-8, 1e-6, 1e-4, 1e-2, 1}, powers.ticks(), 1e-12);
    assertEquals("1e-6", powers.label(1e-6));
    assertEquals(0, powers.at(0), "what a logarithmic axis has no place for is at its end");
  }

  @Test
  void bandsReachOverTheirRange() {
    Line line = new Line("f", X, X, new double[] {-5, 0, 1}, new double[] {1, 2, 9});
    assertArrayEquals(new double[] {-5, 9}, chart(line).range(false));
    assertEquals(2, chart(line).figure().getTraces().length, "a band and a line");
    assertTrue(chart(line).svg().contains("fill-opacity=\"0.2\""));
  }

  @Test
  void theFigureHoldsTheSameNumbers() {
    String script =
        chart(
                new Line("ReLU", X, new double[] {3.25, 2, 1}),
                new Points("p", X, X, List.of("a", "b", "c")))
            .figure()
            .asJavascript("target");
    assertTrue(script.contains("3.25") && script.contains("loss, nats"), script);
  }

  @Test
  void moreLinesThanColoursAreRefused() {
    List<Chart.Layer> eight = Collections.nCopies(8, new Line("f", X, X));
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Chart("many", Axis.of("x"), Axis.of("y"), eight))
            .getMessage();
    assertTrue(said.contains("1 to 7 lines, not 8"), said);
  }

  @Test
  void aHeatTableHasAPixelForEachNumberAndNamesItsRows() throws Exception {
    HeatTable table =
        new HeatTable(
            "weights",
            "epoch",
            List.of("0", "1"),
            List.of("max0", "tanh"),
            new double[][] {{0, 1}, {0.5, Double.NaN}});
    Document svg = parse(table);
    assertTrue(texts(svg).containsAll(List.of("weights", "epoch", "max0", "tanh", "0", "1")));
    Element image = (Element) svg.getElementsByTagName("image").item(0);
    byte[] png =
        java.util.Base64.getDecoder().decode(image.getAttribute("href").replaceFirst(".*,", ""));
    java.awt.image.BufferedImage pixels = javax.imageio.ImageIO.read(new ByteArrayInputStream(png));
    assertEquals(0x440154, pixels.getRGB(0, 0) & 0xFFFFFF, "the least is dark");
    assertEquals(0xFDE725, pixels.getRGB(1, 0) & 0xFFFFFF, "the largest is light");
    assertEquals(0x21918C, pixels.getRGB(0, 1) & 0xFFFFFF, "the middle");
    assertEquals(0xFFFFFF, pixels.getRGB(1, 1) & 0xFFFFFF, "what is not there is blank");
    assertThrows(
        IllegalArgumentException.class,
        () -> new HeatTable("t", "x", List.of("a"), List.of("b"), new double[][] {{1, 2}}));
  }
}
