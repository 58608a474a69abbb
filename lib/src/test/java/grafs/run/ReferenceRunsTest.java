package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.data.ProjectHome;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.nas.Verification;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tests the runs (searches and trainings) in {@code results/reference/}, which come with the
 * project. Every later version must be able to read them, and must give each configuration the same
 * folder.
 */
class ReferenceRunsTest {

  private static final RunStore STORE =
      new RunStore(ProjectHome.path().resolve("results/reference"));

  @Test
  void everyRunIsInTheFolderThatItsConfigurationNames() {
    List<KeptTraining> trainings = STORE.trainings();
    List<KeptSearch> searches = STORE.searches();
    assertTrue(trainings.size() >= 126, trainings.size() + " trainings");
    assertTrue(searches.size() >= 5, searches.size() + " searches");
    trainings.forEach(kept -> assertTrue(kept.folder().endsWith(kept.header().config().folder())));
    searches.forEach(kept -> assertTrue(kept.folder().endsWith(kept.header().config().folder())));
  }

  @Test
  void theIdentityOfEveryRunIsAsItWas() {
    for (KeptTraining kept : STORE.trainings()) {
      RunConfig config = kept.header().config();
      RunFolder folder = new RunFolder(kept.folder());
      Supplier<? extends Block> activation =
          folder.hasFunction() ? folder.function(CellSpace.paper()) : config.known();
      double[] now = numbers(RunConfig.values(config.activation(), activation));
      // The same activation may have slightly different values on different processors.
      assertArrayEquals(numbers(config.values()), now, 1e-3, config.title());
    }
    for (KeptSearch kept : STORE.searches()) {
      RunConfig config = kept.header().config();
      assertEquals(config.space(), RunConfig.Space.of(CellSpace.paper()));
      assertEquals(CellSpace.paper().toString(), config.space().toSpace().toString());
    }
  }

  private static double[] numbers(String values) {
    return Stream.of(values.replaceAll("[\\[\\]]", "").split(",? "))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  /**
   * The number of examples that a search passed through the network agrees with {@link
   * SearchSettings#passes}, from which notebook 04 computes the cost of a search.
   */
  @Test
  void aSearchTakesAsManyPassesAsPlanned() {
    for (KeptSearch kept : STORE.searches()) {
      SearchSettings settings = kept.header().config().scale().search();
      List<SearchResult.Epoch> epochs = kept.result().epochs();
      long counted =
          epochs.stream().mapToLong(e -> e.train().examples() + e.validation().examples()).sum();
      long each = epochs.get(0).train().examples();
      List<Verification.Trial> trials = kept.result().verified().trials();
      counted += trials.size() * settings.verification().epochs() * each;
      assertEquals(settings.passes(1) * each, counted, kept.title());
    }
  }
}
