package grafs.notebook;

/** What a cell shows, for the tests of other packages. */
public final class ShownValue {

  private ShownValue() {}

  /** {@return the HTML of a value that stands alone at the end of a cell} */
  public static String html(Object value) {
    return Values.of(value).get("text/html");
  }
}
