package grafs.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.nas.Relaxation;
import grafs.nas.SearchResult;
import grafs.nas.Verification;
import grafs.run.Experiment;
import grafs.train.Score;
import grafs.train.Training;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/**
 * Tests {@link Tables}, which makes the tables of notebooks, and {@link Plots} and {@link Charts},
 * which make their figures.
 */
class TablesTest {

  private static final CellSpace SPACE = CellSpace.paper();

  /**
   * {@return the record of a training with one epoch for each of the given test accuracies, 0 to 1}
   */
  private static Experiment.Run run(String activation, long seed, double... accuracies) {
    List<Training.Epoch> epochs =
        java.util.stream.IntStream.range(0, accuracies.length)
            .mapToObj(
                e ->
                    new Training.Epoch(
                        e + 1, new Score(1, 0.5, 10), new Score(1, accuracies[e], 10), 1))
            .toList();
    return new Experiment.Run(activation, seed, epochs);
  }

  @Test
  void accuraciesAreThoseAfterTheLastEpochWithMeanAndDeviation() {
    Table table =
        Tables.accuracies(
            List.of(
                run("ReLU", 2, 0.9, 0.81),
                run("found", 1, 0.1, 0.85),
                run("ReLU", 1, 0.1, 0.79),
                run("found", 2, 0.2, 0.85)));
    assertEquals(List.of("activation", "seed 1", "seed 2", "mean", "std"), table.columnNames());
    assertEquals(List.of("ReLU", "found"), table.stringColumn("activation").asList());
    assertEquals(79.0, table.doubleColumn("seed 1").get(0));
    assertEquals(81.0, table.doubleColumn("seed 2").get(0));
    assertEquals(80.0, table.doubleColumn("mean").get(0));
    assertEquals(1.41, table.doubleColumn("std").get(0), "the sample's, √2");
    assertEquals(0.0, table.doubleColumn("std").get(1));
  }

  @Test
  void derivativesAreSlopes() {
    Expression square = Expression.parse("square(x)");
    List<String> slopes = trace(Plots.derivatives(Map.of("square", square), 2), 0).y();
    assertEquals(-4, Double.parseDouble(slopes.get(0)), 1e-6);
    assertEquals(4, Double.parseDouble(slopes.get(slopes.size() - 1)), 1e-6);
  }

  private static ParsedFigure.Trace trace(Figure figure, int index) {
    return ParsedFigure.of(figure).traces().get(index);
  }

  @Test
  void aDensityWithoutAVisibleFunctionIsFinite() {
    SearchResult.Start start = new SearchResult.Start(1, 1, new float[] {-0.1f, 0, 0.05f});
    SearchResult result =
        new SearchResult(
            Expression.parse("max0(x)"),
            CellSpace.paper(),
            Relaxation.DRNAS,
            start,
            List.of(),
            List.of(),
            null,
            1);
    // A function is not drawn where it exceeds 2·radius, here 0.2. For the drawn x, from −0.1 to
    // 0.1, the logistic function is above 0.47, so only the density is left to draw.
    Map<String, Expression> high = Map.of("sigmoid", Expression.parse("sigmoid(x)"));
    ParsedFigure.Trace density = trace(Plots.functions(high, result, 0.1), 1);
    assertEquals("density of pre-activations, scaled", density.name());
    assertEquals(
        0.75, density.y().stream().mapToDouble(Double::parseDouble).max().orElseThrow(), 1e-12);
  }

  @Test
  void aShortListHasARowAFunctionWithItsScoresAndTheDefaultBeside() {
    Score better = new Score(0.5, 0.75, 8);
    Score worse = new Score(1, 0.5, 8);
    List<Verification.Trial> trials =
        List.of(
            new Verification.Trial("max0(x)", "epoch 2", 1, better),
            new Verification.Trial(null, "default", 1, worse),
            new Verification.Trial("max0(x)", "epoch 2", 2, worse));
    Verification.Outcome outcome = new Verification.Outcome(trials, "max0(x)", false);
    SearchResult result =
        new SearchResult(
            Expression.parse("max0(x)"),
            CellSpace.paper(),
            Relaxation.DRNAS,
            null,
            List.of(),
            List.of(),
            outcome,
            1);
    Table table = Tables.verification(result);
    assertEquals(List.of("max(x, 0)", "the default"), table.stringColumn("function").asList());
    assertEquals(List.of("0.5, 1.0", "1.0"), table.stringColumn("losses").asList());
    assertEquals(0.75, table.doubleColumn("mean").get(0));
    assertEquals(62.5, table.doubleColumn("accuracy, %").get(0));
    assertEquals(List.of("epoch 2", "default"), table.stringColumn("listed for").asList());
  }

