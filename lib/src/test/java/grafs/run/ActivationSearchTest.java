package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.FunctionBlock;
import grafs.model.ActivationSites;
import grafs.nas.Regularizer;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.nas.Verification;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.SgdSettings;
import grafs.train.SquaredError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests {@link ActivationSearch} with networks that are not this library's own, on tiny data. */
class ActivationSearchTest {

  static final CellSpace SMALL =
      CellSpace.of(
              grafs.cell.Operations.of(
                  "identity", "scale", "tanh", "gelu", "max0", "add", "max", "gate"),
              grafs.cell.Bounds.SMOOTH)
          .withUnits(1);

  private static final Loss CLASSES = Loss.softmaxCrossEntropyLoss();

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private ArrayDataset examples(int count, long... shape) {
    return examples(manager, count, shape);
  }

  /** Random examples; the class of each is the index of the largest of its first three numbers. */
  static ArrayDataset examples(NDManager manager, int count, long... shape) {
    Shape all = new Shape(count).addAll(new Shape(shape));
    NDArray x = manager.randomNormal(all);
    NDArray labels = x.reshape(count, -1).get(":, 0:3").argMax(1).toType(DataType.FLOAT32, false);
    return new ArrayDataset.Builder().setData(x).optLabels(labels).setSampling(8, false).build();
  }

  private static FoundActivation find(ActivationSearch search, ArrayDataset data, Loss loss) {
    return search
        .space(SMALL)
        .learningRate(1e-3)
        .epochs(2)
        .run(data, loss, 1, Progress.Listener.NONE);
  }

  private float[] outputs(Block block, NDArray x) {
    ParameterStore store = new ParameterStore(manager, false);
    return block.forward(store, new NDList(x), false).head().toFloatArray();
  }

  /**
   * Checks that the search ran to its end, and that the network computes finite outputs afterwards.
   */
  private void works(FoundActivation found, Shape input) {
    found.block().initialize(manager, DataType.FLOAT32, input);
    for (float y : outputs(found.block(), manager.randomNormal(input))) {
      assertTrue(Float.isFinite(y));
    }
    // One epoch of warm start and two of search.
    assertEquals(3, found.search().epochs().size());
    assertTrue(found.search().epochs().get(2).candidates().decided());
  }

  @Test
  void mlp() {
    Block network = new Mlp(12, 3, new int[] {16, 16}, Activation::relu);
    FoundActivation found = find(ActivationSearch.in(network), examples(128, 12), CLASSES);
    assertSame(network, found.block());
    assertEquals(2, found.replaced().size());
    works(found, new Shape(4, 12));
  }

  /** The parts of 96 rows have one batch of 32 each, so that a step ends an epoch of both. */
  @Test
  void severalBatchesInAStep() {
    ActivationSearch search =
        ActivationSearch.in(new Mlp(12, 3, new int[] {16, 16}, Activation::relu));
    FoundActivation found =
        find(search.with(search.settings().accumulation(2)), examples(96, 12), CLASSES);
    works(found, new Shape(4, 12));
  }

  /** Three searches, if the settings ask for three, share one verification. */
  @Test
  void severalSearches() {
    ActivationSearch search =
        ActivationSearch.in(new Mlp(12, 3, new int[] {16, 16}, Activation::relu)).space(SMALL);
    Set<String> tasks = new TreeSet<>();
    search
        .with(search.settings().searches(3))
        .learningRate(1e-3)
        .epochs(2)
        .run(examples(128, 12), CLASSES, 1, progress -> tasks.add(progress.task()));
    assertEquals(Set.of("search 1 of 3", "search 2 of 3", "search 3 of 3", "verification"), tasks);
  }

  /**
   * Verification trains from scratch with other initial weights for each seed, whether or not the
   * network was initialised before the search.
   */
  @Test
  void verificationIsFromScratch() {
    ArrayDataset data = examples(256, 12);
    Block fresh = new Mlp(12, 3, new int[] {16}, Activation::relu);
    Block initialised = new Mlp(12, 3, new int[] {16}, Activation::relu);
    initialised.initialize(manager, DataType.FLOAT32, new Shape(1, 12));
    List<Score> scores = scoresOfTheDefault(find(ActivationSearch.in(fresh), data, CLASSES));
    assertEquals(3, scores.stream().distinct().count());
    assertEquals(scores, scoresOfTheDefault(find(ActivationSearch.in(initialised), data, CLASSES)));
  }

