package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import grafs.cell.Expression;
import grafs.model.Activations;
import grafs.model.Network;
import grafs.nas.SearchResult;
import grafs.notebook.ShownValue;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.aggregate.AggregateFunctions;
import tech.tablesaw.api.Table;

/**
 * Tests that a {@link RunStore} keeps, loads, lists and rebuilds complete runs. A run is a search
 * for an activation function or a training of a network.
 */
class RunStoreTest {

  @TempDir Path temp;
  private TinyRuns tiny;

  @BeforeEach
  void text() throws IOException {
    tiny = new TinyRuns(temp);
  }

  @Test
  void whatIsCompleteIsLoadedAndSaysSo() throws IOException {
    RunStore store = tiny.store("a");
    Experiment.Run made = tiny.train(store, Progress.Listener.NONE);
    Path folder = TinyRuns.only(store);
    assertTrue(folder.toString().contains("minigpt/some-text/tiny/gelu/seed-5-"), "" + folder);
    assertEquals(4, Files.readAllLines(folder.resolve("metrics.csv")).size());
    TinyRuns.Notes notes = new TinyRuns.Notes();
    assertEquals(made, tiny.train(store, notes));
    assertEquals(0, notes.steps, "it was trained again");
    assertTrue(notes.text.contains("GELU, seed 5: complete, loaded from"), notes.text);
    assertEquals(List.of(made), store.trainings().stream().map(KeptTraining::run).toList());
    String shown = store.trainings().get(0).toString();
    assertEquals(3, shown.lines().count(), shown);
    assertTrue(shown.startsWith("miniGPT, some-text, tiny, seed 5: training with GELU\n"), shown);
    assertTrue(shown.contains("after 3 epochs") && shown.endsWith(folder.toString()), shown);
    assertTrue(ShownValue.html(store.trainings().get(0)).contains("<img alt=\"Test loss"));
    try (Learner trained = store.trained(tiny.experiment, "GELU", Activations.of("gelu"), 5)) {
      double loss =
          trained.evaluate(tiny.task.test(TinyRuns.SCALE).epoch(trained.manager(), 0)).loss();
      assertEquals(made.test().loss(), loss, 1e-6);
      assertTrue(((Network) trained.block()).parameterCount() > 1_000_000);
    }
    String said =
        assertThrows(
                UncheckedIOException.class,
                () -> store.trained(tiny.experiment, "GELU", Activations.of("gelu"), 6))
            .getMessage();
    assertTrue(said.startsWith("GELU, seed 6 has no weights.safetensors in " + temp), said);
  }

  @Test
  void aTrainingThatDivergedIsShownWithoutEpochs() {
    RunConfig config = RunConfig.training(tiny.experiment, "GELU", Activations.of("gelu"), 5);
    Score none = new Score(Double.NaN, Double.NaN, 0);
    Experiment.Run diverged =
        new Experiment.Run("GELU", 5, List.of(new Training.Epoch(1, none, none, 0)));
    List<String> lines =
        new KeptTraining(temp, RunStore.Header.now(config), diverged).toString().lines().toList();
    assertEquals("diverged", lines.get(1));
  }

  @Test
  void aCompleteRunIsLoadedFromAFolderThatCannotBeWritten() throws IOException {
    RunStore store = tiny.store("a");
    Experiment.Run made = tiny.train(store, Progress.Listener.NONE);
    Path folder = TinyRuns.only(store);
    Files.delete(folder.resolve("lock"));
    assertTrue(folder.toFile().setWritable(false));
    try {
      assumeFalse(Files.isWritable(folder), "skipped: this user may write to all folders");
      assertEquals(made, tiny.train(store, Progress.Listener.NONE));
      // While a store works on a run, it holds a lock on the file `lock` in the run's folder. It
      // works without the lock only if the run is complete. Here result.json is deleted, so that
      // the run is no longer complete.
      assertTrue(folder.toFile().setWritable(true));
      Files.delete(folder.resolve("result.json"));
      assertTrue(folder.toFile().setWritable(false));
      String said =
          assertThrows(UncheckedIOException.class, () -> tiny.train(store, Progress.Listener.NONE))
              .getMessage();
      assertTrue(said.startsWith("the folder " + folder + " of GELU, seed 5 cannot be"), said);
    } finally {
      assertTrue(folder.toFile().setWritable(true));
    }
  }

  private static void alphasAreThoseOfTheFile(KeptSearch kept) {
    Table alphas = kept.alphas();
    Table file = Table.read().csv(kept.folder().resolve("alphas.csv").toFile());
    assertEquals(List.of("epoch", "place", "operation", "α", "weight"), alphas.columnNames());
    for (String same : List.of("epoch", "place", "operation")) {
      assertEquals(file.column(same).asList(), alphas.column(same).asList());
    }
    assertArrayEquals(
        file.numberColumn("alpha").asDoubleArray(), alphas.doubleColumn("α").asDoubleArray());
    for (int row = 0; row < file.rowCount(); row++) {
      boolean left = file.booleanColumn("kept").get(row);
      assertEquals(left, alphas.doubleColumn("weight").get(row) > 0, "row " + row);
    }
    Table sums = alphas.summarize("weight", AggregateFunctions.sum).by("epoch", "place");
    assertEquals(4 * 3, sums.rowCount());
    for (double sum : sums.doubleColumn("Sum [weight]").asDoubleArray()) {
      assertEquals(1, sum, 1e-9);
    }
  }

