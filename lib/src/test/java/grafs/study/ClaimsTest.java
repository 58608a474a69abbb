package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Printed;
import grafs.Seed;
import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.study.Claims.Row;
import grafs.study.Verdict.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tablesaw.api.Table;

@ExtendWith(Seed.class)
class ClaimsTest {

  private static List<Measurement> runs(
      String data, String scale, String activation, int seeds, IntToDoubleFunction value) {
    return IntStream.rangeClosed(1, seeds)
        .mapToObj(
            s ->
                new Measurement(
                    "ResNet-20",
                    data,
                    scale,
                    activation,
                    s,
                    Metric.ACCURACY,
                    value.applyAsDouble(s),
                    Map.of()))
        .toList();
  }

  @SafeVarargs
  private static List<Measurement> all(List<Measurement>... runs) {
    List<Measurement> all = new ArrayList<>();
    for (List<Measurement> own : runs) {
      all.addAll(own);
    }
    return all;
  }

  private static List<Row> claims(List<Measurement> runs) {
    return Claims.judged(runs, "quick").rows();
  }

  /** Scatter around 0 whose mean is exactly 0 over an even number of seeds. */
  private static double scatter(int seed) {
    return (seed % 2 == 0 ? 1 : -1) * (0.01 + 0.001 * ((seed - 1) / 2));
  }

  private static Verdict verdict(int seeds, IntToDoubleFunction gain) {
    List<Measurement> runs =
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
    int enough = SampleSize.pairs(0.8, 0.05);
    assertEquals(15, enough);
    assertEquals(Outcome.DOES_NOT_HOLD, verdict(16, ClaimsTest::scatter).outcome());
    Verdict few = verdict(6, ClaimsTest::scatter);
    assertEquals(Outcome.TOO_FEW_SEEDS, few.outcome());
    assertEquals(enough, few.seedsNeeded());
    assertEquals("too few seeds: 15 needed", few.toString());
    // One seed cannot be tested.
    assertEquals(
        new Verdict(Outcome.TOO_FEW_SEEDS, 15, "fewer than two seeds pair"), verdict(1, s -> 1e-2));
    // What is found computes the same as the baseline.
    assertEquals(Outcome.TOO_FEW_SEEDS, verdict(2, s -> 0).outcome());
    assertEquals(Outcome.DOES_NOT_HOLD, verdict(16, s -> 0).outcome());
  }

  @Test
  void seedsNeededAreForTheGainSeen() {
    Verdict small = verdict(6, s -> 0.004 + scatter(s));
    assertEquals(Outcome.TOO_FEW_SEEDS, small.outcome());
    List<Measurement> runs =
        all(
            runs("svhn", "quick", "found", 6, s -> 0.804 + scatter(s)),
            runs("svhn", "quick", "relu", 6, s -> 0.8));
    double effect = claims(runs).get(0).comparison().effect();
    assertEquals(SampleSize.pairs(effect, 0.05), small.seedsNeeded());
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
    List<Measurement> runs = new ArrayList<>(runs("svhn", "quick", "found", 6, gain));
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
      List<Measurement> runs =
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
    List<Measurement> runs =
        all(
            runs("cifar10-jpeg", "quick", "found", 6, s -> 0.9 + scatter(s)),
            runs("cifar10-jpeg", "quick", "relu", 6, s -> 0.8),
            runs("cifar10", "quick", "found", 6, s -> 0.9),
            runs("cifar10", "paper", "relu", 6, s -> 0.8));
    assertEquals(
        List.of("cifar10-jpeg"), claims(runs).stream().map(row -> row.run().data()).toList());
    assertEquals(List.of(), Claims.judged(runs, "paper").rows());
  }

  @Test
  void tablesSayWhatWasComparedAndHow() {
    List<Measurement> runs =
        all(
            runs("svhn", "quick", "found", 6, s -> 0.85 + scatter(s)),
            runs("svhn", "quick", "relu", 6, s -> 0.8),
            runs("svhn", "quick", "gelu", 6, s -> s == 1 ? Double.NaN : 0.8),
            runs("svhn", "quick", "elu", 6, s -> 0.9));
    Claims claims = Claims.judged(runs, "quick");
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
    // One of the other baselines is better, whatever the rest is.
    assertEquals(1, summary.intColumn("holds").get(1));
    assertEquals(1, summary.intColumn("does not hold").get(1));
    assertEquals("does not hold", summary.getString(1, "verdict"));
  }

  private static Measurement run(
      String network, String data, String activation, Metric metric, double value) {
    return new Measurement(network, data, "paper", activation, 1, metric, value, Map.of());
  }