  private static List<Score> scoresOfTheDefault(FoundActivation found) {
    return found.search().verified().trials().stream()
        .filter(trial -> trial.function() == null)
        .map(Verification.Trial::score)
        .toList();
  }

  @Test
  void resNetV1WithWhatIsHiddenLeftAsItIs() {
    Block network =
        ResNetV1.builder().setImageShape(new Shape(3, 8, 8)).setNumLayers(20).setOutSize(3).build();
    FoundActivation found = find(ActivationSearch.in(network), examples(128, 3, 8, 8), CLASSES);
    assertEquals(9, found.hidden().size());
    works(found, new Shape(2, 3, 8, 8));
  }

  @Test
  void mobileNetV1() {
    Block network = MobileNetV1.builder().setOutSize(3).optWidthMultiplier(0.25f).build();
    FoundActivation found = find(ActivationSearch.in(network), examples(128, 3, 32, 32), CLASSES);
    assertTrue(found.replaced().size() >= 27, "" + found.replaced().size());
    works(found, new Shape(2, 3, 32, 32));
  }

  @Test
  void aFactoryReachesWhatIsHidden() {
    java.util.function.Function<Supplier<Block>, Block> network =
        activation ->
            new SequentialBlock()
                .add(Linear.builder().setUnits(16).build())
                .add(activation.get())
                .add(Linear.builder().setUnits(3).build());
    ActivationSearch search = ActivationSearch.of(network, Activation.tanhBlock());
    FoundActivation found = find(search, examples(128, 12), CLASSES);
    works(found, new Shape(4, 12));
    assertTrue(found.search().epochs().get(0).warmStart(), "it starts from tanh");
    refused(search.where(site -> site.name().equals("tanh")), examples(128, 12), "where(…)");
  }

  @Test
  void aRegressionHasALossAndNoAccuracy() {
    NDArray x = manager.randomNormal(new Shape(1024, 5));
    NDArray y = x.get(":, 0:1").sin();
    ArrayDataset data =
        new ArrayDataset.Builder().setData(x).optLabels(y).setSampling(8, false).build();
    Block network = new Mlp(5, 1, new int[] {16}, Activation::tanh);
    ActivationSearch search =
        ActivationSearch.in(network)
            .training(new SgdSettings(0.05, 0.9, 0, SgdSettings.Decay.COSINE), 16)
            .space(SMALL)
            .epochs(4);
    FoundActivation found = search.run(data, new SquaredError(), 1, Progress.Listener.NONE);
    double mean = y.square().mean().getFloat() / 2;
    double loss = found.search().epochs().get(3).validation().loss();
    assertTrue(loss < mean / 4, loss + " against " + mean + " of no answer at all");
    assertTrue(Double.isNaN(found.search().epochs().get(3).train().accuracy()));
    found.block().initialize(manager, DataType.FLOAT32, new Shape(4, 5));
    assertEquals(4, outputs(found.block(), x.get("0:4")).length);
  }

  @Test
  void aTextIsTaggedTokenByToken() {
    NDArray tokens = manager.randomInteger(0, 10, new Shape(512, 8), DataType.INT64);
    NDArray tags = tokens.add(1).mod(10);
    ArrayDataset data =
        new ArrayDataset.Builder()
            .setData(tokens.toType(DataType.FLOAT32, false))
            .optLabels(tags.toType(DataType.FLOAT32, false))
            .setSampling(8, false)
            .build();
    Block network =
        new SequentialBlock()
            .addSingleton(x -> x.toType(DataType.INT64, false).oneHot(10))
            .add(Linear.builder().setUnits(16).build())
            .add(Activation::gelu)
            .add(Linear.builder().setUnits(10).build());
    ActivationSearch search =
        ActivationSearch.in(network)
            .training(new SgdSettings(0.5, 0.9, 0, SgdSettings.Decay.COSINE), 16)
            .space(SMALL)
            .epochs(4);
    FoundActivation found = search.run(data, CLASSES, 1, Progress.Listener.NONE);
    double accuracy = found.search().epochs().get(3).validation().accuracy();
    assertTrue(accuracy > 0.9, "of tokens tagged right: " + accuracy);
    assertEquals(1, found.replaced().size());
  }

