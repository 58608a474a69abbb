package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.cell.Operations;
import grafs.data.DatasetBatches;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Tests the verification of a search's result on {@link Rings}, a small classification task.
 * Verification trains the network with each function of a short list and with the default
 * activation, the one that the network has without a search, and repeats this with further seeds.
 * After each seed the worse half of the list is dropped. The function that is left at the end
 * replaces the default only if it is clearly better.
 */
class VerificationTest {

  @Test
  void eachSeedTrainsTheDefaultAndHalvesTheList() {
    // After the second seed one of three functions is left, so only the third seed comes after this
    // choice. A single seed gives no standard deviation. Therefore the scores of all three seeds
    // decide.
    halving(3, 1);
  }

  /**
   * The seeds after which functions were dropped do not decide whether the function that is left is
   * better than the default, since the scores of these seeds are biased in its favour.
   */
  @Test
  void seedsAfterTheChoiceDecide() {
    halving(6, 3);
  }

  /**
   * Runs a search whose verification compares three functions. Checks with which functions each
   * seed trains the network, and the verdict.
   *
   * @param seeds the number of seeds
   * @param decides the first seed whose scores decide between the function that is left and the
   *     default
   */
  private void halving(int seeds, int decides) {
    SearchSettings settings = RingSearch.settings().verification(new Verification(3, 2, seeds));
    Verification.Outcome outcome = RingSearch.search(settings, CellSpace.paper(), null).verified();
    Map<Integer, List<String>> bySeed =
        outcome.trials().stream()
            .collect(
                Collectors.groupingBy(
                    Verification.Trial::seed,
                    TreeMap::new,
                    Collectors.mapping(t -> String.valueOf(t.function()), Collectors.toList())));
    assertEquals(IntStream.rangeClosed(1, seeds).boxed().toList(), List.copyOf(bySeed.keySet()));
    int listed = bySeed.get(1).size() - 1;
    assertEquals(3, listed, "" + bySeed);
    int trainings = 0;
    for (List<String> functions : bySeed.values()) {
      assertEquals(1, functions.stream().filter("null"::equals).count(), "" + bySeed);
      assertEquals(listed + 1, functions.stream().distinct().count(), "" + bySeed);
      trainings += functions.size();
      listed = (listed + 1) / 2;
    }
    assertEquals(trainings, outcome.trials().size());
    assertTrue(bySeed.get(seeds).contains(outcome.best()));
    double[] gains =
        IntStream.rangeClosed(decides, seeds)
            .mapToDouble(s -> Math.log(loss(outcome, null, s) / loss(outcome, outcome.best(), s)))
            .toArray();
    double mean = Arrays.stream(gains).average().orElseThrow();
    assertEquals(mean, outcome.gain(), 1e-12);
    double variance =
        Arrays.stream(gains).map(g -> (g - mean) * (g - mean)).sum() / (gains.length - 1);
    assertEquals(Math.sqrt(variance), outcome.spread(), 1e-12);
    boolean better = mean > 2 * Math.sqrt(variance / gains.length) && outcome.accuracyGain() >= 0;
    assertEquals(!better, outcome.keptDefault());
  }

