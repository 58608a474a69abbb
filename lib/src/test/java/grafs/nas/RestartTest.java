package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Operation;
import grafs.data.BatchSource;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SyntheticBatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that an interrupted search continues from its checkpoint to the same result as an
 * uninterrupted one, and that a search does not continue a damaged checkpoint or that of another
 * search. In {@link KilledSearchTest} the whole process of a search is killed.
 */
class RestartTest {

  private static final SearchSettings SETTINGS = RestartedSearch.SETTINGS;

  @TempDir Path folder;

  /**
   * Begins a search, or continues it if the folder has its checkpoint. Interrupts it after an
   * epoch.
   *
   * @param settings the settings of the search
   * @param seed the seed of the weights, the data and the search
   * @param where the folder of the checkpoints; null for none
   * @param breakAfter the number of the epoch after which the search is interrupted; 0 for no
   *     interruption
   */
  private SearchResult search(SearchSettings settings, long seed, Path where, int breakAfter) {
    return RestartedSearch.search(
        settings,
        seed,
        where,
        Progress.Listener.NONE,
        epoch -> {
          if (epoch.epoch() == breakAfter) {
            throw new CancellationException("broken off after epoch " + breakAfter);
          }
        });
  }

  @Test
  void brokenOffAfterEveryEpochItEndsTheSame() {
    long seed = 20261127L;
    String unbroken = RestartedSearch.digest(search(SETTINGS, seed, null, 0));
    Path saved = folder.resolve("new/folder");
    List<Integer> told = new ArrayList<>();
    for (int epoch = 1; epoch <= SETTINGS.epochs(); epoch++) {
      int last = epoch;
      assertThrows(
          CancellationException.class, () -> search(SETTINGS, seed, saved, last), "seed " + seed);
    }
    SearchResult result =
        RestartedSearch.search(
            SETTINGS, seed, saved, Progress.Listener.NONE, epoch -> told.add(epoch.epoch()));
    assertEquals(unbroken, RestartedSearch.digest(result), "seed " + seed);
    assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8), told, "a listener hears of all epochs");
    assertTrue(result.seconds() > result.epochs().get(0).seconds());
  }

  @Test
  void brokenOffInTheWarmStartItEndsTheSame() {
    long seed = 20261127L;
    String unbroken = RestartedSearch.digest(search(SETTINGS, seed, null, 0));
    assertThrows(
        CancellationException.class,
        () ->
            RestartedSearch.search(
                SETTINGS,
                seed,
                folder,
                progress -> {
                  // An epoch has 10 steps, so the interruption comes after the first epoch. It can
                  // come some steps later, since the listener is called at most four times a
                  // second.
                  if (progress.done() > 10) {
                    Thread.currentThread().interrupt();
                  }
                },
                epoch -> {}));
    assertEquals(
        unbroken, RestartedSearch.digest(search(SETTINGS, seed, folder, 0)), "seed " + seed);
  }

  @Test
  void anotherSearchIsNotContinued() {
    assertThrows(CancellationException.class, () -> search(SETTINGS, 1, folder, 1));
    refused("Saved:     seed 1\n", "Requested: seed 2\n", SETTINGS, 2);
    refused(
        "warmStartEpochs=2",
        "warmStartEpochs=1",
        RestartedSearch.settings(1, SETTINGS.shrinking()),
        1);
    refused(
        "start=1",
        "start=2",
        RestartedSearch.settings(2, new Shrinking(Shrinking.Unit.EPOCH, 2)),
        1);
  }

  @Test
  void otherLabelsWeightsLossesAndLayersAreNotContinued() {
    begun("", 1, "loss", Activation.reluBlock(), 0);
    begun("labels", 1, "loss", Activation.reluBlock(), 1);
    begun("initial weights of seed 2", 2, "loss", Activation.reluBlock(), 0);
    begun("another loss", 1, "another loss", Activation.reluBlock(), 0);
    begun("layers", 1, "loss", Activation.tanhBlock(), 0);
  }

  /**
   * Begins a search for which the examples are points of two numbers, or continues the search in
   * the folder, and interrupts it after an epoch. If the folder has the checkpoint of another
   * search, the checkpoint must be refused.
   *
   * @param refused a part of the message with which the checkpoint is refused; empty if it is not
   *     refused
   * @param seed the seed of the initial weights
   * @param loss the name of the loss
   * @param last the last layer, which has no weights
   * @param label the label of the first example of a batch
   */
  private void begun(String refused, long seed, String loss, Block last, long label) {
    Cells cells = new Cells(CellSpace.small(), Activation.reluBlock());
    Block network =
        new SequentialBlock().add(cells.get()).add(Linear.builder().setUnits(2).build()).add(last);
    BatchSource batches =
        new SyntheticBatches(8, 32, new Shape(2), 1, (random, x, labels) -> labels[0] = label);
    try (Learner learner =
        new Learner(network, new SoftmaxCrossEntropyLoss(loss), new Shape(1, 2), seed)) {
      Search search = new Search(SETTINGS, cells, learner, Progress.Listener.NONE);
      RuntimeException e =
          assertThrows(
              RuntimeException.class,
              () ->
                  search.run(
                      batches,
                      batches,
                      1,
                      folder,
                      epoch -> {
                        throw new CancellationException("broken off");
                      }));
      assertEquals(refused.isEmpty(), e instanceof CancellationException, "" + e);
      assertTrue(e.getMessage().contains(refused), "" + e);
    }
  }

  @Test
  void anotherOperationOfTheSameNameIsNotContinued() {
    for (int i = 0; i < 2; i++) {
      double factor = i + 1;
      CellSpace mine = CellSpace.small().with(Operation.of("mine", x -> Math.cos(factor * x)));
      RuntimeException ended =
          assertThrows(
              RuntimeException.class,
              () ->
                  RestartedSearch.search(
                      mine,
                      SETTINGS,
                      1,
                      folder,
                      Progress.Listener.NONE,
                      epoch -> {
                        throw new CancellationException();
                      }));
      assertEquals(
          i == 1,
          ended instanceof IllegalArgumentException && ended.getMessage().contains("{mine="),
          "" + ended);
    }
  }

  /**
   * Checks that a search does not continue the checkpoint in the folder, and that the message
   * describes both searches: the one that saved the checkpoint and the one that is refused.
   *
   * @param saved a part of the description of the search that saved the checkpoint
   * @param now a part of the description of the search that is refused
   * @param settings the settings of the search
   * @param seed the seed of the search that is refused
   */
  private void refused(String saved, String now, SearchSettings settings, long seed) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> search(settings, seed, folder, 0), saved);
    assertTrue(e.getMessage().contains("is of another computation"), e.getMessage());
    assertTrue(e.getMessage().contains(saved), e.getMessage());
    assertTrue(e.getMessage().contains(now), e.getMessage());
    assertTrue(e.getMessage().contains("delete the file to begin again"), e.getMessage());
  }

  @Test
  void aDamagedCheckpointIsNoticedAndAHalfWrittenOneIgnored() throws IOException {
    assertThrows(CancellationException.class, () -> search(SETTINGS, 1, folder, 2));
    Path file = folder.resolve("search.zip");
    byte[] good = Files.readAllBytes(file);
    Files.write(folder.resolve("search.zip.part"), Arrays.copyOf(good, good.length / 2));
    assertThrows(CancellationException.class, () -> search(SETTINGS, 1, folder, 3));
    long seed = 20261127L;
    Random random = new Random(seed);
    good = Files.readAllBytes(file);
    for (int i = 0; i < 5; i++) {
      byte[] bad = good.clone();
      // The damage is longer than a header between two entries of the ZIP file. Damage within such
      // a header could go unnoticed, since only some fields of a header are checked.
      int from = good.length / 3 + random.nextInt(good.length / 2);
      for (int at = from; at < from + 128; at++) {
        bad[at] ^= (byte) 0xff;
      }
      Files.write(file, bad);
      UncheckedIOException e =
          assertThrows(
              UncheckedIOException.class, () -> search(SETTINGS, 1, folder, 0), "seed " + seed);
      assertTrue(e.getMessage().contains("delete it"), e.getMessage());
    }
    Files.write(file, Arrays.copyOf(good, good.length / 2));
    assertThrows(UncheckedIOException.class, () -> search(SETTINGS, 1, folder, 0));
    // Byte 30 is the first letter of an entry's name; 0xff makes it invalid UTF-8.
    good[30] = (byte) 0xff;
    Files.write(file, good);
    assertThrows(UncheckedIOException.class, () -> search(SETTINGS, 1, folder, 0));
  }
}