  @Test
  void claimsAreAskedOfWhatThereAreRunsOf() {
    List<Measurement> runs =
        List.of(
            run("ViT-Ti", "cifar10", "found 2", Metric.ACCURACY, 0.7),
            run("ViT-Ti", "cifar10", "gelu", Metric.ACCURACY, 0.6),
            run("ViT-S", "cifar10", "found 2", Metric.ACCURACY, 0.7),
            run("ViT-S", "cifar10", "silu", Metric.ACCURACY, 0.6),
            run("ViT-S", "cifar100", "found 2", Metric.ACCURACY, 0.7),
            run("ViT-S", "cifar100", "gelu", Metric.ACCURACY, 0.6),
            run("ResNet-20", "cifar10", "found 1", Metric.ACCURACY, 0.6),
            run("miniGPT", "tinystories", "found 5", Metric.LOSS, 1.1),
            run("miniGPT", "tinystories", "gelu", Metric.LOSS, 1.2));
    assertEquals(
        List.of(
            "What is found for ViT-Ti beats the default: found 2 : gelu",
            "What is found for ViT-Ti beats every other baseline on larger networks: found 2 : silu",
            "What is found for ViT-Ti beats the default on new data: found 2 : gelu",
            "What is found for miniGPT beats the default: found 5 : gelu"),
        Claims.judged(runs, "paper").rows().stream()
            .map(row -> row.claim() + ": " + row.run().activation() + " : " + row.baseline())
            .toList());
    assertEquals(List.of(), claims(runs));
    String own = EvidenceTable.own("paper");
    List<Measurement> both = all(runs("cifar10", own, "found 2", 2, s -> 0.7));
    both.addAll(runs("cifar10", own, "relu", 2, s -> 0.6));
    both.addAll(runs);
    List<Row> all = Claims.judged(both, "paper").rows();
    assertEquals("What is found for ResNet-20 beats the default", all.get(0).claim());
    assertEquals(own, all.get(0).scale());
    assertEquals(
        Claims.judged(runs, "paper").rows().stream().map(Row::run).toList(),
        all.stream().skip(1).map(Row::run).toList(),
        "those at one rate");
  }

  private static List<Measurement> with(Map<String, String> settings, List<Measurement> runs) {
    return runs.stream()
        .map(
            r ->
                new Measurement(
                    r.network(),
                    r.data(),
                    r.scale(),
                    r.activation(),
                    r.seed(),
                    r.metric(),
                    r.value(),
                    settings))
        .toList();
  }

  @Test
  void runsOfOtherSettingsAreComparedByThemselves() {
    Map<String, String> four = Map.of("epochs", "4", "batchSize", "64");
    Map<String, String> eight = Map.of("epochs", "8", "batchSize", "64");
    List<Measurement> runs =
        all(
            with(four, runs("svhn", "quick", "found", 6, s -> 0.85 + scatter(s))),
            with(four, runs("svhn", "quick", "relu", 6, s -> 0.8)),
            with(eight, runs("svhn", "quick", "found", 6, s -> 0.75 + scatter(s))),
            with(eight, runs("svhn", "quick", "relu", 6, s -> 0.8)),
            with(eight, runs("svhn", "quick", "gelu", 2, s -> 0.8)));
    Claims claims = Claims.judged(runs, "quick");
    List<Row> rows = claims.rows();
    assertEquals(
        List.of("quick (epochs 4)", "quick (epochs 8)", "quick (epochs 8)"),
        rows.stream().map(Row::scale).toList());
    assertEquals(List.of("relu", "relu", "gelu"), baselines(rows));
    assertEquals(Outcome.HOLDS, rows.get(0).verdict().outcome());
    assertEquals(Outcome.DOES_NOT_HOLD, rows.get(1).verdict().outcome());
    assertEquals(3 * rows.get(0).comparison().p(), rows.get(0).correctedP(), 1e-12);
    assertEquals(3, claims.table().rowCount());

    assertEquals(
        "quick (without epochs)",
        SettingNames.named(
            "quick", Map.of("batchSize", "64"), List.of(four, Map.of("batchSize", "64"))));

    List<Measurement> apart =
        all(
            with(four, runs("svhn", "quick", "found", 2, s -> 0.8)),
            with(eight, runs("svhn", "quick", "relu", 2, s -> 0.8)));
    assertEquals(List.of(), claims(apart));
  }

  @Test
  void aSeedTwiceIsNamedAndLeftOut() {
    List<Measurement> relu = runs("svhn", "quick", "relu", 6, s -> 0.8 + scatter(s));
    List<Measurement> runs =
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
    assertTrue(
        said.contains("left out: 2 runs of relu with seed 1, ResNet-20 on svhn at quick"), said);
    assertEquals(1, said.lines().count(), said);
  }
}
