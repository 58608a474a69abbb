package grafs.notebook;

/** Gives tests of other packages what a notebook's cell shows of a value. */
public final class ShownValue {

  private ShownValue() {}

  /** {@return the HTML that a cell shows if the value is that of its last expression} */
  public static String html(Object value) {
    return Values.of(value).get("text/html");
  }
}
