package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Printed;
import grafs.Seed;
import grafs.cell.Bounds;
import grafs.run.KeptSearch;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.study.Claims.Row;
import grafs.study.Verdict.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tablesaw.api.Table;

/**
 * Tests {@link Claims}, which judges by statistics of trainings whether activations found by
 * searches are better than known ones, and {@link Verdict}, with invented trainings.
 */
@ExtendWith(Seed.class)
class ClaimsTest {

  private static KeptTraining run(
      PaperModel network, String data, Scale scale, String activation, long seed, double value) {
    return Invented.training(
        new RunConfig(network, data, "files of " + data, scale, null, activation, "", seed), value);
  }

  /** {@return trainings of ResNet-20 with seeds from 1; the accuracy is a function of the seed} */
  private static List<KeptTraining> runs(
      String data, Scale scale, String activation, int seeds, IntToDoubleFunction value) {
    return IntStream.rangeClosed(1, seeds)
        .mapToObj(
            s -> run(PaperModel.RESNET_20, data, scale, activation, s, value.applyAsDouble(s)))
        .toList();
  }

  private static List<KeptTraining> runs(
      String data, String scale, String activation, int seeds, IntToDoubleFunction value) {
    return runs(data, Scale.resnet(scale), activation, seeds, value);
  }

  @SafeVarargs
  private static List<KeptTraining> all(List<KeptTraining>... runs) {
    List<KeptTraining> all = new ArrayList<>();
    for (List<KeptTraining> own : runs) {
      all.addAll(own);
    }
    return all;
  }

  private static List<Row> claims(List<KeptTraining> runs) {
    return Claims.of(runs, List.of(), "quick").rows();
  }

  /**
   * {@return a deviation of one percentage point or more, of alternating sign}
   *
   * @param seed the seed, from 1; over an even number of seeds the mean is exactly 0
   */
  private static double scatter(int seed) {
    return (seed % 2 == 0 ? 1 : -1) * (0.01 + 0.001 * ((seed - 1) / 2));
  }

  /**
   * {@return the verdict on the comparison of a found function with ReLU}
   *
   * @param seeds the number of trainings with each of both
   * @param gain the accuracy with the found function minus that with ReLU, for a seed from 1
   */
  private static Verdict verdict(int seeds, IntToDoubleFunction gain) {
    List<KeptTraining> runs =
        all(
            runs("svhn", "quick", "found", seeds, s -> 0.8 + gain.applyAsDouble(s)),
            runs("svhn", "quick", "relu", seeds, s -> 0.8));
    return claims(runs).get(0).verdict();
  }

  @Test
  void largeGainsHoldAndLossesDoNot() {
    assertEquals(Outcome.HOLDS, verdict(6, s -> 0.05 + scatter(s)).outcome());
    Verdict worse = verdict(6, s -> -0.05 + scatter(s));
    assertEquals(Outcome.DOES_NOT_HOLD, worse.outcome());
    assertTrue(worse.reason().startsWith("worse"), worse.reason());
  }

  @Test
  void manySeedsWithoutGainDecideAndFewDoNot() {
    int enough = Verdict.pairs(0.8, 0.05);
    assertEquals(15, enough);
    assertEquals(Outcome.DOES_NOT_HOLD, verdict(16, ClaimsTest::scatter).outcome());
    Verdict few = verdict(6, ClaimsTest::scatter);
    assertEquals(Outcome.TOO_FEW_SEEDS, few.outcome());
    assertEquals(enough, few.seedsNeeded());
    assertEquals("too few seeds: 15 needed", few.toString());
    // A single pair cannot be tested.
    assertEquals(
        new Verdict(Outcome.TOO_FEW_SEEDS, 15, "fewer than two seeds trained with both"),
        verdict(1, s -> 1e-2));
    // All gains are exactly 0, as if the found function were the baseline itself.
    assertEquals(Outcome.TOO_FEW_SEEDS, verdict(2, s -> 0).outcome());
    assertEquals(Outcome.DOES_NOT_HOLD, verdict(16, s -> 0).outcome());
  }

  @Test
  void seedsNeededAreForTheGainSeen() {
    Verdict small = verdict(6, s -> 0.004 + scatter(s));
    assertEquals(Outcome.TOO_FEW_SEEDS, small.outcome());
    List<KeptTraining> runs =
        all(
            runs("svhn", "quick", "found", 6, s -> 0.804 + scatter(s)),
            runs("svhn", "quick", "relu", 6, s -> 0.8));
    double effect = claims(runs).get(0).comparison().effect();
    assertEquals(Verdict.pairs(effect, 0.05), small.seedsNeeded());
    assertTrue(small.seedsNeeded() > 50, small.toString());
  }

