package grafs.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds the project's folder on this machine, which has {@code notebooks/}, {@code lib/}, {@code
 * datasets/} and {@code results/}. Data sets are read from there, and results are written there.
 *
 * <p>The folder is the value of the environment variable {@value #VARIABLE} if that is set; else of
 * the system property {@value #PROPERTY}; else the nearest folder, from the working directory
 * upwards, that has both {@code notebooks} and {@code lib}. The last rule serves notebooks, which
 * run in {@code notebooks/}, and tests, which run in {@code lib/}.
 */
public final class ProjectHome {

  /** The environment variable that names the project's folder. */
  public static final String VARIABLE = "GRAFS_HOME";

  /** The system property that names the project's folder if the environment variable is not set. */
  public static final String PROPERTY = "grafs.home";

  private ProjectHome() {}

  /**
   * Finds the project's folder.
   *
   * @return its absolute path, or empty if none of the three rules finds it
   * @throws DataException if the variable or the property names something that is not a folder
   */
  public static Optional<Path> find() {
    return named("environment variable " + VARIABLE, System.getenv(VARIABLE))
        .or(() -> named("system property " + PROPERTY, System.getProperty(PROPERTY)))
        .or(
            () ->
                Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent)
                    .filter(p -> Files.isDirectory(p.resolve("notebooks")))
                    .filter(p -> Files.isDirectory(p.resolve("lib")))
                    .findFirst());
  }

  private static Optional<Path> named(String by, String value) {
    if (value == null || value.isBlank()) {
      return Optional.empty();
    }
    Path path = Path.of(value).toAbsolutePath().normalize();
    if (!Files.isDirectory(path)) {
      throw new DataException(
          "The " + by + " names " + path + ", which is not a folder; set it to the project's.");
    }
    return Optional.of(path);
  }

  /**
   * Returns the project's folder, which must exist.
   *
   * @return its absolute path
   * @throws DataException if it cannot be found, or the variable or the property names something
   *     that is not a folder
   */
  public static Path path() {
    return find()
        .orElseThrow(
            () ->
                new DataException(
                    "The project's folder was not found: no folder from %s upwards has notebooks/ and lib/. Start inside the project, or set the environment variable %s to its folder."
                        .formatted(Path.of("").toAbsolutePath(), VARIABLE)));
  }

  /**
   * {@return a path for display: a path within the project, relative to the project's folder; any
   * other path unchanged}
   *
   * @param path the path, absolute if it is within the project
   */
  public static Path shortened(Path path) {
    return find().filter(path::startsWith).map(home -> home.relativize(path)).orElse(path);
  }

  /**
   * {@return the folder {@code datasets/} of the project, or of the working directory if the
   * project is not found; it need not exist}
   */
  static Path datasets() {
    return find().orElse(Path.of("")).resolve("datasets").toAbsolutePath();
  }

  /**
   * Finds a file or folder that a user names by a path.
   *
   * @param name an absolute path, or one relative to the working directory or to the project
   * @param there the test that the path must pass, such as {@code Files::isDirectory}
   * @return the name as an absolute path: resolved against the working directory if that path
   *     passes, else against the project's folder if that one passes; empty if neither does, or if
   *     the name is blank or no valid path
   */
  static Optional<Path> existing(String name, Predicate<Path> there) {
    try {
      Path path = Path.of(name).toAbsolutePath().normalize();
      return Optional.of(path)
          .filter(there)
          .or(() -> find().map(home -> home.resolve(name).normalize()).filter(there))
          .filter(found -> !name.isBlank());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
