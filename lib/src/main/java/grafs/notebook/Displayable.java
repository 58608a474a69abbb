package grafs.notebook;

import tech.tablesaw.api.Table;

/**
 * Something that shows itself in a notebook, as HTML where a value stands alone at the end of a
 * cell; {@link Object#toString} is for where there is no HTML.
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
