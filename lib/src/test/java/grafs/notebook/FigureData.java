package grafs.notebook;

import com.google.gson.Gson;
import java.util.List;
import tech.tablesaw.plotly.components.Figure;

/** Reads the numbers of figures. */
public final class FigureData {

  private FigureData() {}

  /** {@return the x or y of a trace} */
  public static double[] numbers(Figure figure, int trace, String name) {
    return texts(figure, trace, name).stream().mapToDouble(Double::parseDouble).toArray();
  }

  /** {@return the x or y of a trace as texts} */
  public static List<String> texts(Figure figure, int trace, String name) {
    FigureSvg.Trace own = new FigureSvg(figure).traces().get(trace);
    return name.equals("x") ? own.x() : own.y();
  }

  /** {@return a row of a heat map} */
  public static double[] row(Figure figure, int row) {
    FigureSvg.Trace map = new FigureSvg(figure).traces().get(0);
    return new Gson().fromJson(map.z(), double[][].class)[row];
  }
}
