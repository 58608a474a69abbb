package grafs;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds test data that are not part of the project. They are in a folder named {@code shared}
 * beside the project's folder. Tests whose data are not there are skipped.
 */
public final class SharedFolder {

  private SharedFolder() {}

  /**
   * Finds a file or folder, or skips the calling test if there is none. Each {@code shared} folder
   * from the working directory upwards is searched.
   *
   * @param path the path relative to the folder {@code shared}
   * @return the absolute path
   */
  public static Path require(String path) {
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path found = p.resolve("shared").resolve(path);
      if (Files.exists(found)) {
        return found;
      }
    }
    return Assumptions.abort("skipped: there is no ../shared/" + path + " beside the project");
  }
}
