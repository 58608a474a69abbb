package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.data.ProjectHome;
import grafs.nas.SearchSettings;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The project's own runs, which every later version has to find where they are. */
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
      // The last digits may depend on the processor.
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

  @Test
  void theCostOfASearchIncludesVerificationAndAllSearches() {
    List<KeptSearch> searches =
        STORE.searches().stream()
            .filter(each -> each.header().config().model() == PaperModel.GPT_MINI)
            .toList();
    KeptSearch kept = searches.get(0);
    RunConfig config = kept.header().config();
    SearchSettings settings = config.scale().search();
    // 6 epochs of 76 800 tokens for the weights and as many for α; three functions and the default
    // are trained for 4 epochs, then two and the default, then one and the default.
    assertEquals(76_800 * (6 * 2 + 4 * (4 + 3 + 2)), kept.cost().value());
    for (KeptSearch each : searches) {
      assertEquals(kept.cost().value(), each.cost().value());
    }
    assertEquals(76_800 * settings.passes(1), kept.cost().value(), "as planned");
    SearchSettings more = settings.searches(3).order(SearchSettings.Order.SECOND);
    RunConfig other =
        new RunConfig(
            config.model(),
            config.data(),
            config.fingerprint(),
            config.scale().with(more),
            config.space(),
            null,
            null,
            1);
    KeptSearch dear =
        new KeptSearch(kept.folder(), new RunStore.Header(other, null), kept.result());
    assertEquals(76_800 * (3 * 6 * (1 + 4) + 4 * (4 + 3 + 2)), dear.cost().value());
    assertEquals(76_800 * more.passes(1), dear.cost().value(), "as planned");
  }
}
