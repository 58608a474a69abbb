package grafs.notebook;

import tech.tablesaw.api.Table;

/**
 * A value that a notebook shows as HTML if it is the last expression of a cell; {@link
 * Object#toString} is used where there is no HTML.
 */
public interface Displayable {

  /** {@return a fragment of HTML, shown as it is} */
  String toHtml();

  /**
   * Writes a table as HTML.
   *
   * @param table the table
   * @return the fragment, numbers to the right; of a long table the first and last rows
   */
  static String table(Table table) {
    return TableHtml.of(table);
  }
}
