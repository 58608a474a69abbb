package grafs.notebook;

import java.util.List;
import java.util.function.IntPredicate;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * Writes a table of the library Tablesaw as HTML. The HTML sets the alignment of the columns and,
 * for rows that the caller names, a red text that is legible on light and on dark backgrounds. The
 * page sets all other colours and the borders.
 */
final class TableHtml {

  /** The number of rows that are shown of a longer table: half of them the first, half the last. */
  static final int MOST_ROWS = 60;

  /** The row in place of the rows that are left out. */
  private static final String GAP =
      "<tr><td colspan=\"%d\" style=\"text-align:center\">… %d more rows …</td></tr>\n";

  private TableHtml() {}

  /** {@return a table as HTML without red rows} */
  static String of(Table table) {
    return of(table, row -> false);
  }

  /**
   * Writes a table.
   *
   * @param table the table; its name, if it has one, becomes the caption
   * @param red tells for the index of a row, from 0, whether its text is red
   * @return a fragment of HTML, numbers aligned on the right; of a table of more than 60 rows, the
   *     first and the last 30
   */
  static String of(Table table, IntPredicate red) {
    List<Column<?>> columns = table.columns();
    StringBuilder html = new StringBuilder("<table>");
    if (table.name() != null && !table.name().isBlank()) {
      html.append(
          "<caption style=\"text-align:left\">%s</caption>".formatted(Svg.escape(table.name())));
    }
    html.append("<thead><tr>");
    columns.forEach(column -> html.append(cell("th", column, column.name())));
    html.append("</tr></thead>\n<tbody>");
    int leftOut = Math.max(0, table.rowCount() - MOST_ROWS);
    for (int row = 0; row < table.rowCount(); row++) {
      if (leftOut > 0 && row == MOST_ROWS / 2) {
        html.append(GAP.formatted(columns.size(), leftOut));
        row += leftOut;
      }
      html.append(red.test(row) ? "<tr style=\"color:#e5484d\">" : "<tr>");
      for (Column<?> column : columns) {
        html.append(cell("td", column, column.getString(row)));
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table>").toString();
  }

  private static String cell(String tag, Column<?> column, String text) {
    String side = column instanceof NumericColumn ? "right" : "left";
    return "<%1$s style=\"text-align:%2$s\">%3$s</%1$s>".formatted(tag, side, Svg.escape(text));
  }
}
