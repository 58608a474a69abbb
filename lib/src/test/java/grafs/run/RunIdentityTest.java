package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import grafs.Printed;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.cell.Operation;
import grafs.model.Activations;
import grafs.nas.SearchResult;
import grafs.nas.Verification;
import grafs.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests which runs (searches and trainings) count as the same by their {@link RunConfig}, that a
 * configuration is read as it was written, and that a {@link RunStore}, which keeps runs on disk,
 * records which versions of the software worked on a run.
 */
class RunIdentityTest {

  @TempDir Path temp;
  private TinyRuns tiny;

  @BeforeEach
  void text() throws IOException {
    tiny = new TinyRuns(temp);
  }

  @Test
  void whichVersionsWorkedOnARunIsKept() throws IOException {
    RunStore store = tiny.store("a");
    assertThrows(CancellationException.class, () -> tiny.train(store, TinyRuns::stopAtFive));
    Path config = TinyRuns.only(store).resolve("config.json");
    String here = Files.readString(config);
    String other = here.replaceFirst("\"djl\": \".*\"", "\"djl\": \"0.1\"");
    assertNotEquals(here, other);

    // The same versions resume the run: config.json does not change.
    TinyRuns.Notes notes = new TinyRuns.Notes();
    Progress.Listener stop =
        progress -> {
          throw new CancellationException();
        };
    assertThrows(CancellationException.class, () -> tiny.train(store, stop));
    assertEquals(here, Files.readString(config));
    // Another version began the run, but left no checkpoint: these versions begin it anew.
    Files.writeString(config, other);
    Path checkpoint = TinyRuns.only(store).resolve("checkpoint");
    Files.move(checkpoint, temp.resolve("away"));
    assertThrows(CancellationException.class, () -> tiny.train(store, TinyRuns::stopAtFive));
    assertEquals(
        here.replaceFirst("started.*", ""), Files.readString(config).replaceFirst("started.*", ""));

    // Another version began the run and left a checkpoint: these versions continue it.
    Files.writeString(config, other);
    tiny.train(store, notes);
    assertTrue(notes.text.contains("GELU, seed 5: begun on 20"), notes.text);
    assertTrue(notes.text.contains("by other versions of code or libraries"), notes.text);
    RunStore.Header kept = store.trainings().get(0).header();
    assertEquals("0.1", kept.provenance().djl());
    assertEquals(1, kept.continued().size());
    assertTrue(here.contains(kept.continued().get(0).djl()));

    // These versions began the run, but another one continued it: a note says so at loading.
    List<Provenance> then = List.of(kept.provenance());
    new JsonFile(config).write(new RunStore.Header(kept.config(), kept.continued().get(0), then));
    TinyRuns.Notes loaded = new TinyRuns.Notes();
    tiny.train(store, loaded);
    assertEquals(0, loaded.steps);
    assertTrue(loaded.text.contains("by other versions of code or libraries"), loaded.text);
  }

  @Test
  void customOperationsAreToldApartByTheirValues() throws IOException {
    Experiment unverified =
        tiny.experiment.with(
            TinyRuns.SCALE.with(TinyRuns.SCALE.search().epochs(2).verification(Verification.OFF)));
    CellSpace one = TinyRuns.SPACE.with(Operation.of("mine", x -> Math.cos(2 * x)));
    CellSpace other = TinyRuns.SPACE.with(Operation.of("mine", x -> x * x * x));
    assertEquals(
        RunConfig.search(unverified, one, 3),
        RunConfig.search(
            unverified, TinyRuns.SPACE.with(Operation.of("mine", x -> Math.cos(x + x))), 3));
    String folder = RunConfig.search(unverified, one, 3).folder();
    assertNotEquals(folder, RunConfig.search(unverified, other, 3).folder());

    RunStore store = tiny.store("a");
    SearchResult made = store.search(unverified, one, 3, Progress.Listener.NONE);
    TinyRuns.Notes notes = new TinyRuns.Notes();
    SearchResult again = store.search(unverified, one, 3, notes);
    assertEquals(0, notes.steps, "it was searched again");
    assertEquals(one, again.space(), "the operation is the one that was given");
    assertEquals(List.of(), JsonFile.differences(made, again));
    String said = Printed.logged(() -> assertEquals(List.of(), store.searches()));
    assertTrue(said.contains("the operations [mine] are the user's own"), said);
    Path kept = TinyRuns.only(store);
    assertThrows(
        IllegalArgumentException.class,
        () -> store.rebuild(kept, tiny.task, Progress.Listener.NONE));

    RunConfig ofTheKit = RunConfig.search(unverified, TinyRuns.SPACE, 3);
    assertFalse(JsonFile.text(ofTheKit).contains("custom"), "the identity is as it was");
  }

