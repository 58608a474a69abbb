package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import grafs.Printed;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.data.Preparation;
import grafs.data.TextDataset;
import grafs.data.TextSet;
import grafs.data.Tokenizer;
import grafs.model.Activations;
import grafs.model.Network;
import grafs.nas.Relaxation;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
import grafs.notebook.ProgressLine;
import grafs.notebook.ShownValue;
import grafs.train.AdamSettings;
import grafs.train.Learner;
import grafs.train.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.aggregate.AggregateFunctions;
import tech.tablesaw.api.Table;

/**
 * Tests that a {@link RunStore} keeps, resumes, loads, lists and rebuilds runs. Other tests also
 * use its tiny experiment, a miniGPT on a random sequence of two phrases.
 */
class RunStoreTest {

  static final CellSpace SPACE =
      CellSpace.of(
              grafs.cell.Operations.of(
                  "identity", "scale", "tanh", "gelu", "max0", "add", "max", "gate"),
              grafs.cell.Bounds.SMOOTH)
          .withUnits(1);

  private static final AdamSettings ADAM = new AdamSettings(1e-3, 0.9, 0.95, 0.1, 0, 1, 0.1);

  static final Scale SCALE =
      new Scale(
          "tiny",
          32,
          4,
          SearchSettings.paper(ADAM)
              .warmStartEpochs(1)
              .epochs(3 + 1)
              .shrinking(new Shrinking(Shrinking.Unit.EPOCH, 1))
              .batchSize(8)
              .accumulation(1)
              .alphaLearningRate(0.03)
              .relaxation(Relaxation.DRNAS),
          3,
          8,
          1,
          ADAM,
          1,
          Preparation.CROP_AND_FLIP);

  @TempDir Path temp;
  Task task;
  Experiment experiment;

  /** Counts the progress reports and collects the notes of a run. */
  static final class Notes implements Progress.Listener {
    int steps;
    String text = "";

    @Override
    public void progress(Progress progress) {
      steps++;
    }

    @Override
    public void note(String line) {
      text += line + System.lineSeparator();
    }
  }

  @BeforeEach
  void text() throws IOException {
    task = task("some-text", 1);
    experiment = new Experiment(PaperModel.GPT_MINI, task, SCALE);
  }

  private Task task(String name, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    while (text.length() < 3000) {
      text.append(random.nextBoolean() ? "to be or not " : "that is the question ");
    }
    Path file = temp.resolve(name + "-" + seed + ".txt");
    Files.writeString(file, text);
    Tokenizer characters = Tokenizer.characters(text.toString());
    TextSet.Split split = TextSet.of(file, temp.resolve("tokens"), characters).split(0.1);
    return new TextTask(new TextDataset(name, characters, split.train(), split.validation()), 8);
  }

  RunStore store(String name) {
    return new RunStore(temp.resolve(name));
  }

  Experiment.Run train(RunStore store, Progress.Listener listener) {
    return store.train(experiment, "GELU", Activations.of("gelu"), 5, listener);
  }

  static Path only(RunStore store) throws IOException {
    try (Stream<Path> files = Files.walk(store.root())) {
      List<Path> found = files.filter(f -> f.endsWith("config.json")).map(Path::getParent).toList();
      assertEquals(1, found.size(), found.toString());
      return found.get(0);
    }
  }

  @Test
  void whatIsCompleteIsLoadedAndSaysSo() throws IOException {
    RunStore store = store("a");
    Experiment.Run made = train(store, Progress.Listener.NONE);
    Path folder = only(store);
    assertTrue(folder.toString().contains("minigpt/some-text/tiny/gelu/seed-5-"), "" + folder);
    assertEquals(4, Files.readAllLines(folder.resolve("metrics.csv")).size());
    Notes notes = new Notes();
    assertEquals(made, train(store, notes));
    assertEquals(0, notes.steps, "it was trained again");
    assertTrue(notes.text.contains("GELU, seed 5: complete, loaded from"), notes.text);
    assertEquals(List.of(made), store.trainings().stream().map(KeptTraining::run).toList());
    String shown = store.trainings().get(0).toString();
    assertEquals(3, shown.lines().count(), shown);
    assertTrue(shown.startsWith("miniGPT, some-text, tiny, seed 5: training with GELU\n"), shown);
    assertTrue(shown.contains("after 3 epochs") && shown.endsWith(folder.toString()), shown);
    assertTrue(ShownValue.html(store.trainings().get(0)).contains("<img alt=\"Test loss"));
    try (Learner trained = store.trained(experiment, "GELU", Activations.of("gelu"), 5)) {
      double loss = trained.evaluate(task.test(SCALE).epoch(trained.manager(), 0)).loss();
      assertEquals(made.test().loss(), loss, 1e-6);
      assertTrue(((Network) trained.block()).parameterCount() > 1_000_000);
    }
    assertThrows(
        UncheckedIOException.class,
        () -> store.trained(experiment, "GELU", Activations.of("gelu"), 6));
  }

