package grafs.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.plot.SmallMultiples.Curves;
import grafs.plot.SmallMultiples.HeatMap;
import grafs.plot.SmallMultiples.Line;
import grafs.plot.SmallMultiples.Panel;
import grafs.plot.SmallMultiples.Stroke;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class SmallMultiplesTest {

  private static String path(double limit, double... y) {
    return new CurvePath(y, limit, 0, 0, 100, 100).text();
  }

  private static Document parse(SmallMultiples figure) throws Exception {
    byte[] svg = figure.svg().getBytes(StandardCharsets.UTF_8);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg));
  }

  @Test
  void curvesKeepOnlyThePointsWhereTheyBend() {
    assertEquals("M0 50L50 50L100 0", path(1, 0, 0, 0, 0.5, 1));
  }

  @Test
  void curvesAreCutWhereTheyLeaveTheBox() {
    // From 0 to 4 within one step of 100 pixels: 1 is reached after 25 of them.
    assertEquals("M0 50L25 0", path(1, 0, 4));
    assertEquals("M37.5 100L62.5 0", path(1, -4, 4));
    assertEquals("", path(1, 2, 3, 2));
    assertEquals("M0 50L12.5 0M87.5 0L100 50", path(1, 0, 4, 0));
  }

  @Test
  void curvesHaveGapsWhereTheyAreNotFinite() {
    assertEquals("M0 50L25 50M75 50L100 50", path(1, 0, 0, Double.NaN, 0, 0));
  }

  @Test
  void coloursGoFromBlueBelowThroughWhiteToVermilion() {
    BufferedImage image = Diverging.image(new double[][] {{-3, -1, 0}, {0.5, 1, 9}}, 1);
    int[][] below = {{0x0072B2, 0x0072B2, 0xFFFFFF}, {0xEAAF80, 0xD55E00, 0xD55E00}};
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 3; column++) {
        assertEquals(
            below[row][column],
            image.getRGB(column, 1 - row) & 0xFFFFFF,
            "row " + row + ", column " + column);
      }
    }
  }

  @Test
  void everyPanelIsDrawnAndTextIsEscaped() throws Exception {
    Line line = new Line(Stroke.MAIN, new double[] {0, 1});
    Panel curves = new Curves("a < b & \"c\"", "σ(x)", 4, 1.5, List.of(line, line));
    Document curvesDocument =
        parse(new SmallMultiples("<f>", List.of(), 2, List.of(curves, curves, curves)));
    // Two for the grid and two curves in each.
    assertEquals(3 * 4, curvesDocument.getElementsByTagName("path").getLength());
    assertEquals("<f>", curvesDocument.getDocumentElement().getAttribute("aria-label"));
    assertTrue(curvesDocument.getDocumentElement().getTextContent().contains("a < b & \"c\""));

    Panel map = new HeatMap("map", "", 5, 1, new double[][] {{0, 1}, {1, 0}});
    Document maps = parse(new SmallMultiples("maps", List.of(), 1, List.of(map, map)));
    assertEquals(2 + 1, maps.getElementsByTagName("image").getLength(), "two and the colour bar");
  }

  @Test
  void picturesHaveNoIdentifiersThatCouldMeetInAPage() {
    Panel map = new HeatMap("map", "", 5, 1, new double[][] {{0, 1}, {1, 0}});
    String svg = new SmallMultiples("maps", List.of(), 1, List.of(map)).svg();
    assertFalse(svg.contains(" id=") || svg.contains("<style"), svg);
  }

  @Test
  void noPanelsAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new SmallMultiples("", List.of(), 3, List.of()));
  }
}
