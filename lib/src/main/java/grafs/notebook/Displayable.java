package grafs.notebook;

/**
 * A value that a notebook shows as HTML if it is the last expression of a cell; {@link
 * Object#toString} is used where there is no HTML.
 */
public interface Displayable {

  /** {@return a fragment of HTML, shown as it is} */
  String toHtml();
}
