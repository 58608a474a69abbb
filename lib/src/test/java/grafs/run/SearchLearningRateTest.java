package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import grafs.nas.SearchSettings;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests the learning rate of an {@link ActivationSearch}: chosen for the network with its default
 * activation, or set by the user.
 */
class SearchLearningRateTest {

  private static final Loss CLASSES = Loss.softmaxCrossEntropyLoss();

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void theLearningRateIsChosenForTheNetworkAsItIs() {
    ActivationSearch search =
        ActivationSearch.in(new Mlp(12, 3, new int[] {16, 16}, Activation::relu))
            .space(TinyRuns.SPACE);
    SearchSettings slow =
        search.settings().weights(search.settings().weights().withLearningRate(1e-3 / 243));
    List<String> tasks = new ArrayList<>();
    ArrayDataset data = SmallSearch.examples(manager, 512, 12);
    FoundActivation found =
        search
            .with(slow.searches(1))
            .epochs(2)
            .run(
                data,
                CLASSES,
                1,
                progress -> {
                  if (!tasks.contains(progress.task())) {
                    tasks.add(progress.task());
                  }
                });
    assertEquals(
        List.of(
            "relu, learning rate 1.4e-06, seed 1",
            "relu, learning rate 4.1e-06, seed 1",
            "relu, learning rate 1.2e-05, seed 1",
            "relu, learning rate 3.7e-05, seed 1",
            "relu, learning rate 0.00011, seed 1",
            "relu, learning rate 0.00033, seed 1",
            "relu, learning rate 0.0010, seed 1",
            "relu, learning rate 0.0030, seed 1",
            "search",
            "verification"),
        tasks);
    assertTrue(
        found
            .toString()
            .endsWith("at learning rate 0.0030, the best for relu of 1.4e-06 to 0.0030"),
        found.toString());

    // For both activations, the comparison tries rates of up to 27 times the search's rate. Rates
    // that were tried for relu, the default activation, before the search are not tried again.
    tasks.clear();
    FoundComparison comparison = found.compare(SmallSearch.examples(manager, 64, 12), 5);
    assertEquals(
        List.of(
            "relu, learning rate 0.0090, seed 1",
            "relu, learning rate 0.027, seed 1",
            "relu, learning rate 0.081, seed 1",
            "found, learning rate 0.0010, seed 1",
            "found, learning rate 0.0030, seed 1",
            "found, learning rate 0.0090, seed 1",
            "found, learning rate 0.027, seed 1",
            "found, learning rate 0.081, seed 1",
            "relu, learning rate 0.081, seed 5",
            "found, learning rate 0.081, seed 5"),
        tasks);
    assertTrue(comparison.standard().edge() && comparison.found().edge());
    assertEquals(0.081, comparison.standard().learningRate(), 1e-9);
  }

  /**
   * A learning rate that the user set is discarded if all settings are replaced by settings with
   * another rate; the search then chooses the rate. If the new settings have the same rate, it is
   * used.
   */
  @Test
  void settingsReplaceARateThatWasSaid() {
    ActivationSearch search =
        ActivationSearch.in(new Mlp(12, 3, new int[] {16}, Activation::relu)).space(TinyRuns.SPACE);
    SearchSettings settings = search.settings().epochs(3);
    Set<String> tasks = new TreeSet<>();
    search
        .learningRate(3e-3)
        .with(settings)
        .run(
            SmallSearch.examples(manager, 128, 12),
            CLASSES,
            1,
            progress -> tasks.add(progress.task()));
    assertTrue(tasks.contains("relu, learning rate 0.0010, seed 1"), "" + tasks);
    tasks.clear();
    ActivationSearch said = search.learningRate(3e-3);
    said.with(said.settings().epochs(3))
        .run(
            SmallSearch.examples(manager, 128, 12),
            CLASSES,
            1,
            progress -> tasks.add(progress.task()));
    assertEquals(Set.of("search", "verification"), tasks);
  }

  @Test
  void aNetworkThatDivergesAtEveryRateIsSaidToDoSo() {
    Block network = new Mlp(12, 3, new int[] {16, 16}, Activation::relu);
    ActivationSearch search = ActivationSearch.in(network).space(TinyRuns.SPACE);
    SearchSettings fast =
        search.settings().weights(new SgdSettings(1e30, 0.9, 0, SgdSettings.Decay.COSINE));
    String said =
        assertThrows(
                TrainingDivergedException.class,
                () ->
                    search
                        .with(fast)
                        .epochs(2)
                        .run(
                            SmallSearch.examples(manager, 128, 12),
                            CLASSES,
                            1,
                            Progress.Listener.NONE))
            .getMessage();
    assertTrue(
        said.contains(
            "with relu the network diverges at each learning rate tried, 3.7e+28 to 3.0e+30"),
        said);
  }
}
