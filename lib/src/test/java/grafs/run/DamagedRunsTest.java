package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Fuzz;
import grafs.Printed;
import grafs.notebook.Tables;
import grafs.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests a {@link RunStore}, which keeps searches and trainings (runs) on disk, with damaged files.
 * When the store lists its runs, it leaves damaged ones out, with a warning in the log, and reads
 * the others. When a damaged run itself is asked for, the store throws an exception that names the
 * damage.
 */
class DamagedRunsTest {

  @TempDir Path temp;
  private TinyRuns tiny;

  @BeforeEach
  void text() throws IOException {
    tiny = new TinyRuns(temp);
  }

  @Test
  void runs() throws IOException {
    RunStore store = new RunStore(temp.resolve("runs"));
    store.train(
        tiny.experiment, "GELU", grafs.model.Activations.of("gelu"), 5, Progress.Listener.NONE);
    store.train(
        tiny.experiment, "ReLU", grafs.model.Activations.of("relu"), 6, Progress.Listener.NONE);
    store.search(tiny.experiment, TinyRuns.SPACE, 5, Progress.Listener.NONE);
    List<Path> files;
    try (Stream<Path> all = Files.walk(store.root())) {
      files = all.filter(f -> f.toString().matches(".*seed-5.*\\.(json|csv)")).sorted().toList();
    }
    assertTrue(files.size() >= 5, files.toString());
    for (Path file : files) {
      byte[] good = Files.readAllBytes(file);
      Fuzz.damage(
          file.getParent().getParent().getFileName() + "/" + file.getFileName(),
          good,
          good.length,
          bad -> {
            Files.write(file, bad);
            Printed.logged(
                () -> {
                  int trainings = store.trainings().size();
                  assertTrue(trainings == 1 || trainings == 2, "" + trainings);
                  assertTrue(store.searches().size() <= 1);
                  store.searches().forEach(kept -> Tables.verification(kept.result()));
                  assertFalse(("" + store.searches() + store.trainings()).isEmpty());
                });
          });
      Files.write(file, good);
    }
    assertEquals(2, store.trainings().size());
    assertEquals(1, store.searches().size());
  }

  @Test
  void whatIsDamagedOrForeignIsNamedAndLeftOut() throws IOException {
    RunStore store = tiny.store("a");
    tiny.train(store, Progress.Listener.NONE);
    Path good = TinyRuns.only(store);
    Path damaged = Files.createDirectories(store.root().resolve("x/damaged"));
    Files.copy(good.resolve("config.json"), damaged.resolve("config.json"));
    Files.writeString(damaged.resolve("result.json"), "{\"activation\": \"GE");
    Path foreign = Files.createDirectories(store.root().resolve("x/foreign"));
    Files.writeString(foreign.resolve("result.json"), "{\"answer\": 42}");
    Path refused = Files.createDirectories(store.root().resolve("x/refused"));
    Files.copy(good.resolve("result.json"), refused.resolve("result.json"));
    String config = Files.readString(good.resolve("config.json"));
    Files.writeString(
        refused.resolve("config.json"), config.replace("\"batchSize\": 8", "\"batchSize\": -8"));
    Path other = Files.createDirectories(store.root().resolve("x/other"));
    Files.copy(good.resolve("config.json"), other.resolve("config.json"));
    Files.writeString(
        other.resolve("result.json"),
        Files.readString(good.resolve("result.json")).replace("\"seed\": 5", "\"seed\": 6"));
    String said = Printed.logged(() -> assertEquals(1, store.trainings().size()));
    assertTrue(
        said.contains(other + " has files of two runs: result.json is of GELU, seed 6, but"), said);
    assertTrue(said.contains(refused.toString()), said);
    assertTrue(said.contains(damaged.toString()) && said.contains(foreign.toString()), said);
    assertEquals(List.of(), tiny.store("none").trainings());
  }

  private void damaged(String said, RunStore store, Path folder, String file, String... change)
      throws IOException {
    String good = Files.readString(folder.resolve(file));
    String bad = good.replaceFirst(change[0], change[1]);
    assertNotEquals(good, bad);
    Files.writeString(folder.resolve(file), bad);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> store.search(tiny.experiment, TinyRuns.SPACE, 3, Progress.Listener.NONE))
            .getMessage();
    String damage = folder.resolve(file) + " is damaged; delete its folder and run again";
    assertTrue(message.startsWith(damage) && message.contains(said), message);
    Files.writeString(folder.resolve(file), good);
  }

  @Test
  void whatIsMissingInAFileIsNamed() throws IOException {
    RunStore store = tiny.store("a");
    store.search(tiny.experiment, TinyRuns.SPACE, 3, Progress.Listener.NONE);
    Path folder = TinyRuns.only(store);
    damaged("provenance is missing", store, folder, "config.json", "\"provenance\"", "\"p\"");
    damaged("configuration or", store, folder, "config.json", "\"config\"", "\"c\"");
    damaged("model null", store, folder, "config.json", "\"GPT_MINI\"", "\"GPT_HUGE\"");
    damaged("neither space", store, folder, "config.json", "\"space\"", "\"s\"");
    damaged("an epoch", store, folder, "result.json", "\"epochs\": \\[", "$0null, ");
    damaged("the function", store, folder, "activation.json", "\"function\"", "\"f\"");
    Files.delete(folder.resolve("result.json"));
    damaged("provenance is missing", store, folder, "config.json", "\"provenance\"", "\"p\"");
  }
}
