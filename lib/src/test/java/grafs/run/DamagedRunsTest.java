package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of which a file is damaged at random is either read by {@link RunStore} or left out with a
 * warning in the log; the other runs are read.
 */
class DamagedRunsTest {

  @TempDir Path temp;

  @Test
  void runs() throws IOException {
    RunStoreTest tiny = new RunStoreTest();
    tiny.temp = temp;
    tiny.text();
    RunStore store = new RunStore(temp.resolve("runs"));
    store.train(
        tiny.experiment, "GELU", grafs.model.Activations.of("gelu"), 5, Progress.Listener.NONE);
    store.train(
        tiny.experiment, "ReLU", grafs.model.Activations.of("relu"), 6, Progress.Listener.NONE);
    store.search(tiny.experiment, RunStoreTest.SPACE, 5, Progress.Listener.NONE);
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
}