  @Test
  void aNetworkThatIsFrozenCannotLearn() {
    Block network = new Mlp(12, 3, new int[] {16}, Activation::relu);
    network.freezeParameters(true);
    refused(ActivationSearch.in(network), examples(128, 12), "no weights that can be trained");
  }

  private static Block twoGroups() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(16).build())
        .add(Activation::relu)
        .add(Linear.builder().setUnits(16).build())
        .add(Activation::gelu)
        .add(Linear.builder().setUnits(3).build());
  }

  @Test
  void oneFunctionForEachGroup() {
    ArrayDataset data = examples(128, 12);
    Block network = twoGroups();
    FoundActivation first =
        find(ActivationSearch.in(network).where(site -> site.name().equals("relu")), data, CLASSES);
    FoundActivation second =
        find(
            ActivationSearch.in(first.block()).where(site -> site.path().startsWith("04")),
            data,
            CLASSES);
    assertEquals("02LambdaBlock", first.replaced().get(0).path());
    assertEquals("04LambdaBlock", second.replaced().get(0).path());
    works(second, new Shape(4, 12));
  }

  /**
   * Comparing the function of the first group of activations leaves the function of the second
   * group in its place.
   */
  @Test
  void comparingOneGroupLeavesTheOther() {
    ArrayDataset data = examples(128, 12);
    Block network = twoGroups();
    FoundActivation first = found(ActivationSearch.in(network), "relu", data);
    FoundActivation second = found(ActivationSearch.in(first.block()), "gelu", data);
    List<Block> before = second.block().getChildren().values();
    assertTrue(before.get(1) instanceof FunctionBlock && before.get(3) instanceof FunctionBlock);
    first.compare(examples(64, 12), 1);
    assertEquals(before, second.block().getChildren().values());
  }

  private static FoundActivation found(ActivationSearch search, String name, ArrayDataset data) {
    SearchSettings unverified = search.settings().epochs(3).verification(Verification.OFF);
    return search
        .space(SMALL)
        .where(site -> site.name().equals(name))
        .with(unverified)
        .learningRate(1e-3)
        .run(data, CLASSES, 1, Progress.Listener.NONE);
  }

  @Test
  void theEpochsFollowFromTheTime() {
    ArrayDataset data = examples(64, 12);
    ActivationSearch search =
        ActivationSearch.in(new Mlp(12, 3, new int[] {16}, Activation::relu))
            .space(SMALL)
            .learningRate(1e-3);
    assertEquals(1 + 2, epochs(search.minutes(1e-6), data), "no time at all");
    assertEquals(1 + 100, epochs(search.minutes(1000), data), "as many as there may be");
    ActivationSearch timed = search.minutes(1e-6);
    SearchSettings settings = timed.settings();
    assertEquals(1 + 2, epochs(timed.with(settings.batchSize(16)), data), "still no time");
    assertEquals(5, epochs(timed.with(settings.epochs(5)), data), "the epochs of the settings");
    assertThrows(IllegalArgumentException.class, () -> search.minutes(0));
  }

  private static int epochs(ActivationSearch search, ArrayDataset data) {
    return search.run(data, CLASSES, 1, Progress.Listener.NONE).search().epochs().size();
  }

  @Test
  void aGoalLeadsTheSearch() {
    ArrayDataset data = examples(256, 12);
    Regularizer cheap =
        new Regularizer.Cheap(20, Map.of("tanh", 1.0, "gelu", 1.0, "scale", 1.0, "gate", 1.0));
    Block network = new Mlp(12, 3, new int[] {16, 16}, Activation::gelu);
    FoundActivation found =
        ActivationSearch.in(network)
            .space(SMALL)
            .epochs(4)
            .learningRate(1e-3)
            .goals(cheap)
            .run(data, CLASSES, 1, Progress.Listener.NONE);
    assertTrue(found.function().text().matches("[max(), 0+]*"), found.function().text());
  }

  @Test
  void weightsThatWereThereAreThereAfterwards() {
    Block network = new Mlp(12, 3, new int[] {16}, Activation::relu);
    network.initialize(manager, DataType.FLOAT32, new Shape(1, 12));
    NDArray x = manager.randomNormal(new Shape(4, 12));
    float[] before = outputs(network, x);
    ActivationSites sites = ActivationSites.in(network);
    find(ActivationSearch.in(network), examples(128, 12), CLASSES);
    sites.restore();
    assertArrayEquals(before, outputs(network, x));
  }

  @Test
  void oneSeedFindsOneFunction() {
    ArrayDataset data = examples(128, 12);
    Block one = new Mlp(12, 3, new int[] {16}, Activation::relu);
    Block other = new Mlp(12, 3, new int[] {16}, Activation::relu);
    FoundActivation first = find(ActivationSearch.in(one), data, CLASSES);
    FoundActivation second = find(ActivationSearch.in(other), data, CLASSES);
    SearchResult there = first.search();
    assertEquals(List.of(), Rebuild.between(there, second.search()));
    Verification.Outcome verified = there.verified();
    Verification.Outcome different =
        new Verification.Outcome(
            verified.trials().subList(0, verified.trials().size() - 1),
            verified.best(),
            verified.keptDefault());
    SearchResult changed =
        new SearchResult(
            there.found(),
            there.space(),
            there.relaxation(),
            there.start(),
            there.epochs(),
            there.failures(),
            different,
            there.seconds());
    assertEquals(2, Rebuild.between(there, changed).size(), "a training less, and the gain");
  }

  @Test
  void whatCannotWorkIsSaidBeforeAnythingIsTrained() {
    ArrayDataset data = examples(128, 12);
    refused(
        ActivationSearch.in(Linear.builder().setUnits(3).build()),
        data,
        "no activation",
        "ActivationSearch.of");
    Block mixed =
        new SequentialBlock()
            .add(Linear.builder().setUnits(8).build())
            .add(Activation::relu)
            .add(Linear.builder().setUnits(3).build())
            .add(Activation::gelu);
    refused(ActivationSearch.in(mixed), data, "several", "relu=02", "gelu=04", "where(");
    refused(
        ActivationSearch.in(mixed).where(site -> site.name().equals("elu")),
        data,
        "none was picked of 02");
    refused(
        ActivationSearch.in(
            ResNetV1.builder()
                .setImageShape(new Shape(3, 8, 8))
                .setNumLayers(20)
                .setOutSize(3)
                .build()),
        data,
        "cannot take batches of the shape of these data, [(32, 12)]");
    refused(
        ActivationSearch.in(new Mlp(12, 3, new int[] {16}, Activation::relu)),
        examples(20, 12),
        "15 examples do not fill a batch of 32");
    refused(
        ActivationSearch.in(new SequentialBlock().add(Activation::relu)),
        data,
        "no weights that can be trained");
    Block two = new SequentialBlock().add(Linear.builder().setUnits(8).build());
    ((SequentialBlock) two).add(Activation::tanh).add(Activation.mishBlock());
    refused(ActivationSearch.in(two), data, "several", "tanh=02", "unknown=03");
    // The data have three classes, but the network has two outputs.
    Block few = new Mlp(12, 2, new int[] {16}, Activation::relu);
    refused(ActivationSearch.in(few), data, "the network has 2 outputs");
  }

  private static void refused(ActivationSearch search, ArrayDataset data, String... words) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> find(search, data, CLASSES))
            .getMessage();
    for (String word : words) {
      assertTrue(said.contains(word), said);
    }
  }

  @Test
  void aLearnerClosesWhatItMade() {
    Block network = new Mlp(12, 3, new int[] {16}, Activation::relu);
    network.initialize(manager, DataType.FLOAT32, new Shape(1, 12));
    new Learner(network, CLASSES, 1, new Shape(1, 12)).close();
    assertEquals(12, outputs(network, manager.randomNormal(new Shape(4, 12))).length);
  }
}
