package grafs.notebook;

import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.IntPredicate;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/**
 * Shows tables, figures and other displays in the output of a notebook's cell, in the same way in
 * the Jupyter kernels Rapaio, IJava and JJava. A kernel is the program that executes a notebook's
 * code. Every display also has a text form, for terminals, for diffs of notebooks and for the
 * project's command {@code environment/lab run}, which executes notebooks and prints their
 * progress. Outside of a kernel, this class prints only the text form, on standard output.
 */
public final class Show {

  private static final class Kernel {
    // Looked up when this nested class is first used, not when Show is loaded: by the time of the
    // first display, the kernel is running.
    static final Output OUTPUT = KernelOutput.find();
  }

  private Show() {}

  /**
   * Shows a table, numbers aligned on the right; of more than 60 rows, the first and the last 30.
   *
   * @param table any table; its name becomes the caption
   */
  public static void table(Table table) {
    add(Values.of(table));
  }

  /**
   * Shows a figure, drawn by the JavaScript library Plotly. Pages that run no scripts show a static
   * picture instead, if the figure has only lines, points and areas, or one heat map, on linear
   * axes.
   *
   * @param figure a figure of the Java library Tablesaw: scatter, line, bar, histogram, box, heat
   *     map, contour or pie
   */
  public static void figure(Figure figure) {
    add(Values.of(figure));
  }

  /**
   * Shows many small figures as one SVG picture.
   *
   * @param figures the small figures
   */
  public static void figure(SmallMultiples figures) {
    add(Values.of(figures));
  }

  /**
   * Makes the kernel render the value of a cell's last expression as this class does, if the value
   * is a table, a figure, a function, or the result of a search or a training. The library calls
   * this method before a notebook can have such a value.
   */
  static void values() {
    // Reading the field initialises the class Kernel, which looks for the kernel and registers the
    // renderers with it.
    Objects.requireNonNull(Kernel.OUTPUT);
  }

  /**
   * Shows figures side by side. They share the width of the page; those that do not fit go to the
   * next row.
   *
   * @param figures at least one figure
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
   * Shows an image, which the notebook file stores as PNG.
   *
   * @param image any image
   * @param alt the image described in words, as the text form
   */
  public static void image(BufferedImage image, String alt) {
    add(Map.of("image/png", Svg.png(image), "text/plain", alt));
  }

  /**
   * Creates a display whose content can be replaced, such as for progress.
   *
   * @return the display; it shows nothing until its first update
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

  /** A display whose content each update replaces. */
  public static final class Live {
    private final String id = newId();
    private boolean shown;

    private Live() {}

    /**
     * Replaces the content of this display.
     *
     * @param html a fragment of HTML, which is not escaped: the caller escapes texts in it
     * @param text the text form; one line, since {@code environment/lab run} prints only the last
     *     line of a display as progress
     */
    public synchronized void update(String html, String text) {
      Kernel.OUTPUT.show(id, Map.of("text/html", html, "text/plain", text), shown);
      shown = true;
    }

    /**
     * Replaces the content of this display by a table.
     *
     * @param table any table; its name becomes the caption
     * @param red tells for the index of a row, from 0, whether its text is red
     * @param text the text form, one line
     */
    public void update(Table table, IntPredicate red, String text) {
      update(TableHtml.of(table, red), text);
    }
  }
}
