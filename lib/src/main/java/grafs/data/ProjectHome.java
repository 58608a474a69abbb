package grafs.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the project lies on this machine: the folder that holds {@code notebooks/}, {@code lib/},
 * {@code datasets/} and {@code results/}.
 *
 * <p>It is the environment variable {@value #VARIABLE} where set, else the system property {@value
 * #PROPERTY}, else the nearest folder from the working directory upwards that has both {@code
 * notebooks} and {@code lib}: a notebook's kernel works in {@code notebooks/}, a test in {@code
 * lib/}.
 */
public final class ProjectHome {

  /** The environment variable that names the project's folder. */
  public static final String VARIABLE = "GRAFS_HOME";

  /** The system property that names the project's folder where the variable does not. */
  public static final String PROPERTY = "grafs.home";

  private ProjectHome() {}

  /**
   * Finds the project's folder.
   *
   * @return its absolute path, or empty when nothing names it and no parent folder looks like it
   * @throws DataException if the variable or the property names something that is no folder
   */
  public static Optional<Path> find() {
    String variable = System.getenv(VARIABLE);
    if (variable != null && !variable.isBlank()) {
      return Optional.of(named("environment variable " + VARIABLE, variable));
    }
    String property = System.getProperty(PROPERTY);
    if (property != null && !property.isBlank()) {
      return Optional.of(named("system property " + PROPERTY, property));
    }
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      if (Files.isDirectory(p.resolve("notebooks")) && Files.isDirectory(p.resolve("lib"))) {
        return Optional.of(p);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the project's folder.
   *
   * @return its absolute path
   * @throws DataException if it cannot be found, or is no folder
   */
  public static Path path() {
    return find()
        .orElseThrow(
            () ->
                new DataException(
                    "The project's folder was not found: no folder from "
                        + Path.of("").toAbsolutePath()
                        + " upwards has notebooks/ and lib/. Start inside the project, or set the"
                        + " environment variable "
                        + VARIABLE
                        + " to its folder."));
  }

  private static Path named(String by, String value) {
    Path path = Path.of(value).toAbsolutePath().normalize();
    if (!Files.isDirectory(path)) {
      throw new DataException(
          "The " + by + " names " + path + ", which is not a folder; set it to the project's.");
    }
    return path;
  }
}