  /**
   * Trainings are compared by −ln(loss), or by −loss if some loss is not positive. Here the loss is
   * a squared error minus 2 and mostly negative. With −ln(loss) the gain would be NaN, and the
   * default would always be kept.
   */
  @Test
  void aSearchWithLossesBelowZeroIsVerified() {
    Loss shifted =
        new Loss("squared error − 2") {
          @Override
          public NDArray evaluate(NDList labels, NDList outputs) {
            return labels.head().sub(outputs.head()).square().mean().sub(2);
          }
        };
    Cells cells = new Cells(CellSpace.small(), Activations.of("relu").get());
    Block network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(8).build())
            .add(cells.get())
            .add(Linear.builder().setUnits(1).build());
    try (NDManager manager = NDManager.newBaseManager();
        Learner learner = new Learner(network, shifted, new Shape(1, 1), 1)) {
      NDArray x = manager.arange(-2, 2, 4f / 256).reshape(-1, 1);
      ArrayDataset waves =
          new ArrayDataset.Builder()
              .setData(x)
              .optLabels(x.mul(manager.create(2f)).sin())
              .setSampling(32, false)
              .build();
      Verification.Outcome outcome =
          new Search(RingSearch.settings(), cells, learner, Progress.Listener.NONE)
              .run(DatasetBatches.shuffled(waves, 32, 1), DatasetBatches.shuffled(waves, 32, 2), 1)
              .verified();
      double gain =
          IntStream.rangeClosed(1, 3)
              .mapToDouble(s -> loss(outcome, null, s) - loss(outcome, outcome.best(), s))
              .average()
              .orElseThrow();
      assertEquals(gain, outcome.gain(), 1e-9, "" + outcome);
    }
  }

  private static double loss(Verification.Outcome outcome, String function, int seed) {
    return outcome.trials().stream()
        .filter(t -> t.seed() == seed && Objects.equals(function, t.function()))
        .findFirst()
        .orElseThrow()
        .score()
        .loss();
  }

  @Test
  void aSearchThatFindsNothingGoodEndsWithTheDefault() {
    // All functions of this space are constants, with which no network learns.
    CellSpace space = CellSpace.of(Operations.of("constant", "left", "right"), Bounds.PAPER);
    SearchSettings longer = RingSearch.settings().verification(new Verification(3, 8, 3));
    SearchResult result = RingSearch.search(longer, space, null);
    assertTrue(result.verified().keptDefault(), "" + result.verified());
    assertEquals(KnownActivation.RELU.function(), result.found());
    assertTrue(result.verified().gain() < -0.02, "" + result.verified());
  }

  @Test
  void aFunctionThatIsBetterThanTheDefaultIsTheResult() {
    CellSpace space = CellSpace.of(Operations.of("abs", "left", "right"), Bounds.PAPER);
    SearchSettings longer = RingSearch.settings().verification(new Verification(3, 8, 3));
    Cells cells = new Cells(space, Expression.parse("constant[0.5](x)").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      SearchResult result =
          new Search(longer, cells, learner, Progress.Listener.NONE)
              .run(
                  Rings.batches(RingSearch.STEPS, 32, 1),
                  Rings.batches(RingSearch.STEPS, 32, 2),
                  1);
      assertFalse(result.verified().keptDefault(), "" + result.verified());
      assertTrue(result.found().canonical().toString().equals("abs(x)"), "" + result.found());
    }
  }

  /**
   * While the list has 32 functions, each training has a quarter of the epochs that it has when
   * eight functions or fewer are left.
   */
  @Test
  void inALongListTrainingsAreShort() {
    Verification verification = new Verification(32, 8, 6);
    assertEquals(
        List.of(2, 4, 8, 8), List.of(32, 16, 8, 1).stream().map(verification::epochs).toList());
    assertEquals(1, verification.epochs(1000));
    assertEquals(33 * 2 + 17 * 4 + (9 + 5 + 3 + 2) * 8, verification.allEpochs(32));
    SearchSettings settings = RingSearch.settings().verification(new Verification(16, 2, 6));
    Verification.Outcome outcome = RingSearch.search(settings, CellSpace.paper(), null).verified();
    assertEquals(16, outcome.trials().stream().filter(t -> t.seed() == 1).count() - 1);
    assertEquals(17 + 9 + 5 + 3 + 2 + 2, outcome.trials().size());
    // The trainings with seed 1 had one epoch, those with seed 2 had two. So only the scores with
    // seed 2 decided which functions were trained with seed 3.
    List<String> fourth =
        outcome.trials().stream()
            .filter(t -> t.seed() == 3 && t.function() != null)
            .map(Verification.Trial::function)
            .toList();
    List<String> best =
        outcome.trials().stream()
            .filter(t -> t.seed() == 2 && t.function() != null)
            .sorted(Comparator.comparingDouble(t -> t.score().loss()))
            .limit(4)
            .map(Verification.Trial::function)
            .toList();
    assertEquals(best, fourth);
  }
}
