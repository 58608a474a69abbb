package grafs.notebook;

import com.google.gson.Gson;
import java.util.List;
import tech.tablesaw.plotly.components.Figure;

/** Reads the data of figures of Tablesaw Plotly, for tests of any package. */
public final class FigureData {

  private FigureData() {}

  /**
   * {@return the x or y coordinates of a trace}
   *
   * @param trace the index of the trace in the figure
   * @param name {@code x} or {@code y}
   */
  public static double[] numbers(Figure figure, int trace, String name) {
    return texts(figure, trace, name).stream().mapToDouble(Double::parseDouble).toArray();
  }

  /**
   * {@return the x or y coordinates of a trace as texts, such as the column names of a heat map}
   */
  public static List<String> texts(Figure figure, int trace, String name) {
    FigureSvg.Trace own = new FigureSvg(figure).traces().get(trace);
    return name.equals("x") ? own.x() : own.y();
  }

  /** {@return the numbers of one row of a heat map} */
  public static double[] row(Figure figure, int row) {
    FigureSvg.Trace map = new FigureSvg(figure).traces().get(0);
    return new Gson().fromJson(map.z(), double[][].class)[row];
  }
}
