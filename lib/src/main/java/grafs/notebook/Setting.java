package grafs.notebook;

/**
 * A choice that a notebook leaves open: {@code environment/lab run --scale paper} sets it from
 * outside, and in an open notebook the default in the cell holds until it is edited there.
 */
public final class Setting {

  private Setting() {}

  /**
   * Looks up a choice.
   *
   * @param name what is chosen, such as {@code scale}; read from the environment variable {@code
   *     GRAFS_SCALE}
   * @param otherwise what holds where nothing is set from outside
   * @return the choice
   */
  public static String of(String name, String otherwise) {
    // What notebooks begin with, and stores of runs.
    Show.values();
    String value = System.getenv("GRAFS_" + name.toUpperCase(java.util.Locale.ROOT));
    return value == null || value.isBlank() ? otherwise : value;
  }

  /**
   * Looks up a whole number.
   *
   * @param name what is chosen, such as {@code seed}
   * @param otherwise what holds where nothing is set from outside
   * @return the number
   * @throws IllegalArgumentException if what is set is no whole number
   */
  public static long of(String name, long otherwise) {
    String value = of(name, Long.toString(otherwise));
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the " + name + " must be a whole number, not '" + value + "'", e);
    }
  }
}
