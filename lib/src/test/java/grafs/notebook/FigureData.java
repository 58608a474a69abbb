package grafs.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.util.List;
import java.util.stream.StreamSupport;
import tech.tablesaw.plotly.components.Figure;

/** Reads the numbers of figures. */
public final class FigureData {

  private FigureData() {}

  /** {@return one of the arrays of a trace, such as its {@code x}} */
  public static double[] numbers(Figure figure, int trace, String name) {
    return texts(figure, trace, name).stream().mapToDouble(Double::parseDouble).toArray();
  }

  /** {@return one of the arrays of a trace as texts} */
  public static List<String> texts(Figure figure, int trace, String name) {
    return texts(new FigureSvg(figure).traces().get(trace).getAsJsonArray(name));
  }

  /** {@return a row of a heat map} */
  public static double[] row(Figure figure, int row) {
    JsonArray rows = new FigureSvg(figure).traces().get(0).getAsJsonArray("z");
    return texts(rows.get(row).getAsJsonArray()).stream()
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  private static List<String> texts(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonElement::getAsString).toList();
  }
}
