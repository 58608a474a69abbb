package grafs.plot;

import grafs.plot.SmallMultiples.Curves;
import grafs.plot.SmallMultiples.HeatMap;
import grafs.plot.SmallMultiples.Key;
import grafs.plot.SmallMultiples.Line;
import grafs.plot.SmallMultiples.Panel;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws small multiples as SVG. Nothing in it has an identifier or a style sheet: several pictures
 * may stand in one page.
 */
final class PanelDrawing {

  private static final int WIDTH = 920;
  private static final int LEFT = 30;
  private static final int RIGHT = 8;
  private static final int BETWEEN_ROWS = 14;

  private final SmallMultiples figure;
  private final Svg svg;
  private final boolean maps;
  private final boolean alike;
  private final double gap;
  private final double width;
  private final double height;
  private final double font;
  private final double top;
  private final double head;

  /**
   * Lays the panels out.
   *
   * @param figure what to draw
   */
  PanelDrawing(SmallMultiples figure) {
    this.figure = figure;
    List<Panel> panels = figure.panels();
    maps = panels.get(0) instanceof HeatMap;
    // Panels on the same axes need their numbers at the edges of the whole only.
    alike = panels.stream().mapToDouble(Panel::height).distinct().count() == 1;
    gap = alike ? 8 : 30;
    width = (WIDTH - LEFT - (figure.columns() - 1) * gap - RIGHT) / figure.columns();
    height = maps || width < 110 ? width : 0.7 * width;
    font = width < 110 ? 8 : 11;
    top = maps || !figure.keys().isEmpty() ? 46 : 26;
    boolean twoLines =
        panels.stream().anyMatch(p -> !p.note().isEmpty() || p.title().length() > letters());
    head = (twoLines ? 2.6 : 1.5) * font;
    int rows = (panels.size() + figure.columns() - 1) / figure.columns();
    svg = new Svg(WIDTH, top + rows * (head + height + BETWEEN_ROWS) + 8, figure.title());
  }

  /** {@return the document} */
  String svg() {
    List<Panel> panels = figure.panels();
    svg.text(LEFT, 16, 14, "start", Svg.DARK, figure.title());
    legend();
    for (int i = 0; i < panels.size(); i++) {
      int column = i % figure.columns();
      double x = LEFT + column * (width + gap);
      double y = top + i / figure.columns() * (head + height + BETWEEN_ROWS) + head;
      Panel panel = panels.get(i);
      titles(panel, x, y);
      if (panel instanceof Curves curves) {
        draw(curves, x, y);
      } else if (panel instanceof HeatMap map) {
        svg.image(x, y, width, height, Diverging.image(map.values(), map.scale()));
      }
      if (!alike || column == 0) {
        verticalTicks(panel, x, y);
      }
      if (i + figure.columns() >= panels.size()) {
        horizontalTicks(panel, x, y);
      }
    }
    return svg.end();
  }

  private void legend() {
    if (maps) {
      double[][] ramp = {IntStream.rangeClosed(-64, 64).mapToDouble(i -> i / 64.0).toArray()};
      svg.text(LEFT, 34, 11, "start", Svg.DARK, "−s");
      svg.image(LEFT + 20, 26, 120, 9, Diverging.image(ramp, 1));
      svg.text(
          LEFT + 146, 34, 11, "start", Svg.DARK, "s, where a panel's title says ±s; white is 0");
    }
    double x = LEFT;
    for (Key key : figure.keys()) {
      svg.path("M%s 30h24".formatted(Svg.number(x)), key.stroke().attributes);
      svg.text(x + 30, 34, 11, "start", Svg.DARK, key.text());
      x += 30 + 6.2 * key.text().length() + 24;
    }
  }

  /** The title, on two lines if it is long and there is no note. */
  private void titles(Panel panel, double x, double y) {
    String first = panel.title();
    String second = panel.note();
    boolean wrapped = second.isEmpty() && first.length() > letters();
    if (wrapped) {
      int cut = cut(first);
      second = first.substring(cut).strip();
      first = first.substring(0, cut);
    }
    svg.text(x, y - (second.isEmpty() ? 0.4 : 1.5) * font, font, "start", Svg.DARK, fitted(first));
    if (!second.isEmpty()) {
      svg.text(
          x,
          y - 0.4 * font,
          wrapped ? font : 0.85 * font,
          "start",
          wrapped ? Svg.DARK : Svg.GREY,
          fitted(second));
    }
  }

  /** Where to break a long formula: behind a space, an operator or a bracket, if one is near. */
  private int cut(String text) {
    int cut = letters();
    while (cut > 0 && " ·(".indexOf(text.charAt(cut - 1)) < 0) {
      cut--;
    }
    return cut > letters() / 2 ? cut : letters();
  }

  /** How many letters are about as wide as a panel. */
  private int letters() {
    return (int) (width / (0.56 * font));
  }

  /** The text, cut where it would run into the next panel. */
  private String fitted(String text) {
    return text.length() <= letters() ? text : text.substring(0, letters() - 1) + "…";
  }

  private void draw(Curves curves, double x, double y) {
    StringBuilder faint = new StringBuilder();
    for (double part : new double[] {0, 0.25, 0.75, 1}) {
      faint.append(vertical(x + part * width, y)).append(horizontal(x, y + part * height));
    }
    svg.path(faint.toString(), "stroke=\"#ececec\"");
    svg.path(vertical(x + width / 2, y) + horizontal(x, y + height / 2), "stroke=\"#c4c4c4\"");
    for (Line line : curves.lines()) {
      svg.path(
          new CurvePath(line.y(), curves.height(), x, y, width, height).text(),
          line.stroke().attributes);
    }
  }

  private String vertical(double x, double y) {
    return "M%s %sv%s".formatted(Svg.number(x), Svg.number(y), Svg.number(height));
  }

  private String horizontal(double x, double y) {
    return "M%s %sh%s".formatted(Svg.number(x), Svg.number(y), Svg.number(width));
  }

  private void verticalTicks(Panel panel, double x, double y) {
    svg.text(x - 3, y + 6, 9, "end", Svg.GREY, label(panel.height()));
    svg.text(x - 3, y + height / 2 + 3, 9, "end", Svg.GREY, "0");
    svg.text(x - 3, y + height, 9, "end", Svg.GREY, label(-panel.height()));
  }

  private void horizontalTicks(Panel panel, double x, double y) {
    svg.text(x, y + height + 11, 9, "start", Svg.GREY, label(-panel.radius()));
    svg.text(x + width / 2, y + height + 11, 9, "middle", Svg.GREY, "0");
    svg.text(x + width, y + height + 11, 9, "end", Svg.GREY, label(panel.radius()));
  }

  private static String label(double value) {
    return Svg.number(value).replace('-', '−');
  }
}
