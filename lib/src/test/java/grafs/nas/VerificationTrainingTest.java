package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.RunningScore;
import grafs.train.Score;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import grafs.train.WeightOptimizer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Tests how {@link Verification} trains the network with a function: the learning rate, the number
 * of batches in a step, and the initial weights of each seed. A verification compares functions
 * that a search has found with the default activation.
 */
class VerificationTrainingTest {

  /**
   * The learning rate of the trainings falls, even if that of the search is constant. Otherwise the
   * score after a short training would depend too much on its last few batches.
   */
  @Test
  void theRateFallsInVerificationThoughItDoesNotInTheSearch() {
    SearchSettings falling = RingSearch.settings();
    SearchSettings level = falling.weights(new SgdSettings(0.05, 0.9, 0, Decay.CONSTANT));
    SearchResult one = RingSearch.search(level, CellSpace.paper(), null);
    SearchResult other = RingSearch.search(falling, CellSpace.paper(), null);
    assertNotEquals(one.epochs().get(0).train().loss(), other.epochs().get(0).train().loss());
    assertEquals(scoresOfTheDefault(other), scoresOfTheDefault(one));
    assertEquals(3, scoresOfTheDefault(one).size());
  }

  /**
   * A training of the verification has as many batches in a step as the search. This test repeats
   * one such training by itself and compares the scores.
   */
  @Test
  void asManyBatchesMakeAStepAsInTheSearch() {
    List<Score> one =
        scoresOfTheDefault(RingSearch.search(RingSearch.settings(), CellSpace.paper(), null));
    SearchSettings twice = RingSearch.settings().accumulation(2);
    List<Score> two = scoresOfTheDefault(RingSearch.search(twice, CellSpace.paper(), null));
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      learner.restart(Objects.hash(1L, 1));
      cells.restoreDefault();
      try (WeightOptimizer optimizer =
          twice.weights().optimizer(learner.weights(), RingSearch.STEPS)) {
        for (int epoch = 0; epoch < 2; epoch++) {
          // Seeds the random numbers of dropout as the verification does.
          Engine.getInstance().setRandomSeed(Objects.hash(1L, 1, epoch));
          int batches = 0;
          for (Batch batch :
              Rings.batches(RingSearch.STEPS, 32, 1).epoch(learner.manager(), 4096 + epoch)) {
            try (batch;
                RunningScore score = new RunningScore(learner.manager())) {
              learner.backpropagate(batch, score);
            }
            if (++batches % 2 == 0) {
              optimizer.step(2);
            }
          }
        }
      }
      Score again =
          learner.evaluate(Rings.batches(RingSearch.STEPS, 32, 2).epoch(learner.manager(), 0));
      assertEquals(again, two.get(0));
    }
    assertNotEquals(one.get(0), two.get(0));
  }

  private static List<Score> scoresOfTheDefault(SearchResult result) {
    return result.verified().trials().stream()
        .filter(trial -> trial.function() == null)
        .map(Verification.Trial::score)
        .toList();
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
}