  @Test
  void aTrainingThatIsBrokenOffGoesOnToTheSameEnd() throws IOException {
    Experiment.Run unbroken = train(store("unbroken"), Progress.Listener.NONE);
    RunStore store = store("broken");
    for (int stop : new int[] {2, 6, 3}) {
      // An epoch has four steps. Progress is reported at most four times a second, and after the
      // last step: on a fast machine, that may be the only report from step `stop` on.
      assertThrows(
          CancellationException.class,
          () ->
              store.train(
                  experiment,
                  "GELU",
                  Activations.of("gelu"),
                  5,
                  progress -> {
                    if (progress.done() >= stop || progress.done() == progress.total()) {
                      throw new CancellationException();
                    }
                  }));
    }
    assertTrue(Files.exists(only(store).resolve("checkpoint/training.zip")));
    assertEquals(List.of(), Rebuild.between(unbroken, train(store, Progress.Listener.NONE)));
    assertEquals(List.of(), store("unbroken").rebuild(only(store), task, Progress.Listener.NONE));
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
    RunStore store = store("a");
    SearchResult made = store.search(experiment, SPACE, 3, Progress.Listener.NONE);
    Path folder = only(store);
    RunStore.Header header =
        new JsonFile(folder.resolve("config.json")).read(RunStore.Header.class);
    assertEquals(RunConfig.search(experiment, SPACE, 3), header.config());
    assertFalse(Files.exists(folder.resolve("checkpoint")), "a complete run needs none");
    assertEquals(List.of(), store.rebuild(folder, task, Progress.Listener.NONE));
    assertEquals(1 + 4 * (2 * 5 + 3), Files.readAllLines(folder.resolve("alphas.csv")).size());
    Notes notes = new Notes();
    SearchResult again = store.search(experiment, SPACE, 3, notes);
    assertEquals(List.of(), Rebuild.between(made, again));
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
    assertEquals(List.of(), Rebuild.between(made, kept.get(0).result()));
    assertArrayEquals(made.start().inputs(), kept.get(0).result().start().inputs());
    assertEquals(List.of(), store.trainings(), "a search is no training");
    Expression found = made.found();
    store.train(experiment, "found", found, 1, Progress.Listener.NONE);
    assertEquals("found", store.trainings().get(0).run().activation());
    assertEquals(
        List.of(), store.rebuild(store.trainings().get(0).folder(), task, Progress.Listener.NONE));
    String refused =
        assertThrows(
                IllegalArgumentException.class,
                () -> store.rebuild(folder, task("some-text", 2), Progress.Listener.NONE))
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

  /** A root that is a symbolic link or a relative path names the same runs. */
  @Test
  void anotherPathToTheStoreListsTheSameRuns() throws IOException {
    RunStore store = store("a");
    listedOnce(store);
    Path link = Files.createSymbolicLink(temp.resolve("link"), store.root());
    for (Path root : List.of(link, Path.of("").toAbsolutePath().relativize(store.root()))) {
      for (Path reference : List.of(store.reference(), root.resolve("reference"))) {
        assertEquals(store.trainings(), new RunStore(root, reference).trainings());
      }
    }
  }

  private void listedOnce(RunStore store) {
    train(new RunStore(store.reference()), Progress.Listener.NONE);
    assertEquals(1, store.trainings().size());
    train(store, Progress.Listener.NONE);
    assertEquals(1, store.trainings().size());
    Path folder = store.trainings().get(0).folder();
    assertTrue(folder.startsWith(store.root()) && !folder.startsWith(store.reference()));
  }

  @Test
  void aFullDiskIsSaidAndTheEarlierEpochsAreKept() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "skipped: this system has no /dev/full");
    Experiment.Run unbroken = train(store("unbroken"), Progress.Listener.NONE);
    for (String file : List.of("checkpoint/training.zip", "metrics.csv", "result.json")) {
      RunStore store = store("full-" + file.replace('/', '-'));
      // An epoch has four steps, so the second epoch is interrupted; the first one was saved.
      assertThrows(CancellationException.class, () -> train(store, RunStoreTest::stopAtFive));
      Path folder = only(store);
      Path part = folder.resolve(file + ".part");
      Files.createSymbolicLink(part, full);
      String said =
          assertThrows(UncheckedIOException.class, () -> train(store, Progress.Listener.NONE))
              .getMessage();
      assertTrue(said.contains(folder.resolve(file).toString()), said);
      assertTrue(said.contains("No space left on device"), said);
      assertTrue(Files.size(folder.resolve("checkpoint/training.zip")) > 0, "nothing is kept");
      assertTrue(Files.notExists(part, LinkOption.NOFOLLOW_LINKS), "half a file is left");
      assertEquals(List.of(), Rebuild.between(unbroken, train(store, Progress.Listener.NONE)));
    }
  }

  static void stopAtFive(Progress progress) {
    if (progress.done() >= 5) {
      throw new CancellationException();
    }
  }

  @Test
  void differencesAreNamed() {
    Experiment.Run one = train(store("a"), Progress.Listener.NONE);
    Experiment.Run other =
        store("b").train(experiment, "ReLU", Activations.of("relu"), 5, Progress.Listener.NONE);
    List<String> lines = Rebuild.between(one, other);
    assertTrue(lines.get(0).startsWith("epoch 1: training was Score[loss="), lines.toString());
  }

  @Test
  void otherSettingsAreAnotherRun() throws IOException {
    String own = RunConfig.training(experiment, "GELU", Activations.of("gelu"), 5).folder();
    Scale longer = new Scale("tiny", 32, 4, SCALE.search(), 4, 8, 1, ADAM, 1, SCALE.preparation());
    List<RunConfig> others =
        List.of(
            RunConfig.training(experiment.with(longer), "GELU", Activations.of("gelu"), 5),
            RunConfig.training(experiment, "GELU", Activations.of("relu"), 5),
            RunConfig.training(experiment, "GELU", Activations.of("gelu"), 6),
            RunConfig.training(
                new Experiment(PaperModel.GPT_MINI, task("some-text", 2), SCALE),
                "GELU",
                Activations.of("gelu"),
                5),
            RunConfig.training(
                experiment.with(PaperModel.GPT_TINY), "GELU", Activations.of("gelu"), 5),
            RunConfig.search(experiment, SPACE, 5));
    assertEquals(own, RunConfig.training(experiment, "GELU", Activations.of("gelu"), 5).folder());
    others.forEach(other -> assertNotEquals(own, other.folder(), other.toString()));
  }

  @Test
  void everyScaleIsReadAsItWasWritten() {
    JsonFile file = new JsonFile(temp.resolve("config.json"));
    for (String name : List.of("smoke", "quick", "paper")) {
      for (Scale scale : List.of(Scale.resnet(name), Scale.vit(name), Scale.gpt(name), SCALE)) {
        Scale own = scale.with("own", scale.weights().learningRate());
        RunConfig config = RunConfig.search(experiment.with(own), CellSpace.paper(), 1);
        file.write(config);
        assertEquals(config, file.read(RunConfig.class));
        assertEquals("" + CellSpace.paper(), "" + config.space().toSpace());
      }
    }
  }

  @Test
  void whatIsDamagedOrForeignIsNamedAndLeftOut() throws IOException {
    RunStore store = store("a");
    train(store, Progress.Listener.NONE);
    Path good = only(store);
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
    assertEquals(List.of(), store("none").trainings());
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
                () -> store.search(experiment, SPACE, 3, Progress.Listener.NONE))
            .getMessage();
    String damage = folder.resolve(file) + " is damaged; delete its folder and run again";
    assertTrue(message.startsWith(damage) && message.contains(said), message);
    Files.writeString(folder.resolve(file), good);
  }

  @Test
  void whatIsMissingInAFileIsNamed() throws IOException {
    RunStore store = store("a");
    store.search(experiment, SPACE, 3, Progress.Listener.NONE);
    Path folder = only(store);
    damaged("provenance is missing", store, folder, "config.json", "\"provenance\"", "\"p\"");
    damaged("configuration or", store, folder, "config.json", "\"config\"", "\"c\"");
    damaged("model null", store, folder, "config.json", "\"GPT_MINI\"", "\"GPT_HUGE\"");
    damaged("neither space", store, folder, "config.json", "\"space\"", "\"s\"");
    damaged("an epoch", store, folder, "result.json", "\"epochs\": \\[", "$0null, ");
    damaged("the function", store, folder, "activation.json", "\"function\"", "\"f\"");
    Files.delete(folder.resolve("result.json"));
    damaged("provenance is missing", store, folder, "config.json", "\"provenance\"", "\"p\"");
  }

  @Test
  void aTrainingIsNoSearch() {
    RunStore store = store("a");
    train(store, Progress.Listener.NONE);
    store.search(experiment, SPACE, 3, Progress.Listener.NONE);
    RunConfig training = store.trainings().get(0).header().config();
    RunConfig search = store.searches().get(0).header().config();
    String said =
        assertThrows(IllegalArgumentException.class, () -> store.search(training)).getMessage();
    assertTrue(said.endsWith(" has a training, not a search"), said);
    said = assertThrows(IllegalArgumentException.class, () -> store.training(search)).getMessage();
    assertTrue(said.endsWith(" has a search, not a training"), said);
  }

  @Test
  void aRunThatIsStillEndingIsWaitedFor() throws IOException {
    RunStore store = store("a");
    train(store, Progress.Listener.NONE);
    Path folder = only(store);
    try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertTrue(lock.isValid());
      // This process holds the lock: the run waits until it is interrupted or the lock is released.
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, () -> train(store, Progress.Listener.NONE));
      CompletableFuture.runAsync(
          () -> assertDoesNotThrow(lock::release),
          CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
      String said = Printed.by(() -> train(store, new ProgressLine()));
      assertTrue(said.contains("is still running in this process: waiting"), said);
    }
    assertFalse(train(store, Progress.Listener.NONE).epochs().isEmpty());
  }

  @Test
  void networksAndTasksMustGoTogether() {
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Experiment(PaperModel.RESNET_20, task, SCALE))
            .getMessage();
    assertTrue(said.contains("ResNet-20 takes images, but some-text has none"), said);
  }
}
