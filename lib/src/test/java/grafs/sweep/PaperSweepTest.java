package grafs.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.notebook.Tables;
import grafs.run.PaperModel;
import grafs.run.RunStore;
import grafs.study.Claims;
import grafs.study.ResultTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

/**
 * Tests {@link PaperSweep}: which searches and trainings a sweep has by its name, and the tables
 * and claims that notebook 04 makes from their results.
 */
class PaperSweepTest {

  @TempDir Path temp;

  @Test
  void itHasTheTrialsOfThePapersTables() throws IOException {
    String one = Tiny.in(temp.resolve("one")).folder().toString();
    String two = Tiny.in(temp.resolve("two")).folder().toString();
    Sweep small = PaperSweep.of("resnet").at("smoke", List.of(one), 5, 1);
    assertEquals(5 * 5 + 5 + 5 * 5, small.trials().size());
    Sweep large = PaperSweep.of("resnet-tables").at("paper", List.of(one, two), 2, 1);
    assertEquals(4 * 2 * (5 * 2 + 2 * 2) + 2, large.trials().size());
    assertTrue(
        large.trials().stream()
            .filter(trial -> trial.work() instanceof Trial.Search)
            .allMatch(trial -> trial.title().endsWith("ResNet-20 on one")),
        "a search elsewhere than on the first network and the first data set");
    for (Trial trial : large.trials()) {
      assertEquals(PaperModel.Family.RESNET, trial.experiment().model().family());
      assertEquals("paper", trial.experiment().scale().name());
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    assertRefused(() -> PaperSweep.of("lstm"), "'lstm'; the sweeps are resnet, vit and gpt");
    PaperSweep resnet = PaperSweep.of("resnet");
    assertRefused(() -> resnet.at("smoke", List.of("a", "b"), 1, 1), "resnet-tables takes several");
    assertRefused(() -> resnet.at("smoke", List.of("a"), 0, 1), "at least one seed, not 0");
    assertRefused(() -> resnet.at("huge", List.of("a"), 1, 1), "no scale 'huge'");
  }

  private static void assertRefused(org.junit.jupiter.api.function.Executable call, String why) {
    String said = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(said.contains(why), said);
  }

  @Test
  void notebook04HasItsTablesAndClaimsFromASweep() throws IOException {
    String images = Tiny.in(temp.resolve("images")).folder().toString();
    RunStore store = new RunStore(temp.resolve("results"));
    PaperSweep.of("resnet")
        .at("smoke", List.of(images), 1, 0)
        .run(store, Runner.IN_PROCESS, now -> {});
    Table table = ResultTable.of(store.trainings(), PaperModel.Family.RESNET);
    assertEquals(
        List.of("ReLU", "Leaky ReLU", "ELU", "SiLU", "GELU", "found 1"),
        table.stringColumn("activation").asList());
    Claims claims = Claims.of(store.trainings(), store.searches(), "smoke");
    // One claim for each of the five known activations: that the found function is better.
    assertEquals(5, claims.table().rowCount(), claims.table().toString());
  }

  @Test
  void theCommandsOfNotebook04AreSweeps() {
    for (String scale : List.of("quick", "paper")) {
      Table table = Tables.notRun(List.of(), scale);
      assertEquals(4 * 3 + 2 * 3 + 3, table.rowCount());
      for (String command : table.stringColumn("to run it")) {
        List<String> words = List.of(command.split(" "));
        PaperSweep sweep = PaperSweep.of(words.get(2));
        List<String> data = List.of(words.get(words.indexOf("--data") + 1).split(","));
        assertEquals(sweep.data("paper"), data, command);
        assertEquals(scale, words.get(words.indexOf("--scale") + 1));
      }
    }
  }
}
