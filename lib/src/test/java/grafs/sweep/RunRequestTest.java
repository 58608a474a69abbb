package grafs.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.run.Experiment;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.run.TaskSource;
import grafs.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link RunRequest}, which describes a search or a training (a run) so that another process
 * can execute it, and how a {@link RunStore} takes over the files of that run.
 */
class RunRequestTest {

  @TempDir Path temp;
  private Tiny tiny;
  private Experiment experiment;

  @BeforeEach
  void images() throws IOException {
    tiny = Tiny.in(temp.resolve("images"));
    experiment = tiny.experiment(PaperModel.RESNET_20, 0.05);
  }

  @Test
  void aRequestIsReadAsItWasWritten() {
    // The function has a constant with 16 digits, all of which must survive the conversion to text.
    Expression function =
        Expression.parse("max(add(scale[0.3333333333333333](x), tanh(x)), sin(x))");
    for (String name : List.of("smoke", "quick", "paper")) {
      Experiment at = experiment.with(Scale.resnet(name));
      TaskSource source = tiny.source();
      for (RunRequest request :
          List.of(
              RunRequest.search(at, source, CellSpace.paper(), -3),
              RunRequest.training(at, source, "Leaky ReLU", "leaky_relu", 1L << 53),
              RunRequest.training(at, source, "of “mine”\n", function.toString(), 7))) {
        assertFalse(request.text().contains("\n"), request.text());
        assertEquals(request, RunRequest.parse(request.text()));
        assertEquals(request.config().folder(), RunRequest.parse(request.text()).config().folder());
      }
    }
    String whole = RunRequest.training(experiment, tiny.source(), "ReLU", "relu", 1).text();
    String nameless = whole.replace("\"activation\": \"relu\"", "\"other\": \"relu\"");
    String worthless = whole.replace("\"values\"", "\"other\"");
    assertNotEquals(whole, nameless);
    assertNotEquals(whole, worthless);
    for (String broken :
        List.of("", "null", "{}", "{\"config\": {}}", "[1]", "{\"config\"", nameless, worthless)) {
      String said =
          assertThrows(IllegalArgumentException.class, () -> RunRequest.parse(broken)).getMessage();
      assertTrue(said.startsWith("this is not a request for a run: "), said);
      assertEquals(1, said.split("request", -1).length - 1, "once: " + said);
    }
  }

  @Test
  void aFoundFunctionIsTrainedFromItsRequestAsItIsFromItself() throws IOException {
    Expression function = Expression.parse("add(scale[1.5](x), max0(x))");
    RunStore here = new RunStore(temp.resolve("here"));
    here.train(experiment, "mine", function, 4, Progress.Listener.NONE);
    RunStore there = new RunStore(temp.resolve("there"));
    RunRequest request =
        RunRequest.training(experiment, tiny.source(), "mine", function.toString(), 4);
    there.run(RunRequest.parse(request.text()), tiny.source().load(), Progress.Listener.NONE);
    assertEquals(Tiny.results(here.root()), Tiny.results(there.root()));
  }

  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  @Test
  void aRunThatWasMadeElsewhereIsTakenOverOnce() throws IOException {
    RunStore there = new RunStore(temp.resolve("there"));
    RunRequest request = tiny.baseline(experiment, "relu", 1).request(there);
    RunConfig config = request.config();
    Path made = there.run(request, experiment.task(), Progress.Listener.NONE);
    Map<String, byte[]> files = files(made);
    RunStore here = new RunStore(temp.resolve("results/here"));

    files.put("../../escaped.json", new byte[1]);
    here.take(config, files);
    assertEquals(Tiny.results(there.root()), Tiny.results(here.root()));
    assertEquals(
        Files.readString(made.resolve("config.json")),
        Files.readString(here.root().resolve(config.folder()).resolve("config.json")));
    try (Stream<Path> all = Files.walk(temp.resolve("results"))) {
      assertTrue(all.noneMatch(f -> f.endsWith("escaped.json")), "a file left the folder");
    }
    assertEquals(1, here.trainings().size());

    // The store has this training complete already, so it does not take the file that differs.
    files.put("metrics.csv", new byte[1]);
    here.take(config, files);
    assertEquals(Tiny.results(there.root()), Tiny.results(here.root()));
  }
}
