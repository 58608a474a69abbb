package grafs.notebook;

import grafs.data.PartFile;
import grafs.run.RunStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tech.tablesaw.plotly.components.Figure;

/** Figures as files, for papers and pages. */
public final class Figures {

  private Figures() {}

  /**
   * Saves a figure as SVG in the folder {@code figures/} of the results.
   *
   * @param figure the figure: lines, points or heat maps on linear axes
   * @param name the file's name, without an ending: letters, digits, '-', '_' and '.'
   * @return the file
   * @throws IllegalArgumentException if the name has other characters, or the figure is of another
   *     kind
   */
  public static Path save(Figure figure, String name) {
    if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "'%s' is no name for a figure: take letters, digits, '-', '_' and '.'".formatted(name));
    }
    Path file = RunStore.here().root().resolve("figures").resolve(name + ".svg");
    FigureSvg drawing = new FigureSvg(figure);
    String svg =
        drawing
            .document()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' has no static picture: only lines, points and heat maps on linear axes do"
                            .formatted(drawing.title())));
    try {
      PartFile.write(file, part -> Files.writeString(part, svg));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e, e);
    }
    return file;
  }
}