  @Test
  void aSearchIsRebuiltFromItsConfigurationAlone() throws IOException {
    RunStore store = tiny.store("a");
    SearchResult made = store.search(tiny.experiment, TinyRuns.SPACE, 3, Progress.Listener.NONE);
    Path folder = TinyRuns.only(store);
    RunStore.Header header =
        new JsonFile(folder.resolve("config.json")).read(RunStore.Header.class);
    assertEquals(RunConfig.search(tiny.experiment, TinyRuns.SPACE, 3), header.config());
    assertFalse(Files.exists(folder.resolve("checkpoint")), "a complete run needs none");
    assertEquals(List.of(), store.rebuild(folder, tiny.task, Progress.Listener.NONE));
    assertEquals(1 + 4 * (2 * 5 + 3), Files.readAllLines(folder.resolve("alphas.csv")).size());
    TinyRuns.Notes notes = new TinyRuns.Notes();
    SearchResult again = store.search(tiny.experiment, TinyRuns.SPACE, 3, notes);
    assertEquals(List.of(), JsonFile.differences(made, again));
    assertTrue(notes.text.contains("search, seed 3: complete, loaded"), notes.text);
    List<KeptSearch> kept = store.searches();
    assertEquals(1, kept.size());
    assertEquals("miniGPT, some-text, seed 3", kept.get(0).title());
    String shown = kept.get(0).toString();
    assertTrue(shown.lines().count() <= 5, shown);
    assertTrue(shown.contains("f(x) = " + made.found().text()), shown);
    assertTrue(
        ShownValue.html(kept.get(0)).contains("<img alt=\"f(x)\""), ShownValue.html(kept.get(0)));
    alphasAreThoseOfTheFile(kept.get(0));
    assertEquals(List.of(), JsonFile.differences(made, kept.get(0).result()));
    assertArrayEquals(made.start().inputs(), kept.get(0).result().start().inputs());
    assertEquals(List.of(), store.trainings(), "a search is no training");
    Expression found = made.found();
    store.train(tiny.experiment, "found", found, 1, Progress.Listener.NONE);
    assertEquals("found", store.trainings().get(0).run().activation());
    assertEquals(
        List.of(),
        store.rebuild(store.trainings().get(0).folder(), tiny.task, Progress.Listener.NONE));
    String refused =
        assertThrows(
                IllegalArgumentException.class,
                () -> store.rebuild(folder, tiny.task("some-text", 2), Progress.Listener.NONE))
            .getMessage();
    assertTrue(refused.contains("other data"), refused);
  }

  @Test
  void aReferenceThatWasRunAgainIsListedOnce() throws IOException {
    for (Path reference : List.of(temp.resolve("a/reference"), temp.resolve("b"))) {
      listedOnce(new RunStore(temp.resolve("a"), reference));
      listedOnce(new RunStore(temp.resolve("c"), reference));
    }
    listedOnce(new RunStore(temp.resolve("d")));
  }

  /** A store whose root is given as a symbolic link or a relative path lists the same runs. */
  @Test
  void anotherPathToTheStoreListsTheSameRuns() throws IOException {
    RunStore store = tiny.store("a");
    listedOnce(store);
    Path link = Files.createSymbolicLink(temp.resolve("link"), store.root());
    for (Path root : List.of(link, Path.of("").toAbsolutePath().relativize(store.root()))) {
      for (Path reference : List.of(store.reference(), root.resolve("reference"))) {
        assertEquals(store.trainings(), new RunStore(root, reference).trainings());
      }
    }
  }

  private void listedOnce(RunStore store) {
    tiny.train(new RunStore(store.reference()), Progress.Listener.NONE);
    assertEquals(1, store.trainings().size());
    tiny.train(store, Progress.Listener.NONE);
    assertEquals(1, store.trainings().size());
    Path folder = store.trainings().get(0).folder();
    assertTrue(folder.startsWith(store.root()) && !folder.startsWith(store.reference()));
  }

  @Test
  void aTrainingIsNoSearch() {
    RunStore store = tiny.store("a");
    tiny.train(store, Progress.Listener.NONE);
    store.search(tiny.experiment, TinyRuns.SPACE, 3, Progress.Listener.NONE);
    RunConfig training = store.trainings().get(0).header().config();
    RunConfig search = store.searches().get(0).header().config();
    String said =
        assertThrows(IllegalArgumentException.class, () -> store.search(training)).getMessage();
    assertTrue(said.contains(" has a training, not a search: look"), said);
    said = assertThrows(IllegalArgumentException.class, () -> store.training(search)).getMessage();
    assertTrue(said.contains(" has a search, not a training: look"), said);
  }

  @Test
  void differencesAreNamed() {
    Experiment.Run one = tiny.train(tiny.store("a"), Progress.Listener.NONE);
    Experiment.Run other =
        tiny.store("b")
            .train(tiny.experiment, "ReLU", Activations.of("relu"), 5, Progress.Listener.NONE);
    List<String> lines = JsonFile.differences(one, other);
    assertTrue(lines.contains("activation was GELU, is ReLU"), lines.toString());
    assertTrue(
        lines.stream().anyMatch(line -> line.startsWith("epochs.1.train.loss was ")),
        lines.toString());
  }
}
