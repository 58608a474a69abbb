package grafs.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds the project's folder on this machine, which holds {@code notebooks/}, {@code lib/}, {@code
 * datasets/} and {@code results/}.
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
                    "The project's folder was not found: no folder from %s upwards has notebooks/ and lib/. Start inside the project, or set the environment variable %s to its folder."
                        .formatted(Path.of("").toAbsolutePath(), VARIABLE)));
  }

  /**
   * {@return a path for display: within the project, relative to its folder; any other as it is}
   */
  public static Path shortened(Path path) {
    return find().filter(path::startsWith).map(home -> home.relativize(path)).orElse(path);
  }

  /** {@return {@code datasets/} of the project, or of the working directory where there is none} */
  static Path datasets() {
    return find().orElse(Path.of("")).resolve("datasets").toAbsolutePath();
  }

  /**
   * {@return the path of a name, from the working directory if {@code there} accepts that path,
   * else from the project's folder; empty if it accepts neither, or the name is blank}
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