  private String folder(String name, Supplier<? extends Block> activation) {
    return RunConfig.training(tiny.experiment, name, activation, 5).folder();
  }

  private static Supplier<Block> bump(float height) {
    return () ->
        LambdaBlock.singleton(x -> Activation.relu(x.sub(0.3f).abs().neg().add(0.1f)).mul(height));
  }

  @Test
  void activationsWithTheSameValuesNearZeroAreToldApart() throws IOException {
    // ReLU and ReLU6 differ only above 6.
    Supplier<Block> relu = Activations.of("relu");
    Supplier<Block> relu6 = Activations.of("relu6");
    assertNotEquals(folder("mine", relu), folder("mine", relu6));
    assertNotEquals(folder("ReLU", relu), folder("ReLU", relu6));
    // These two differ only between 0.2 and 0.4.
    assertNotEquals(folder("mine", bump(1)), folder("mine", bump(2)));
    Operation one = Operation.of("mine", x -> Math.min(x, 6));
    Operation two = Operation.of("mine", x -> Math.min(x, 7));
    assertNotEquals(
        folder("found", Expression.parse("mine(x)", one)),
        folder("found", Expression.parse("mine(x)", two)));

    Experiment brief = tiny.experiment.with(TinyRuns.SCALE.with("brief", 1e-3));
    RunStore store = tiny.store("a");
    store.train(brief, "ReLU6", relu6, 5, Progress.Listener.NONE);
    assertEquals(relu6, store.trainings().get(0).header().config().known());
    assertEquals(relu, RunConfig.training(brief, "mine", relu, 5).known());
    assertEquals(relu6, RunConfig.training(brief, "mine", relu6, 5).known());
    assertEquals(relu, RunConfig.training(brief, "ReLU", relu, 5).known());

    Expression max = Expression.parse("max0(x)");
    Expression six = KnownActivation.RELU6.function();
    store.train(brief, "found", max, 5, Progress.Listener.NONE);
    store.train(brief, "found", max, 5, Progress.Listener.NONE);
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> store.train(brief, "found", six, 5, Progress.Listener.NONE))
            .getMessage();
    assertTrue(said.contains("with another function, max0(x), not with " + six), said);
  }

  @Test
  void otherSettingsAreAnotherRun() throws IOException {
    String own = RunConfig.training(tiny.experiment, "GELU", Activations.of("gelu"), 5).folder();
    Scale longer =
        new Scale(
            "tiny",
            32,
            4,
            TinyRuns.SCALE.search(),
            4,
            8,
            1,
            TinyRuns.ADAM,
            1,
            TinyRuns.SCALE.preparation());
    List<RunConfig> others =
        List.of(
            RunConfig.training(tiny.experiment.with(longer), "GELU", Activations.of("gelu"), 5),
            RunConfig.training(tiny.experiment, "GELU", Activations.of("relu"), 5),
            RunConfig.training(tiny.experiment, "GELU", Activations.of("gelu"), 6),
            RunConfig.training(
                new Experiment(PaperModel.GPT_MINI, tiny.task("some-text", 2), TinyRuns.SCALE),
                "GELU",
                Activations.of("gelu"),
                5),
            RunConfig.training(
                tiny.experiment.with(PaperModel.GPT_TINY), "GELU", Activations.of("gelu"), 5),
            RunConfig.search(tiny.experiment, TinyRuns.SPACE, 5));
    assertEquals(
        own, RunConfig.training(tiny.experiment, "GELU", Activations.of("gelu"), 5).folder());
    others.forEach(other -> assertNotEquals(own, other.folder(), other.toString()));
  }

  @Test
  void everyScaleIsReadAsItWasWritten() {
    JsonFile file = new JsonFile(temp.resolve("config.json"));
    for (String name : List.of("smoke", "quick", "paper")) {
      for (Scale scale :
          List.of(Scale.resnet(name), Scale.vit(name), Scale.gpt(name), TinyRuns.SCALE)) {
        Scale own = scale.with("own", scale.weights().learningRate());
        RunConfig config = RunConfig.search(tiny.experiment.with(own), CellSpace.paper(), 1);
        file.write(config);
        assertEquals(config, file.read(RunConfig.class));
        assertEquals("" + CellSpace.paper(), "" + config.space().toSpace());
      }
    }
  }
}
