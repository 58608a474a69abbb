package grafs.notebook;

import java.util.List;
import java.util.function.IntPredicate;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A table as HTML. Colours and lines are the page's own, so that it reads on light and on dark;
 * only alignment is set, and a red that reads on both.
 */
final class TableHtml {

  /** A longer table is shown by its first and last rows, half of this number each. */
  static final int MOST_ROWS = 60;

  private static final String RIGHT = " style=\"text-align:right\"";
  private static final String LEFT = " style=\"text-align:left\"";

  private TableHtml() {}

  static String of(Table table) {
    return of(table, row -> false);
  }

  /** A table of which some rows are red. */
  static String of(Table table, IntPredicate red) {
    StringBuilder html = new StringBuilder("<table>");
    if (table.name() != null && !table.name().isBlank()) {
      html.append("<caption style=\"text-align:left\">")
          .append(Svg.escape(table.name()))
          .append("</caption>");
    }
    html.append("<thead><tr>");
    List<Column<?>> columns = table.columns();
    for (Column<?> column : columns) {
      cell(html, "th", column, column.name());
    }
    html.append("</tr></thead>\n<tbody>");
    int rows = table.rowCount();
    boolean cut = rows > MOST_ROWS;
    int head = cut ? MOST_ROWS / 2 : rows;
    rows(html, columns, red, 0, head);
    if (cut) {
      html.append("<tr><td colspan=\"")
          .append(columns.size())
          .append("\" style=\"text-align:center\">… ")
          .append(rows - MOST_ROWS)
          .append(" more rows …</td></tr>\n");
      rows(html, columns, red, rows - MOST_ROWS / 2, rows);
    }
    return html.append("</tbody></table>").toString();
  }

  private static void rows(
      StringBuilder html, List<Column<?>> columns, IntPredicate red, int from, int to) {
    for (int row = from; row < to; row++) {
      html.append(red.test(row) ? "<tr style=\"color:#e5484d\">" : "<tr>");
      for (Column<?> column : columns) {
        cell(html, "td", column, column.getString(row));
      }
      html.append("</tr>\n");
    }
  }

  private static void cell(StringBuilder html, String tag, Column<?> column, String text) {
    html.append('<').append(tag).append(column instanceof NumericColumn ? RIGHT : LEFT).append('>');
    html.append(Svg.escape(text)).append("</").append(tag).append('>');
  }
}
