package grafs.notebook;

import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.IntPredicate;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/**
 * Shows tables, figures and other output in a notebook. It works alike on the Rapaio kernel, IJava
 * and JJava; in a plain JVM the text form goes to standard output. Every output has a text form
 * too, for terminals, diffs and {@code lab run}'s progress.
 */
public final class Show {

  private static final class Kernel {
    // Looked up at the first display, when the kernel is certainly running.
    static final Output OUTPUT = KernelOutput.find();
  }

  private Show() {}

  /**
   * Shows a table, numbers aligned on the right; of a long table its first and last rows.
   *
   * @param table any table; its name becomes the caption
   */
  public static void table(Table table) {
    add(Values.of(table));
  }

  /**
   * Shows a figure: drawn by Plotly, or as a static picture where a page runs no scripts.
   *
   * @param figure any figure of Tablesaw's of a Cartesian kind: scatter, line, bar, histogram, box,
   *     heat map, contour, pie; there is a static picture of lines, points and heat maps
   */
  public static void figure(Figure figure) {
    add(Values.of(figure));
  }

  /**
   * Shows small multiples, as SVG.
   *
   * @param figures the figures
   */
  public static void figure(SmallMultiples figures) {
    add(Values.of(figures));
  }

  /**
   * Makes the kernel render the value of a cell's last expression as this class does: a table, a
   * figure, a function, a run. The library calls this before a notebook can have such a value.
   */
  static void values() {
    // Looking the kernel up registers the renderers.
    Objects.requireNonNull(Kernel.OUTPUT);
  }

  /**
   * Shows figures side by side, sharing the width and wrapping where it is too narrow.
   *
   * @param figures at least one
   */
  public static void figures(Figure... figures) {
    add(Values.of(figures));
  }

  /**
   * Shows a formula on a line of its own.
   *
   * @param formula LaTeX math without delimiters
   */
  public static void latex(String formula) {
    add(Map.of("text/latex", "$$" + formula + "$$", "text/plain", formula));
  }

  /**
   * Shows an image, stored in the notebook as PNG.
   *
   * @param image any image
   * @param alt what it shows, in words
   */
  public static void image(BufferedImage image, String alt) {
    add(Map.of("image/png", Svg.png(image), "text/plain", alt));
  }

  /**
   * Opens a display that can be replaced in place, for progress.
   *
   * @return its handle; nothing is shown until its first update
   */
  public static Live live() {
    return new Live();
  }

  private static void add(Map<String, String> data) {
    Kernel.OUTPUT.show(newId(), data, false);
  }

  private static String newId() {
    return UUID.randomUUID().toString();
  }

  /** A display that each update replaces. An instance belongs to one thread at a time. */
  public static final class Live {
    private final String id = newId();
    private boolean shown;

    private Live() {}

    /**
     * Replaces what this display shows.
     *
     * @param html a fragment, shown as it is: escape what comes from outside
     * @param text what is shown where HTML cannot be: one line, since {@code lab run} shows it as
     *     its progress
     */
    public synchronized void update(String html, String text) {
      Kernel.OUTPUT.show(id, Map.of("text/html", html, "text/plain", text), shown);
      shown = true;
    }

    /**
     * Replaces what this display shows by a table.
     *
     * @param table any table; its name becomes the caption
     * @param red whether a row is red, by its number from 0
     * @param text what is shown where HTML cannot be: one line
     */
    public void update(Table table, IntPredicate red, String text) {
      update(TableHtml.of(table, red), text);
    }
  }
}