  @Test
  void aDivergedTrainingCountsAgainstWhatWasFound() {
    IntToDoubleFunction gain = s -> s == 3 ? Double.NaN : 0.05 + scatter(s);
    assertEquals(Outcome.TOO_FEW_SEEDS, verdict(6, gain).outcome());
    assertEquals(Outcome.HOLDS, verdict(6, s -> 0.05 + scatter(s)).outcome());
    assertEquals(Outcome.HOLDS, verdict(12, gain).outcome());
  }

  @Test
  void moreComparisonsAskForMore() {
    IntToDoubleFunction gain = s -> 0.8 + 0.017 + scatter(s);
    List<KeptTraining> runs = new ArrayList<>(runs("svhn", "quick", "found", 6, gain));
    runs.addAll(runs("svhn", "quick", "relu", 6, s -> 0.8));
    Row alone = claims(runs).get(0);
    assertEquals(Outcome.HOLDS, alone.verdict().outcome(), alone.toString());
    for (String baseline : List.of("gelu", "silu", "elu", "leaky_relu")) {
      runs.addAll(runs("svhn", "quick", baseline, 6, s -> 0.8));
    }
    List<Row> together = claims(runs);
    assertEquals(PaperModel.Family.RESNET.activations(), baselines(together));
    for (Row row : together) {
      assertEquals(5 * alone.comparison().p(), row.correctedP(), 1e-12);
      assertEquals(Outcome.TOO_FEW_SEEDS, row.verdict().outcome());
    }
  }

  private static List<String> baselines(List<Row> rows) {
    return rows.stream().map(Row::baseline).toList();
  }

  @Test
  void noEffectIsSaidToHoldInFivePercentAtMost() {
    Random random = new Random(Seed.get());
    int wrong = 0;
    for (int i = 0; i < 1000; i++) {
      List<KeptTraining> runs =
          all(
              runs("svhn", "quick", "found", 5, s -> random.nextGaussian()),
              runs("svhn", "quick", "relu", 5, s -> random.nextGaussian()),
              runs("svhn", "quick", "gelu", 5, s -> random.nextGaussian()));
      List<Row> rows = claims(runs);
      assertEquals(2, rows.size());
      wrong += rows.stream().anyMatch(row -> row.verdict().outcome() == Outcome.HOLDS) ? 1 : 0;
    }
    assertTrue(wrong <= 50, wrong + " of 1000");
  }

  @Test
  void runsOfOtherDataOrScaleAreNoAnswer() {
    List<KeptTraining> runs =
        all(
            runs("cifar10-jpeg", "quick", "found", 6, s -> 0.9 + scatter(s)),
            runs("cifar10-jpeg", "quick", "relu", 6, s -> 0.8),
            runs("cifar10", "quick", "found", 6, s -> 0.9),
            runs("cifar10", "paper", "relu", 6, s -> 0.8));
    assertEquals(
        List.of("cifar10-jpeg"), claims(runs).stream().map(row -> row.group().data()).toList());
    assertEquals(List.of(), Claims.of(runs, List.of(), "paper").rows());
  }

  @Test
  void tablesSayWhatWasComparedAndHow() {
    List<KeptTraining> runs =
        all(
            runs("svhn", "quick", "found", 6, s -> 0.85 + scatter(s)),
            runs("svhn", "quick", "relu", 6, s -> 0.8),
            runs("svhn", "quick", "gelu", 6, s -> s == 1 ? Double.NaN : 0.8),
            runs("svhn", "quick", "elu", 6, s -> 0.9));
    Claims claims = Claims.of(runs, List.of(), "quick");
    Table table = claims.table();
    assertEquals(List.of("relu", "elu", "gelu"), baselines(claims.rows()));
    assertEquals(3, table.rowCount());
    assertEquals("svhn", table.getString(0, "data set"));
    assertEquals("quick", table.getString(0, "scale"));
    assertEquals("found : relu", table.getString(0, "compared"));
    assertEquals("6 pairs", table.getString(0, "runs"));
    assertEquals("+5.00 points", table.getString(0, "gain"));
    assertTrue(
        table.getString(0, "95 % interval").matches("\\+3\\.\\d\\d to \\+6\\.\\d\\d points"));
    assertTrue(table.getString(0, "effect").startsWith("d_z "));
    assertEquals("6 pairs, 1 diverged", table.getString(2, "runs"));
    assertEquals("signed rank", table.getString(2, "test"));
    assertEquals("–", table.getString(2, "95 % interval"));
    assertEquals("does not hold", table.getString(1, "verdict"));

    Table summary = claims.summary();
    assertEquals(2, summary.rowCount());
    assertEquals("svhn", summary.getString(0, "data sets"));
    assertEquals(1, summary.intColumn("holds").get(0));
    assertEquals("holds", summary.getString(0, "verdict"));
    // elu is better than the found function, so the claim on every other baseline does not hold,
    // although gelu is worse than the found function.
    assertEquals(1, summary.intColumn("holds").get(1));
    assertEquals(1, summary.intColumn("does not hold").get(1));
    assertEquals("does not hold", summary.getString(1, "verdict"));
  }

