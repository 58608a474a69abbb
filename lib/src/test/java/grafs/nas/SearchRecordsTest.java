package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Block;
import grafs.cell.ActivationCells;
import grafs.cell.Candidates;
import grafs.cell.CellGraph;
import grafs.cell.CellSpace;
import grafs.cell.Grid;
import grafs.model.Activations;
import grafs.op.Binary;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import grafs.op.Unary;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchRecordsTest {

  private static final int STEPS = 12;

  private static SearchResult search(
      CellSpace space, Relaxation relaxation, List<SearchResult.Epoch> heard, Runnable atEpoch) {
    SearchSettings settings =
        new SearchSettings(
            3,
            4,
            Shrinking.geometric(1),
            32,
            new SgdSettings(0.05, 0.9, 0, Decay.COSINE),
            0.02,
            relaxation == Relaxation.SOFTMAX ? CellWarmStart.DEFAULT : CellWarmStart.DRNAS,
            relaxation,
            Architect.Order.FIRST,
            1);
    Block relu = Activations.of("relu").get();
    ActivationCells cells =
        new ActivationCells(space, ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, relu);
    try (Learner learner = Rings.learner(cells, 1)) {
      return new BilevelSearch(settings, cells, learner, relu, Progress.Listener.NONE)
          .run(
              Rings.batches(STEPS, 32, 1),
              Rings.batches(STEPS, 32, 2),
              1,
              null,
              epoch -> {
                heard.add(epoch);
                atEpoch.run();
              });
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theSwitchHardlyChangesTheLoss(boolean draws) {
    Relaxation relaxation = draws ? Relaxation.DRNAS : Relaxation.SOFTMAX;
    SearchResult result = search(CellSpace.paper(), relaxation, new ArrayList<>(), () -> {});
    SearchResult.Start start = result.start();
    System.out.printf(
        "%s: loss %.4f before the switch, %.4f after it, cell error %.4f%n",
        relaxation, start.lossBefore(), start.lossAfter(), start.cellError());
    assertEquals(start.lossBefore(), start.lossAfter(), 0.1 * start.lossBefore());
    assertTrue(start.cellError() < 0.05, "missed by " + start.cellError());
  }

  @Test
  void recordsTellWhatWasDroppedAndWhatIsLeft() {
    CellSpace space = CellSpace.paper();
    List<SearchResult.Epoch> heard = new ArrayList<>();
    SearchResult result = search(space, Relaxation.SOFTMAX, heard, () -> {});
    assertEquals(heard, result.epochs());
    Candidates before = Candidates.all(space);
    for (SearchResult.Epoch epoch : result.epochs()) {
      Set<String> gone = new HashSet<>();
      for (int e = 0; e < 4; e++) {
        List<Integer> dropped = new ArrayList<>(before.unary().get(e));
        dropped.removeAll(epoch.candidates().unary().get(e));
        for (int o : dropped) {
          gone.add("u" + (e + 1) + " " + space.operations().unary().get(o).name());
        }
      }
      for (int v = 0; v < 2; v++) {
        List<Integer> dropped = new ArrayList<>(before.binary().get(v));
        dropped.removeAll(epoch.candidates().binary().get(v));
        for (int o : dropped) {
          gone.add("b" + (v + 1) + " " + space.operations().binary().get(o).name());
        }
      }
      Set<String> told = new HashSet<>();
      for (SearchResult.Dropped dropped : epoch.dropped()) {
        assertTrue(told.add(dropped.place() + " " + dropped.operation()), "only once");
        assertTrue(dropped.step() >= 1 && dropped.step() <= STEPS, dropped.toString());
      }
      assertEquals(gone, told, "epoch " + epoch.epoch());
      assertTrue(epoch.seconds() > 0);
      assertEquals(32 * STEPS, epoch.train().examples());
      assertEquals(32 * STEPS, epoch.validation().examples());
      before = epoch.candidates();
    }
    assertEquals(List.of(), result.epochs().get(0).dropped(), "shrinking starts after epoch 1");
    assertTrue(before.decided());
  }

  /** What is dropped is never evaluated again, so the steps become cheaper. */
  @Test
  void droppedOperationsAreNotEvaluated() {
    int[] evaluations = new int[1];
    OperationSet paper = OperationSet.paper();
    List<Unary> unary =
        paper.unary().stream()
            .map(
                op ->
                    new Unary(
                        op.name(),
                        op.text(),
                        op.latex(),
                        op.beta(),
                        (x, beta) -> {
                          evaluations[0]++;
                          return op.function().apply(x, beta);
                        },
                        op.code()))
            .toList();
    List<Binary> binary =
        paper.binary().stream()
            .map(
                op ->
                    new Binary(
                        op.name(),
                        op.text(),
                        op.latex(),
                        op.beta(),
                        (a, b, beta) -> {
                          evaluations[0]++;
                          return op.function().apply(a, b, beta);
                        },
                        op.code()))
            .toList();
    CellSpace space =
        new CellSpace(CellGraph.PAPER, new OperationSet(unary, binary), Bounds.SEARCH);
    List<Integer> counts = new ArrayList<>();
    search(space, Relaxation.SOFTMAX, new ArrayList<>(), () -> counts.add(evaluations[0]));
    // On the three edges that x enters, operations without β are evaluated once for all steps.
    int places = 4 + 2 - 3;
    int all = 4 * unary.size() + 2 * binary.size();
    // The last epoch is decided: one table a weight step and one a validation batch.
    assertEquals(places * 2 * STEPS, counts.get(3) - counts.get(2));
    int second = counts.get(1) - counts.get(0);
    int third = counts.get(2) - counts.get(1);
    assertTrue(third < second && second < all * 2 * STEPS, counts.toString());
  }
}
