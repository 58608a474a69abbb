package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Operation;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tests the record that a {@link Search} makes of its epochs, and which epoch's function is the
 * result. In a search the activations of the network are cells, small graphs of operations such as
 * sin or +. A place is an edge or vertex of the graph, where the cell mixes several candidate
 * operations. α is one number for each candidate, which rates it. In the warm start, the first
 * epochs, the weights are trained with the default activation, the one that the network has without
 * a search. A fit of the cell, if there is one, sets α at the end of the warm start so that the
 * cell approximates the default activation. Shrinking drops candidates until one is left in each
 * place.
 */
class SearchRecordsTest {

  private static final int STEPS = 12;

  private static SearchSettings settings() {
    return SearchSettings.paper(new SgdSettings(0.05, 0.9, 0, Decay.COSINE))
        .epochs(7)
        .warmStartEpochs(2)
        .shrinking(new Shrinking(Shrinking.Unit.STEP, 3 * STEPS))
        .batchSize(32)
        .accumulation(1)
        .alphaLearningRate(0.1);
  }

  /**
   * Runs a search on the task {@link Rings}.
   *
   * @param settings the settings of the search
   * @param space the search space
   * @param heard receives the records of the epochs
   * @param atEpoch runs after every epoch
   */
  private static SearchResult search(
      SearchSettings settings, CellSpace space, List<SearchResult.Epoch> heard, Runnable atEpoch) {
    Cells cells = new Cells(space, Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      return new Search(settings, cells, learner, Progress.Listener.NONE)
          .run(
              Rings.batches(STEPS, 32, 1),
              Rings.batches(STEPS, 32, 2),
              1,
              null,
              epoch -> {
                heard.add(epoch);
                atEpoch.run();
              });
    }
  }

  @Test
  void aFittedCellHardlyChangesTheLoss() {
    SearchResult result =
        search(settings().fit(CellFit.DRNAS), CellSpace.wide(), new ArrayList<>(), () -> {});
    SearchResult.Start start = result.start();
    System.out.printf(
        "loss %.4f before the switch, %.4f after it%n", start.lossBefore(), start.lossAfter());
    assertEquals(start.lossBefore(), start.lossAfter(), 0.15 * start.lossBefore());
    for (SearchResult.Epoch epoch : result.epochs()) {
      // α is trained only after the cell is fitted.
      assertEquals(epoch.warmStart() ? 0 : 32 * STEPS, epoch.validation().examples());
    }
  }

  /**
   * Before the fit of the cell α is not trained, so it does not tell which operations are worth
   * keeping.
   */
  @Test
  void nothingIsDroppedBeforeTheFit() {
    for (Shrinking.Unit unit : new Shrinking.Unit[] {Shrinking.Unit.EPOCH, Shrinking.Unit.STEP}) {
      SearchSettings early =
          settings().shrinking(new Shrinking(unit, 1)).fit(new CellFit(1, 0.1, 0));
      for (SearchResult.Epoch epoch :
          search(early, CellSpace.small(), new ArrayList<>(), () -> {}).epochs()) {
        boolean full = epoch.candidates().equals(Candidates.all(CellSpace.small()));
        assertEquals(epoch.warmStart(), full, unit + ", epoch " + epoch.epoch());
      }
    }
  }

  @Test
  void recordsTellWhatWasDroppedAndWhatIsLeft() {
    CellSpace space = CellSpace.paper();
    List<SearchResult.Epoch> heard = new ArrayList<>();
    SearchResult result = search(settings(), space, heard, () -> {});
    assertEquals(heard, result.epochs());
    assertEquals(
        List.of(true, true, false, false, false, false, false),
        heard.stream().map(SearchResult.Epoch::warmStart).toList());
    Candidates before = Candidates.all(space);
    for (SearchResult.Epoch epoch : result.epochs()) {
      for (int p = 0; p < space.places().size(); p++) {
        assertTrue(before.of(p).containsAll(epoch.candidates().of(p)), "epoch " + epoch.epoch());
      }
      assertTrue(epoch.seconds() > 0);
      assertEquals(32 * STEPS, epoch.train().examples());
      assertEquals(32 * STEPS, epoch.discrete().examples());
      before = epoch.candidates();
    }
    assertEquals(
        Candidates.all(space), result.epochs().get(2).candidates(), "shrinking starts later");
    assertTrue(before.decided());
    double moved =
        Arrays.stream(result.epochs().get(0).alpha())
            .flatMapToDouble(Arrays::stream)
            .map(Math::abs)
            .max()
            .orElseThrow();
    assertTrue(moved > 0.1, "α is trained during the warm start: " + moved);
  }

  @Test
  void theBestEpochsFunctionIsTakenAndTheLastOnesIfAskedFor() {
    SearchResult best = search(settings(), CellSpace.paper(), new ArrayList<>(), () -> {});
    double highest =
        best.epochs().stream()
            .filter(e -> !e.warmStart())
            .mapToDouble(e -> e.discrete().accuracy())
            .max()
            .orElseThrow();
    String expected =
        best.epochs().stream()
            .filter(e -> !e.warmStart() && e.discrete().accuracy() == highest)
            .findFirst()
            .orElseThrow()
            .found();
    assertEquals(expected, best.found().toString());
    SearchResult last =
        search(
            settings().selection(SearchSettings.Selection.LAST_EPOCH),
            CellSpace.paper(),
            new ArrayList<>(),
            () -> {});
    assertEquals(last.epochs().get(6).found(), last.found().toString());
  }

  /** Operations that shrinking has dropped are no longer evaluated. So the steps take less time. */
  @Test
  void droppedOperationsAreNotEvaluated() {
    AtomicLong evaluations = new AtomicLong();
    CellSpace paper = CellSpace.paper();
    List<Operation> counted =
        Stream.concat(paper.unary().stream(), paper.binary().stream())
            .map(
                op ->
                    new Operation(
                        "counted_" + op.name(),
                        op.arity(),
                        op.beta(),
                        op.betaDeviation(),
                        op.range(),
                        (a, b, β, d) -> {
                          evaluations.incrementAndGet();
                          op.function().evaluate(a, b, β, d);
                        },
                        op.formulas()))
            .toList();
    List<Long> counts = new ArrayList<>();
    search(
        settings(),
        CellSpace.of(counted, paper.bounds()),
        new ArrayList<>(),
        () -> counts.add(evaluations.get()));
    long full = counts.get(2) - counts.get(1);
    long fewer = counts.get(5) - counts.get(4);
    // The counts leave out most evaluations of unary operations in places with many candidates:
    // their values are read from tables of polynomials, without a call of the operation. These
    // readings also become fewer, so that the time of a step falls by more than the counts show.
    assertTrue(full > 1.5 * fewer, counts.toString());
  }
}
