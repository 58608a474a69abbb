package grafs.notebook;

/**
 * Gives tests of other packages access to {@link Values}, which renders the values of notebook
 * cells.
 */
public final class ShownValue {

  private ShownValue() {}

  /** {@return the HTML that a notebook shows under a cell whose last expression has this value} */
  public static String html(Object value) {
    return Values.of(value).get("text/html");
  }
}
