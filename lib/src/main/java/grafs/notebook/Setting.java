package grafs.notebook;

/**
 * A setting of a notebook: {@code environment/lab run --scale paper} sets it by an environment
 * variable; in an open notebook the default in the cell is used, and can be edited there.
 */
public final class Setting {

  private Setting() {}

  /**
   * Looks up a setting.
   *
   * @param name the name, such as {@code scale}; the value is read from the environment variable
   *     {@code GRAFS_SCALE}
   * @param otherwise the value if the environment variable is not set
   * @return the value
   */
  public static String of(String name, String otherwise) {
    // Registers the renderers, since notebooks call this method at their beginning.
    Show.values();
    String value = System.getenv("GRAFS_" + name.toUpperCase(java.util.Locale.ROOT));
    return value == null || value.isBlank() ? otherwise : value;
  }

  /**
   * Looks up a whole number.
   *
   * @param name the name, such as {@code seed}
   * @param otherwise the value if the environment variable is not set
   * @return the number
   * @throws IllegalArgumentException if the variable is set to anything but a whole number
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
