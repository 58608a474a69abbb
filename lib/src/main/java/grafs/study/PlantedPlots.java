package grafs.study;

import grafs.cell.Expression;
import grafs.cell.Nearness;
import grafs.plot.SmallMultiples;
import grafs.plot.SmallMultiples.Curves;
import grafs.plot.SmallMultiples.Key;
import grafs.plot.SmallMultiples.Line;
import grafs.plot.SmallMultiples.Panel;
import grafs.plot.SmallMultiples.Stroke;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Pictures of planted activations and what searches found in their place. */
public final class PlantedPlots {

  private static final int POINTS = 201;
  private static final double RADIUS = 4;
  private static final int COLUMNS = 5;

  private PlantedPlots() {}

  /**
   * Draws planted activations.
   *
   * @param teachers whose
   * @return a panel each, x from −4 to 4
   */
  public static SmallMultiples teachers(List<Teacher> teachers) {
    double[] x = points();
    List<Panel> panels = new ArrayList<>();
    for (Teacher teacher : teachers) {
      double[] y = teacher.function().values(x);
      panels.add(panel(teacher, "", y, new Line(Stroke.MAIN, y)));
    }
    return new SmallMultiples("Planted activations, x from −4 to 4", List.of(), COLUMNS, panels);
  }

  /**
   * Draws found functions over the teacher's, which is scaled as a network may scale it to come as
   * near to them as it can.
   *
   * @param runs the searches
   * @return a panel a search: the distance, and the ratio r of test errors to that with the default
   */
  public static SmallMultiples found(List<PlantedRun> runs) {
    double[] x = points();
    List<Panel> panels = new ArrayList<>();
    for (PlantedRun run : runs) {
      double[] y = Expression.parse(run.found()).values(x);
      Nearness near = run.nearness() == null ? new Nearness(1, 1, 1, 0) : run.nearness();
      double[] scaled = run.teacher().function().values(scaled(x, near.b()));
      Line teacher =
          new Line(
              Stroke.REFERENCE,
              IntStream.range(0, x.length)
                  .mapToDouble(i -> near.a() * scaled[i] + near.c())
                  .toArray());
      String note =
          String.format(Locale.ROOT, "distance %.2f, r %.2f", run.distance(), run.ratio());
      panels.add(panel(run.teacher(), note, y, teacher, new Line(Stroke.MAIN, y)));
    }
    List<Key> keys =
        List.of(new Key(Stroke.MAIN, "found"), new Key(Stroke.REFERENCE, "teacher's, scaled"));
    return new SmallMultiples("Functions found, x from −4 to 4", keys, COLUMNS, panels);
  }

  private static Panel panel(Teacher teacher, String note, double[] y, Line... lines) {
    return new Curves(teacher.toString(), note, RADIUS, SmallMultiples.height(y), List.of(lines));
  }

  private static double[] points() {
    return IntStream.range(0, POINTS)
        .mapToDouble(i -> RADIUS * (2.0 * i / (POINTS - 1) - 1))
        .toArray();
  }

  private static double[] scaled(double[] x, double factor) {
    return IntStream.range(0, x.length).mapToDouble(i -> factor * x[i]).toArray();
  }
}
