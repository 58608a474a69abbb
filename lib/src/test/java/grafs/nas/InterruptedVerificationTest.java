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
 * Tests that an interrupted search for an activation function ends with the same result as an
 * uninterrupted one, if the interruption comes in the second of several searches, or in the
 * verification, which compares functions that the search has found with the default activation.
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
   * Interrupts a search, continues it, and compares the result with that of an uninterrupted one.
   *
   * @param settings the settings of the search
   * @param task the task during which the search is interrupted, by its name in progress reports
   * @param steps the search is interrupted after more than this number of the task's steps
   */
  private void brokenOff(SearchSettings settings, String task, int steps) {
    SearchResult whole = RingSearch.search(settings, CellSpace.paper(), null);
    // The listener stops the search by an exception, in the middle of the task.
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
