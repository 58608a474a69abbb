package grafs;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The test material that lies beside the project, in {@code ../shared}, where there is any. */
public final class SharedFolder {

  private SharedFolder() {}

  /**
   * Finds a file or folder of the material, or skips the calling test.
   *
   * @param path relative to the shared folder
   * @return the absolute path
   */
  public static Path require(String path) {
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path found = p.resolve("shared").resolve(path);
      if (Files.exists(found)) {
        return found;
      }
    }
    Assumptions.abort("skipped: there is no ../shared/" + path + " beside the project");
    throw new AssertionError("abort() does not return");
  }
}
