package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.model.Activations;
import grafs.train.Learner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that a search that is interrupted in its verification or in a later one of several searches
 * continues to the same result.
 */
class InterruptedVerificationTest {

  @TempDir private Path temp;

  @Test
  void brokenOffItGoesOnToTheSameResult() {
    brokenOff(RingSearch.settings(), "verification", 3 * RingSearch.STEPS);
  }

  @Test
  void brokenOffInItsSecondSearchItGoesOnToTheSameResult() {
    brokenOff(RingSearch.settings().searches(3), "search 2 of 3", RingSearch.STEPS + 2);
  }

  /**
   * Interrupts a search and continues it, and compares the result with that of an uninterrupted
   * one.
   *
   * @param settings the settings of the search
   * @param task the task, as progress reports call it, during which the search is interrupted
   * @param steps the number of the task's steps before that
   */
  private void brokenOff(SearchSettings settings, String task, int steps) {
    SearchResult whole = RingSearch.search(settings, CellSpace.paper(), null);
    // The listener stops the search in the middle of the task.
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      assertThrows(
          IllegalStateException.class,
          () ->
              new Search(
                      settings,
                      cells,
                      learner,
                      progress -> {
                        if (progress.task().equals(task) && progress.done() > steps) {
                          throw new IllegalStateException("stopped");
                        }
                      })
                  .run(
                      Rings.batches(RingSearch.STEPS, 32, 1),
                      Rings.batches(RingSearch.STEPS, 32, 2),
                      1,
                      temp,
                      epoch -> {}));
    }
    List<Long> totals = new ArrayList<>();
    SearchResult rest =
        RingSearch.search(
            settings,
            CellSpace.paper(),
            1,
            temp,
            progress -> {
              if (progress.task().equals("verification")) {
                totals.add(progress.total() - progress.done());
              }
            });
    assertEquals(0, totals.get(totals.size() - 1), "steps left at the end");
    assertEquals(whole.verified(), rest.verified());
    assertEquals(
        whole.epochs().stream().map(SearchResult.Epoch::found).toList(),
        rest.epochs().stream().map(SearchResult.Epoch::found).toList());
    assertTrue(rest.seconds() > 0);
  }
}