  private static KeptTraining run(
      PaperModel network, String data, String activation, double value) {
    return run(network, data, Scale.of(network.family(), "paper"), activation, 1, value);
  }

  @Test
  void claimsAreAskedOfWhatThereAreRunsOf() {
    List<KeptTraining> runs =
        List.of(
            run(PaperModel.VIT_TI, "cifar10", "found 2", 0.7),
            run(PaperModel.VIT_TI, "cifar10", "gelu", 0.6),
            run(PaperModel.VIT_S, "cifar10", "found 2", 0.7),
            run(PaperModel.VIT_S, "cifar10", "silu", 0.6),
            run(PaperModel.VIT_S, "cifar100", "found 2", 0.7),
            run(PaperModel.VIT_S, "cifar100", "gelu", 0.6),
            run(PaperModel.RESNET_20, "cifar10", "found 1", 0.6),
            run(PaperModel.GPT_MINI, "tinystories", "found 5", 1.1),
            run(PaperModel.GPT_MINI, "tinystories", "gelu", 1.2));
    assertEquals(
        List.of(
            "What is found for ViT-Ti beats the default: found 2 : gelu",
            "What is found for ViT-Ti beats every other baseline on larger networks: found 2 : silu",
            "What is found for ViT-Ti beats the default on new data: found 2 : gelu",
            "What is found for miniGPT beats the default: found 5 : gelu"),
        Claims.of(runs, List.of(search(PaperModel.VIT_TI, "cifar10", "paper")), "paper")
            .rows()
            .stream()
            .map(row -> row.claim() + ": " + row.found() + " : " + row.baseline())
            .toList());
    assertEquals(List.of(), claims(runs));
    String own = EvidenceTable.own("paper");
    Scale scale = Scale.resnet("paper").with(own, 0.1);
    List<KeptTraining> both = all(runs("cifar10", scale, "found 2", 2, s -> 0.7));
    both.addAll(runs("cifar10", scale, "relu", 2, s -> 0.6));
    both.addAll(runs);
    List<Row> all = Claims.of(both, List.of(), "paper").rows();
    assertEquals("What is found for ResNet-20 beats the default", all.get(0).claim());
    assertEquals(own, all.get(0).group().scale());
    assertEquals(
        Claims.of(runs, List.of(), "paper").rows().stream().map(Row::group).toList(),
        all.stream().skip(1).map(Row::group).toList(),
        "those at one rate");
  }

  /**
   * {@return the record of a search, without the search's result, since {@link Claims} does not
   * need the result}
   */
  private static KeptSearch search(PaperModel network, String data, String scale) {
    Scale all = Scale.of(network.family(), scale);
    RunConfig.Space space =
        new RunConfig.Space(2, List.of("max0", "add"), 10, Bounds.Kind.ARGUMENT, null);
    RunConfig config = new RunConfig(network, data, "files of " + data, all, space, null, null, 1);
    return new KeptSearch(Path.of("search"), new RunStore.Header(config, null, null), null);
  }

  private static List<String> claimed(List<KeptTraining> runs, KeptSearch... searches) {
    return Claims.of(runs, List.of(searches), "paper").rows().stream().map(Row::claim).toList();
  }

  /**
   * Data are new if none of the given searches used them, even if the paper's own search used them.
   */
  @Test
  void newDataAreThoseThatNoSearchUsed() {
    List<KeptTraining> runs =
        List.of(
            run(PaperModel.RESNET_20, "cifar100", "found 1", 0.6),
            run(PaperModel.RESNET_20, "cifar100", "relu", 0.5),
            run(PaperModel.RESNET_20, "cifar10", "found 1", 0.6),
            run(PaperModel.RESNET_20, "cifar10", "relu", 0.5),
            run(PaperModel.RESNET_20, "my images", "found 1", 0.6),
            run(PaperModel.RESNET_20, "my images", "relu", 0.5));
    String claim = "What is found for ResNet-20 beats the default";
    String other = claim + " on new data";
    KeptSearch hundred = search(PaperModel.RESNET_20, "cifar100", "paper");
    assertEquals(List.of(claim, other, other), claimed(runs, hundred));
    assertEquals(
        List.of(claim, other, claim),
        claimed(runs, hundred, search(PaperModel.RESNET_20, "my images", "paper")));
    // Searches on another network or at another scale did not find these functions. So it is not
    // known which data are new, and no claim says so.
    assertEquals(
        List.of(claim, claim, claim),
        claimed(
            runs,
            search(PaperModel.VIT_TI, "cifar100", "paper"),
            search(PaperModel.RESNET_20, "cifar100", "quick")));
  }

