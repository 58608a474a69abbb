package grafs.lab;

import grafs.plot.Picture;
import java.nio.file.Path;

/** Pictures as files, for papers and pages. */
public final class Figures {

  private Figures() {}

  /**
   * Saves a picture as SVG in the folder {@code figures/} of the results.
   *
   * @param picture the picture
   * @param name the file's name, without an ending: letters, digits, '-', '_' and '.'
   * @return the file
   * @throws IllegalArgumentException if the name has other characters
   */
  public static Path save(Picture picture, String name) {
    if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "'%s' is no name for a figure: take letters, digits, '-', '_' and '.'".formatted(name));
    }
    Path file = RunStore.here().root().resolve("figures").resolve(name + ".svg");
    JsonFile.replace(file, picture.svg());
    return file;
  }
}
