package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.cell.Operations;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {

  private static final int STEPS = 8;

  @TempDir private Path temp;

  private static SearchSettings settings() {
    return SearchSettings.paper(new SgdSettings(0.05, 0.9, 0, Decay.COSINE))
        .epochs(4)
        .batchSize(32)
        .accumulation(1)
        .alphaLearningRate(0.1)
        .verification(new Verification(3, 2, 3));
  }

  private static SearchResult search(SearchSettings settings, CellSpace space, Path folder) {
    Cells cells = new Cells(space, Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      return new Search(settings, cells, learner, Progress.Listener.NONE)
          .run(Rings.batches(STEPS, 32, 1), Rings.batches(STEPS, 32, 2), 1, folder, epoch -> {});
    }
  }

  @Test
  void eachSeedTrainsTheDefaultAndHalvesTheList() {
    Verification.Outcome outcome = search(settings(), CellSpace.paper(), null).verified();
    Map<Integer, List<String>> bySeed =
        outcome.trials().stream()
            .collect(
                Collectors.groupingBy(
                    Verification.Trial::seed,
                    TreeMap::new,
                    Collectors.mapping(t -> String.valueOf(t.function()), Collectors.toList())));
    assertEquals(List.of(1, 2, 3), List.copyOf(bySeed.keySet()));
    int listed = bySeed.get(1).size() - 1;
    assertTrue(listed >= 1 && listed <= 3, "" + bySeed);
    int trainings = 0;
    for (List<String> functions : bySeed.values()) {
      assertEquals(1, functions.stream().filter("null"::equals).count(), "" + bySeed);
      assertEquals(listed + 1, functions.stream().distinct().count(), "" + bySeed);
      trainings += functions.size();
      listed = (listed + 1) / 2;
    }
    assertEquals((long) trainings * 2 * STEPS, outcome.passes());
    assertTrue(bySeed.get(3).contains(outcome.best()));
    double[] gains = new double[3];
    for (int s = 1; s <= 3; s++) {
      gains[s - 1] = value(outcome, outcome.best(), s) - value(outcome, null, s);
    }
    double mean = Arrays.stream(gains).average().orElseThrow();
    assertEquals(mean, outcome.gain(), 1e-12);
    double variance = Arrays.stream(gains).map(g -> (g - mean) * (g - mean)).sum() / 2;
    assertEquals(Math.sqrt(variance), outcome.spread(), 1e-12);
    assertEquals(!(mean > 2 * Math.sqrt(variance / 3)), outcome.keptDefault());
  }

  @Test
  void theVerdictSaysWhatWasGainedInWhichUnit() {
    List<Verification.Trial> texts =
        List.of(new Verification.Trial("square(x)", "best", 1, new Score(1, Double.NaN, 4)));
    assertEquals(
        "kept the default: the best of the list, square(x), gained +0.0313 ± 0.0926 of −ln(loss) over"
            + " the default (mean and standard deviation over the seeds), not more than two standard errors",
        new Verification.Outcome(texts, "square(x)", true, 0.0313, 0.0926, 9).toString());
    List<Verification.Trial> images =
        List.of(new Verification.Trial("square(x)", "best", 1, new Score(1, 0.5, 4)));
    assertEquals(
        "verified: square(x) gained +0.0200 ± 0.0010 of accuracy over the default (mean and standard"
            + " deviation over the seeds), more than two standard errors",
        new Verification.Outcome(images, "square(x)", false, 0.02, 0.001, 9).toString());
  }

  private static double value(Verification.Outcome outcome, String function, int seed) {
    return outcome.trials().stream()
        .filter(t -> t.seed() == seed && java.util.Objects.equals(function, t.function()))
        .findFirst()
        .orElseThrow()
        .score()
        .accuracy();
  }

  @Test
  void aSearchThatFindsNothingGoodEndsWithTheDefault() {
    // Nothing but constants: no network learns with them.
    CellSpace space = CellSpace.of(Operations.of("constant", "left", "right"), Bounds.PAPER);
    SearchResult result = search(settings(), space, null);
    assertTrue(result.verified().keptDefault(), "" + result.verified());
    assertEquals(KnownActivation.RELU.function(), result.found());
    assertTrue(result.verified().gain() < -0.02, "" + result.verified());
  }

  @Test
  void aFunctionThatIsBetterThanTheDefaultIsTheResult() {
    CellSpace space = CellSpace.of(Operations.of("abs", "left", "right"), Bounds.PAPER);
    Cells cells = new Cells(space, Expression.parse("constant[0.5](x)").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      SearchResult result =
          new Search(settings(), cells, learner, Progress.Listener.NONE)
              .run(Rings.batches(STEPS, 32, 1), Rings.batches(STEPS, 32, 2), 1);
      assertFalse(result.verified().keptDefault(), "" + result.verified());
      assertTrue(result.found().canonical().toString().equals("abs(x)"), "" + result.found());
    }
  }

  @Test
  void brokenOffItGoesOnToTheSameResult() {
    SearchResult whole = search(settings(), CellSpace.paper(), null);
    // The listener stops it in the middle of the verification.
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      assertThrows(
          IllegalStateException.class,
          () ->
              new Search(
                      settings(),
                      cells,
                      learner,
                      progress -> {
                        if (progress.task().equals("verification") && progress.done() > 3 * STEPS) {
                          throw new IllegalStateException("stopped");
                        }
                      })
                  .run(
                      Rings.batches(STEPS, 32, 1),
                      Rings.batches(STEPS, 32, 2),
                      1,
                      temp,
                      epoch -> {}));
    }
    assertEquals(whole.verified(), search(settings(), CellSpace.paper(), temp).verified());
  }

  @Test
  void restartingGivesTheWeightsOfItsSeed() {
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    Cells others = new Cells(CellSpace.paper(), Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1);
        Learner same = Rings.learner(others, 2)) {
      List<float[]> first = weights(learner);
      learner.restart(5);
      List<float[]> five = weights(learner);
      assertFalse(Arrays.equals(first.get(0), five.get(0)));
      same.restart(5);
      for (int i = 0; i < five.size(); i++) {
        assertTrue(Arrays.equals(five.get(i), weights(same).get(i)), "weight " + i);
      }
    }
  }

  private static List<float[]> weights(Learner learner) {
    return learner.weights().values().stream().map(NDArray::toFloatArray).toList();
  }

  @Test
  void functionsOfTheSameValuesAreListedOnce() {
    // Whatever these compose is x or max(x, 0), and the latter is the default.
    CellSpace space =
        CellSpace.of(Operations.of("identity", "max0", "max", "left", "right"), Bounds.PAPER);
    Verification.Outcome outcome =
        search(settings().verification(new Verification(8, 1, 2)), space, null).verified();
    long listed =
        outcome.trials().stream().filter(t -> t.seed() == 1 && t.function() != null).count();
    assertTrue(listed <= 1, "" + outcome.trials());
  }
}
