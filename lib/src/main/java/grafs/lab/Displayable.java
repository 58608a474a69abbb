package grafs.lab;

/**
 * Something that shows itself in a notebook, as HTML where a value stands alone at the end of a
 * cell; {@link Object#toString} is for where there is no HTML.
 */
public interface Displayable {

  /** {@return a fragment of HTML, shown as it is} */
  String toHtml();
}
