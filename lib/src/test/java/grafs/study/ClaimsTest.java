package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Printed;
import grafs.Seed;
import grafs.run.Comparison;
import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.study.Claim.Question;
import grafs.study.Verdict.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tablesaw.api.Table;

@ExtendWith(Seed.class)
class ClaimsTest {

  private static Question question(String data, String scale, String baseline) {
    return new Question("better", "ResNet-20", data, scale, Metric.ACCURACY, "found", baseline);
  }

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

  /** Scatter around 0 whose mean is exactly 0 over an even number of seeds. */
  private static double scatter(int seed) {
    return (seed % 2 == 0 ? 1 : -1) * (0.01 + 0.001 * ((seed - 1) / 2));
  }

  private static Verdict verdict(int seeds, IntToDoubleFunction gain) {
    List<Measurement> runs =
        all(
            runs("svhn", "quick", "found", seeds, s -> 0.8 + gain.applyAsDouble(s)),
            runs("svhn", "quick", "relu", seeds, s -> 0.8));
    return Claims.judge(List.of(question("svhn", "quick", "relu")), runs).get(0).verdict();
  }

  @Test
  void aClaimShowsItselfInThreeLines() {
    List<Measurement> runs =
        all(
            runs("svhn", "quick", "found", 6, s -> 0.85 + scatter(s)),
            runs("svhn", "quick", "relu", 6, s -> 0.8));
    Claim claim = Claims.judge(List.of(question("svhn", "quick", "relu")), runs).get(0);
    List<String> lines = claim.toString().lines().toList();
    assertEquals("better: found against relu, ResNet-20 on svhn at quick", lines.get(0));
    assertTrue(
        lines.get(1).startsWith("test accuracy: gain +0.05000 (95 % interval "), lines.get(1));
    assertTrue(lines.get(1).contains("6 and 6 runs, paired t, d_z = "), lines.get(1));
    assertEquals("holds (better, and not by chance)", lines.get(2));
    assertEquals(3, lines.size());
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
    double effect =
        Claims.judge(List.of(question("svhn", "quick", "relu")), runs).get(0).comparison().effect();
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
    List<Question> questions = new ArrayList<>();
    List<Measurement> runs = new ArrayList<>(runs("svhn", "quick", "found", 6, gain));
    for (int i = 1; i <= 5; i++) {
      questions.add(question("svhn", "quick", "baseline " + i));
      runs.addAll(runs("svhn", "quick", "baseline " + i, 6, s -> 0.8));
    }
    questions.add(question("svhn", "quick", "never run"));
    Claim alone = Claims.judge(questions.subList(0, 1), runs).get(0);
    assertEquals(Outcome.HOLDS, alone.verdict().outcome(), alone.toString());
    List<Claim> together = Claims.judge(questions, runs);
    for (Claim claim : together.subList(0, 5)) {
      assertEquals(5 * alone.comparison().p(), claim.correctedP(), 1e-12);
      assertEquals(Outcome.TOO_FEW_SEEDS, claim.verdict().outcome());
    }
    assertEquals(
        new Verdict(Outcome.NO_RUNS, 0, "no runs of never run"), together.get(5).verdict());
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
      List<Question> questions =
          List.of(question("svhn", "quick", "relu"), question("svhn", "quick", "gelu"));
      wrong +=
          Claims.judge(questions, runs).stream()
                  .anyMatch(claim -> claim.verdict().outcome() == Outcome.HOLDS)
              ? 1
              : 0;
    }
    assertTrue(wrong <= 50, wrong + " of 1000");
  }

  @Test
  void runsOfOtherDataOrScaleAreNoAnswer() {
    List<Measurement> runs =
        all(
            runs("cifar10-jpeg", "quick", "found", 6, s -> 0.9 + scatter(s)),
            runs("cifar10-jpeg", "quick", "relu", 6, s -> 0.8),
            runs("cifar10", "paper", "relu", 6, s -> 0.8));
    for (Question question :
        List.of(
            question("cifar10", "quick", "relu"),
            question("cifar10-jpeg", "paper", "relu"),
            question("cifar10", "paper", "relu"))) {
      Claim claim = Claims.judge(List.of(question), runs).get(0);
      assertEquals(Outcome.NO_RUNS, claim.verdict().outcome(), question.toString());
      assertNull(claim.comparison());
    }
  }

  @Test
  void costsAreCountedAndMuchCheaperIsATenth() {
    Question question =
        new Question("cheap", "ResNet-20", "svhn", "quick", Metric.PASSES, "search", "training");
    Measurement training =
        new Measurement("ResNet-20", "svhn", "quick", "training", 1, Metric.PASSES, 1000, Map.of());
    Measurement tenth =
        new Measurement("ResNet-20", "svhn", "quick", "search", 1, Metric.PASSES, 100, Map.of());
    Measurement more =
        new Measurement("ResNet-20", "svhn", "quick", "search", 2, Metric.PASSES, 101, Map.of());
    assertEquals(
        Outcome.HOLDS,
        Claims.judge(List.of(question), List.of(training, tenth)).get(0).verdict().outcome());
    Verdict dear = Claims.judge(List.of(question), List.of(training, tenth, more)).get(0).verdict();
    assertEquals(
        new Verdict(Outcome.DOES_NOT_HOLD, 0, "101 passes are 10.1 % of 1000; much less is 10 %"),
        dear);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Measurement("n", "d", "s", "search", 1, Metric.PASSES, Double.NaN, Map.of()));
  }

  @Test
  void tablesSayWhatWasComparedAndHow() {
    List<Measurement> runs =
        all(
            runs("svhn", "quick", "found", 6, s -> 0.85 + scatter(s)),
            runs("svhn", "quick", "relu", 6, s -> 0.8),
            runs("svhn", "quick", "gelu", 6, s -> s == 1 ? Double.NaN : 0.8));
    List<Claim> claims =
        Claims.judge(
            Stream.of("relu", "gelu", "elu").map(b -> question("svhn", "quick", b)).toList(), runs);
    Table table = Claims.table(claims);
    assertEquals(3, table.rowCount());
    assertEquals("svhn", table.getString(0, "data set"));
    assertEquals("quick", table.getString(0, "scale"));
    assertEquals("found : relu", table.getString(0, "compared"));
    assertEquals("6 pairs", table.getString(0, "runs"));
    assertEquals("+5.00 %", table.getString(0, "gain"));
    assertTrue(table.getString(0, "95 % interval").matches("\\+3\\.\\d\\d to \\+6\\.\\d\\d %"));
    assertTrue(table.getString(0, "effect").startsWith("d_z "));
    assertEquals("6 pairs, 1 diverged", table.getString(1, "runs"));
    assertEquals("signed rank", table.getString(1, "test"));
    assertEquals("–", table.getString(1, "95 % interval"));
    assertEquals("no runs", table.getString(2, "verdict"));
    assertEquals("–", table.getString(2, "p"));

    Table summary = Claims.summary(claims);
    assertEquals(1, summary.rowCount());
    assertEquals(2, summary.intColumn("holds").get(0));
    assertEquals(1, summary.intColumn("no runs").get(0));
    assertEquals("no runs", summary.getString(0, "verdict"));
    assertEquals("holds", Claims.summary(claims.subList(0, 2)).getString(0, "verdict"));
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
            run("ViT-Ti", "cifar10", "search", Metric.PASSES, 10),
            run("ViT-Ti", "cifar10", "training", Metric.PASSES, 100),
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
            "A search on ViT-Ti costs much less than one training: search : training",
            "What is found for ViT-Ti beats every other baseline on larger networks: found 2 : silu",
            "What is found for ViT-Ti beats the default on new data: found 2 : gelu",
            "What is found for miniGPT beats the default: found 5 : gelu"),
        PaperClaims.askedBy(runs, "paper").stream()
            .map(q -> q.text() + ": " + q.found() + " : " + q.baseline())
            .toList());
    assertEquals(List.of(), PaperClaims.askedBy(runs, "quick"));
    String own = EvidenceTable.own("paper");
    List<Measurement> both = all(runs("cifar10", own, "found 2", 2, s -> 0.7));
    both.addAll(runs("cifar10", own, "relu", 2, s -> 0.6));
    both.addAll(runs);
    List<Question> asked = PaperClaims.askedBy(both, "paper");
    assertEquals("What is found for ResNet-20 beats the default", asked.get(0).text());
    assertEquals(own, asked.get(0).scale());
    assertEquals(
        PaperClaims.askedBy(runs, "paper"), asked.subList(1, asked.size()), "those at one rate");
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
    List<Question> questions =
        List.of(question("svhn", "quick", "relu"), question("svhn", "quick", "gelu"));
    List<Claim> claims = Claims.judge(questions, runs);
    assertEquals(
        List.of("quick (epochs 4)", "quick (epochs 8)", "quick (epochs 8)"),
        claims.stream().map(claim -> claim.question().scale()).toList());
    assertEquals(Outcome.HOLDS, claims.get(0).verdict().outcome());
    assertEquals(Outcome.DOES_NOT_HOLD, claims.get(1).verdict().outcome());
    assertEquals(3 * claims.get(0).comparison().p(), claims.get(0).correctedP(), 1e-12);
    assertEquals(3, Claims.table(claims).rowCount());

    List<Measurement> apart =
        all(
            with(four, runs("svhn", "quick", "found", 2, s -> 0.8)),
            with(eight, runs("svhn", "quick", "relu", 2, s -> 0.8)));
    assertEquals(
        List.of(
            new Verdict(Outcome.NO_RUNS, 0, "no runs of found and of relu with the same settings")),
        Claims.judge(questions.subList(0, 1), apart).stream().map(Claim::verdict).toList());
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> Comparison.of(apart.subList(0, 2), apart.subList(2, 4)))
            .getMessage();
    assertTrue(said.contains("quick (epochs 4)") && said.contains("quick (epochs 8)"), said);
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
    List<Claim> claims = new ArrayList<>();
    String said =
        Printed.logged(
            () -> claims.addAll(Claims.judge(List.of(question("svhn", "quick", "relu")), runs)));
    assertEquals(5, claims.get(0).comparison().baseline());
    assertEquals(1, claims.get(0).comparison().leftOut());
    assertTrue(
        said.contains("left out: 2 runs of relu with seed 1, ResNet-20 on svhn at quick"), said);
    assertEquals(1, said.lines().count(), said);
  }
}