  private static Scale epochs(int epochs) {
    Scale quick = Scale.resnet("quick");
    return quick.with(quick.search().epochs(epochs));
  }

  @Test
  void runsOfOtherSettingsAreComparedByThemselves() {
    Scale four = epochs(4);
    Scale eight = epochs(8);
    List<KeptTraining> runs =
        all(
            runs("svhn", four, "found", 6, s -> 0.85 + scatter(s)),
            runs("svhn", four, "relu", 6, s -> 0.8),
            runs("svhn", eight, "found", 6, s -> 0.75 + scatter(s)),
            runs("svhn", eight, "relu", 6, s -> 0.8),
            runs("svhn", eight, "gelu", 2, s -> 0.8));
    Claims claims = Claims.of(runs, List.of(), "quick");
    List<Row> rows = claims.rows();
    assertEquals(
        List.of("quick (search.epochs 4)", "quick (search.epochs 8)", "quick (search.epochs 8)"),
        claims.table().stringColumn("scale").asList());
    assertEquals(List.of("relu", "relu", "gelu"), baselines(rows));
    assertEquals(Outcome.HOLDS, rows.get(0).verdict().outcome());
    assertEquals(Outcome.DOES_NOT_HOLD, rows.get(1).verdict().outcome());
    assertEquals(3 * rows.get(0).comparison().p(), rows.get(0).correctedP(), 1e-12);
    assertEquals(3, claims.table().rowCount());

    assertEquals(
        " (without epochs)",
        SettingNames.differing(
            Map.of("batchSize", "64"),
            List.of(Map.of("epochs", "4", "batchSize", "64"), Map.of("batchSize", "64"))));

    List<KeptTraining> apart =
        all(runs("svhn", four, "found", 2, s -> 0.8), runs("svhn", eight, "relu", 2, s -> 0.8));
    assertEquals(List.of(), claims(apart));
  }

  @Test
  void aSeedTwiceIsNamedAndLeftOut() {
    List<KeptTraining> relu = runs("svhn", "quick", "relu", 6, s -> 0.8 + scatter(s));
    List<KeptTraining> runs =
        all(
            runs("svhn", "quick", "found", 6, s -> 0.8),
            relu,
            // Seed 1 again with another value, and seed 4 again with the same value.
            runs("svhn", "quick", "relu", 1, s -> 0.1),
            relu.subList(3, 4));
    List<Row> claims = new ArrayList<>();
    String said = Printed.logged(() -> claims.addAll(claims(runs)));
    assertEquals(5, claims.get(0).comparison().pairs());
    assertEquals(1, claims.get(0).comparison().leftOut());
    assertTrue(said.contains("left out: 2 runs of relu, seed 1, ResNet-20 on svhn at quick"), said);
    assertTrue(said.contains("their test scores are not, [Score[loss=1.0, accuracy=0.79,"), said);
    assertEquals(1, said.lines().count(), said);
  }

  private static KeptTraining valued(String activation, String values, long seed, double value) {
    return Invented.training(
        new RunConfig(
            PaperModel.RESNET_20,
            "svhn",
            "",
            Scale.resnet("quick"),
            null,
            activation,
            values,
            seed),
        value);
  }

  /**
   * Different found functions of one name are compared one by one; a baseline whose name has
   * several functions is left out.
   */
  @Test
  void aBaselineWithSeveralFunctionsIsLeftOut() {
    List<KeptTraining> runs =
        List.of(
            valued("found 1", "[0.0, 1.0]", 1, 0.9),
            valued("found 1", "[0.0, 2.0]", 1, 0.8),
            valued("relu", "[0.0, 3.0]", 1, 0.7),
            valued("gelu", "[0.0, 4.0]", 1, 0.7),
            valued("gelu", "[0.0, 5.0]", 1, 0.6));
    List<Row> claims = new ArrayList<>();
    String said = Printed.logged(() -> claims.addAll(claims(runs)));
    assertEquals(
        List.of("found 1 with value 1.0 : relu", "found 1 with value 2.0 : relu"),
        claims.stream().map(row -> row.found() + " : " + row.baseline()).toList());
    assertTrue(said.contains("'found 1' is the name of 2 different functions: tables show"), said);
    assertTrue(said.contains("'gelu' is the name of 2 different functions: tables show"), said);
  }
}