  /** Before a training diverges, its loss may be as large as these numbers. */
  @Test
  void largeNumbersAreNotCutOff() {
    assertEquals(2e20, Tables.round(2e20, 4));
    assertEquals(Double.POSITIVE_INFINITY, Tables.round(Double.POSITIVE_INFINITY, 4));
    assertEquals(-123456789.1234, Tables.round(-123456789.12341, 4));
    assertTrue(Double.isNaN(Tables.round(Double.NaN, 4)));
  }

  @Test
  void oneTrainingHasNoDeviation() {
    Table table =
        Tables.accuracies(List.of(run("ReLU", 1, 0.5), run("ReLU", 2, 0.7), run("Mish", 1, 0.6)));
    assertTrue(table.doubleColumn("std").isMissing(1), "" + table);
    assertEquals(14.14, table.doubleColumn("std").get(0));
  }

  @Test
  void onlyTheLossOfAClassificationIsInNats() {
    assertEquals("loss, nats", lossAxis(0.5));
    assertEquals("loss", lossAxis(Double.NaN));
  }

  /**
   * {@return the title of the vertical axis in the figure of the losses of a search}
   *
   * @param accuracy the accuracy in the search's only epoch, NaN for a regression
   */
  private static String lossAxis(double accuracy) {
    Score score = new Score(1, accuracy, 8);
    SearchResult.Epoch epoch =
        new SearchResult.Epoch(
            1, false, score, score, score, "max0(x)", null, null, Candidates.all(SPACE), 1);
    SearchResult result =
        new SearchResult(
            Expression.parse("max0(x)"),
            SPACE,
            Relaxation.DRNAS,
            null,
            List.of(epoch),
            List.of(),
            null,
            1);
    return ParsedFigure.of(Plots.searchLosses(result)).layout().yaxis().title();
  }

  @Test
  void aDivergedTrainingIsNamed() {
    Score none = new Score(Double.NaN, Double.NaN, 0);
    Experiment.Run diverged =
        new Experiment.Run("ReLU", 2, List.of(new Training.Epoch(1, none, none, 0)));
    Table table = Tables.losses(List.of(run("ReLU", 1, 0.5), diverged, run("Mish", 1, 0.6)));
    assertEquals(List.of("ReLU, 1 diverged", "Mish"), table.stringColumn("activation").asList());
    assertTrue(table.doubleColumn("seed 2").isMissing(0), "" + table);
    assertTrue(table.doubleColumn("mean").isMissing(0), "" + table);
  }

  @Test
  void whatCannotBeDrawnIsRefused() {
    refused(
        () -> Plots.testAccuracy(List.of(run("ReLU", 1, 0.5, 0.6), run("ReLU", 2, 0.7))),
        "trainings with ReLU have 2 and 1 epochs");
    double[] two = {0, 1};
    double[] one = {0};
    refused(() -> Charts.line("loss", two, one), "'loss' has 2 x coordinates but 1 y coordinates");
    refused(() -> Charts.reference("loss", two, one), "2 x coordinates but 1 y");
    refused(() -> Charts.area("", "red", two, two, one), "2 x coordinates but 1 y");
    refused(() -> Charts.points("loss", two, two, List.of("a")), "2 x coordinates but 1 labels");
    refused(
        () -> Charts.heatMap("map", "x", List.of("a"), List.of(), new double[0][]),
        "'map' has names of 0 rows and 1 columns, but rows of [] numbers");
    refused(() -> Charts.save(Charts.of("t", "x", "y"), ".loss"), "no '.' at the beginning");
  }

  private static void refused(Executable work, String words) {
    String said = assertThrows(IllegalArgumentException.class, work).getMessage();
    assertTrue(said.contains(words), said);
  }
}
