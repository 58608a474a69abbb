package grafs.notebook;

import java.util.Locale;

/**
 * A setting of a notebook, such as its scale, the name of a set of hyperparameters. The project's
 * command {@code environment/lab run --scale paper} executes notebooks and passes the setting to
 * them as the environment variable {@code GRAFS_SCALE}. Without that variable, as in a notebook
 * whose cells a user runs one by one, the value counts that the notebook gives as the second
 * argument of {@link #of(String, String)}.
 */
public final class Setting {

  private Setting() {}

  /**
   * Looks up a setting.
   *
   * @param name the name, such as {@code scale} for the environment variable {@code GRAFS_SCALE}
   * @param otherwise the value if the environment variable is missing or blank
   * @return the value
   */
  public static String of(String name, String otherwise) {
    // Notebooks call this method in their first cell, so it also makes the Jupyter kernel, which
    // executes them, render the values of cells as Show does.
    Show.values();
    String value = System.getenv("GRAFS_" + name.toUpperCase(Locale.ROOT));
    return value == null || value.isBlank() ? otherwise : value;
  }

  /**
   * Looks up a setting that is a whole number.
   *
   * @param name the name, such as {@code seed} for the environment variable {@code GRAFS_SEED}
   * @param otherwise the value if the environment variable is missing or blank
   * @return the number
   * @throws IllegalArgumentException if the variable is set to something other than a whole number
   */
  public static long of(String name, long otherwise) {
    String value = of(name, Long.toString(otherwise));
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the environment variable GRAFS_%s must be a whole number, not '%s'"
              .formatted(name.toUpperCase(Locale.ROOT), value),
          e);
    }
  }
}
