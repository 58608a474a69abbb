package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.training.dataset.ArrayDataset;
import grafs.model.ActivationSites;
import grafs.nas.Regularizer;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.nas.Verification;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests the settings and the results of an {@link ActivationSearch} in small networks: several
 * batches in a step, several searches, the number of epochs, regularisers, verification and seeds.
 * Verification trains the network briefly with each function found and with its default activation,
 * and keeps the default activation unless a function is clearly better.
 */
class ActivationSearchTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /**
   * The data are split in two parts, and a step of the search uses two batches of each part. Of 96
   * examples, 72 train the weights: two batches of 32, so that an epoch is one step. The other 24
   * train α, the parameters by which the search chooses operations: a single batch, which is
   * repeated within the step.
   */
  @Test
  void severalBatchesInAStep() {
    ActivationSearch search =
        ActivationSearch.in(new Mlp(12, 3, new int[] {16, 16}, Activation::relu));
    FoundActivation found =
        SmallSearch.find(
            search.with(search.settings().accumulation(2)),
            SmallSearch.examples(manager, 96, 12),
            SmallSearch.CLASSES);
    SmallSearch.works(manager, found, new Shape(4, 12));
  }

  /**
   * If the settings ask for three searches, one verification compares the functions of all three.
   */
  @Test
  void severalSearches() {
    ActivationSearch search =
        ActivationSearch.in(new Mlp(12, 3, new int[] {16, 16}, Activation::relu))
            .space(TinyRuns.SPACE);
    Set<String> tasks = new TreeSet<>();
    search
        .with(search.settings().searches(3))
        .learningRate(1e-3)
        .epochs(2)
        .run(
            SmallSearch.examples(manager, 128, 12),
            SmallSearch.CLASSES,
            1,
            progress -> tasks.add(progress.task()));
    assertEquals(Set.of("search 1 of 3", "search 2 of 3", "search 3 of 3", "verification"), tasks);
  }

  /**
   * Verification trains the network from scratch, from different initial weights for each seed. It
   * makes no difference whether the network was initialised before the search.
   */
  @Test
  void verificationIsFromScratch() {
    ArrayDataset data = SmallSearch.examples(manager, 256, 12);
    Block fresh = new Mlp(12, 3, new int[] {16}, Activation::relu);
    Block initialised = new Mlp(12, 3, new int[] {16}, Activation::relu);
    initialised.initialize(manager, DataType.FLOAT32, new Shape(1, 12));
    List<Score> scores =
        scoresOfTheDefault(SmallSearch.find(ActivationSearch.in(fresh), data, SmallSearch.CLASSES));
    assertEquals(3, scores.stream().distinct().count());
    assertEquals(
        scores,
        scoresOfTheDefault(
            SmallSearch.find(ActivationSearch.in(initialised), data, SmallSearch.CLASSES)));
  }

  private static List<Score> scoresOfTheDefault(FoundActivation found) {
    return found.search().verified().trials().stream()
        .filter(trial -> trial.function() == null)
        .map(Verification.Trial::score)
        .toList();
  }

  @Test
  void theEpochsFollowFromTheTime() {
    ArrayDataset data = SmallSearch.examples(manager, 64, 12);
    ActivationSearch search =
        ActivationSearch.in(new Mlp(12, 3, new int[] {16}, Activation::relu))
            .space(TinyRuns.SPACE)
            .learningRate(1e-3);
    assertEquals(1 + 2, epochs(search.minutes(1e-6), data), "no time at all");
    assertEquals(1 + 100, epochs(search.minutes(1000), data), "as many as there may be");
    ActivationSearch timed = search.minutes(1e-6);
    SearchSettings settings = timed.settings();
    assertEquals(1 + 2, epochs(timed.with(settings.batchSize(16)), data), "still no time");
    assertEquals(5, epochs(timed.with(settings.epochs(5)), data), "the epochs of the settings");
    assertThrows(IllegalArgumentException.class, () -> search.minutes(0));
  }

  private static int epochs(ActivationSearch search, ArrayDataset data) {
    return search
        .run(data, SmallSearch.CLASSES, 1, Progress.Listener.NONE)
        .search()
        .epochs()
        .size();
  }

  @Test
  void aGoalLeadsTheSearch() {
    ArrayDataset data = SmallSearch.examples(manager, 256, 12);
    Regularizer cheap =
        new Regularizer.Cheap(20, Map.of("tanh", 1.0, "gelu", 1.0, "scale", 1.0, "gate", 1.0));
    Block network = new Mlp(12, 3, new int[] {16, 16}, Activation::gelu);
    FoundActivation found =
        ActivationSearch.in(network)
            .space(TinyRuns.SPACE)
            .epochs(4)
            .learningRate(1e-3)
            .goals(cheap)
            .run(data, SmallSearch.CLASSES, 1, Progress.Listener.NONE);
    assertTrue(found.function().text().matches("[max(), 0+]*"), found.function().text());
  }

  @Test
  void weightsThatWereThereAreThereAfterwards() {
    Block network = new Mlp(12, 3, new int[] {16}, Activation::relu);
    network.initialize(manager, DataType.FLOAT32, new Shape(1, 12));
    NDArray x = manager.randomNormal(new Shape(4, 12));
    float[] before = SmallSearch.outputs(manager, network, x);
    ActivationSites sites = ActivationSites.in(network);
    SmallSearch.find(
        ActivationSearch.in(network), SmallSearch.examples(manager, 128, 12), SmallSearch.CLASSES);
    sites.replace(site -> null);
    assertArrayEquals(before, SmallSearch.outputs(manager, network, x));
  }

  @Test
  void oneSeedFindsOneFunction() {
    ArrayDataset data = SmallSearch.examples(manager, 128, 12);
    Block one = new Mlp(12, 3, new int[] {16}, Activation::relu);
    Block other = new Mlp(12, 3, new int[] {16}, Activation::relu);
    FoundActivation first = SmallSearch.find(ActivationSearch.in(one), data, SmallSearch.CLASSES);
    FoundActivation second =
        SmallSearch.find(ActivationSearch.in(other), data, SmallSearch.CLASSES);
    SearchResult there = first.search();
    assertEquals(List.of(), JsonFile.differences(there, second.search()));
    Verification.Outcome verified = there.verified();
    Verification.Outcome different =
        new Verification.Outcome(
            verified.trials().subList(0, verified.trials().size() - 1),
            verified.best(),
            verified.keptDefault());
    SearchResult changed =
        new SearchResult(
            there.found(),
            there.space(),
            there.relaxation(),
            there.start(),
            there.epochs(),
            there.failures(),
            different,
            there.seconds());
    int trials = verified.trials().size();
    assertEquals(
        List.of("the number of verified.trials was %d, is %d".formatted(trials, trials - 1)),
        JsonFile.differences(there, changed));
  }

  @Test
  void aLearnerClosesWhatItMade() {
    Block network = new Mlp(12, 3, new int[] {16}, Activation::relu);
    network.initialize(manager, DataType.FLOAT32, new Shape(1, 12));
    new Learner(network, SmallSearch.CLASSES, 1, new Shape(1, 12)).close();
    assertEquals(
        12, SmallSearch.outputs(manager, network, manager.randomNormal(new Shape(4, 12))).length);
  }
}
