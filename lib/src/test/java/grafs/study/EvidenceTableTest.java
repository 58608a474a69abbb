package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Printed;
import grafs.data.ProjectHome;
import grafs.run.KeptTraining;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.run.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * Tests {@link EvidenceTable}, which compares activations at their own best learning rates, with
 * invented trainings and with those kept in this project's folder {@code results/reference}.
 */
class EvidenceTableTest {

  private static final Scale OWN = Scale.gpt("quick").with(EvidenceTable.own("quick"), 0.001);
  private static final Scale RATES = Scale.gpt("quick").with(EvidenceTable.rates("quick"), 0.001);

  /**
   * {@return a training of miniGPT} At the scale OWN it is a training at the learning rate that was
   * chosen, on all training examples. At the scale RATES it is a training that tries a learning
   * rate: a part of the training examples, the held-out ones, takes the place of the test examples.
   *
   * @param text the hash of the training text
   * @param values the values of the activation, which tell functions of one name apart
   * @param loss the loss on the test examples or, at the scale RATES, on the held-out ones
   */
  private static KeptTraining kept(
      String text, Scale scale, String activation, String values, long seed, double loss) {
    boolean own = scale.name().equals(OWN.name());
    String data =
        own
            ? "SHA-256 %s, tokens 0 to 10 of 10; SHA-256 v, tokens 0 to 2 of 2; 5 tokens by c, blocks of 4"
            : "SHA-256 %1$s, tokens 0 to 8 of 10; SHA-256 %1$s, tokens 8 to 10 of 10; 5 tokens by c, blocks of 4";
    RunConfig config =
        new RunConfig(
            PaperModel.GPT_MINI,
            own ? "toy" : Task.heldOutName("toy"),
            data.formatted(text),
            scale,
            null,
            activation,
            values,
            seed);
    return Invented.training(config, loss);
  }

  private static EvidenceTable of(List<KeptTraining> kept) {
    return EvidenceTable.all(kept, "quick").get(0);
  }

  @Test
  void otherDataAndSettingsHaveTablesOfTheirOwn() {
    List<KeptTraining> kept =
        List.of(
            kept("a 10", OWN, "GELU", "[0]", 1, 1),
            kept("a 11", OWN, "GELU", "[0]", 1, 3),
            kept("a 11", OWN, "GELU", "[0]", 2, 4),
            kept("a 11", OWN.with(OWN.search().epochs(9)), "GELU", "[0]", 2, 5));
    List<EvidenceTable> tables = EvidenceTable.all(kept, "quick");
    assertEquals(
        List.of(
            "toy (data 10, search.epochs 6)",
            "toy (data 11, search.epochs 6)",
            "toy (data 11, search.epochs 9)"),
        tables.stream().map(EvidenceTable::data).toList());
    assertEquals(
        List.of(-1.0, -3.5, -5.0), tables.stream().map(t -> t.rows().get(0).mean()).toList());
    assertTrue(tables.get(0).scores().name().startsWith("miniGPT on toy (data 10"));
    assertEquals("toy", of(kept.subList(1, 3)).data());
    assertEquals(List.of(), EvidenceTable.all(List.of(), "quick"));
  }

  @Test
  void functionsOfOneNameHaveRowsOfTheirOwn() {
    List<KeptTraining> kept =
        List.of(
            kept("a", OWN, "found 1", "[0.0, 1.0]", 1, 1),
            kept("a", OWN, "found 1", "[0.0, 2.0]", 1, 3),
            kept("a", RATES, "found 1", "[0.0, 1.0]", 1001, 1.5),
            kept("a", RATES, "found 1", "[0.0, 2.0]", 1001, 3.5));
    List<EvidenceTable.Row> rows = of(kept).rows();
    assertEquals(
        List.of("found 1 with value 1.0", "found 1 with value 2.0"),
        rows.stream().map(EvidenceTable.Row::activation).toList());
    assertEquals(List.of(1.5, 3.5), rows.stream().map(EvidenceTable.Row::held).toList());
  }

  @Test
  void whatIsAmbiguousIsNamedAndLeftOut() {
    List<KeptTraining> kept =
        List.of(
            kept("a", OWN, "GELU", "[0]", 1, 1),
            kept("a", OWN, "GELU", "[0]", 1, 1.25),
            kept("a", OWN, "GELU", "[0]", 2, 2),
            // A result that is kept twice counts once.
            kept("a", OWN, "GELU", "[0]", 2, 2),
            kept("a", OWN, "found 1", "[1]", 2, 2.5),
            kept("a", RATES, "GELU", "[0]", 1001, 1.5),
            kept("a", RATES, "found 1", "[1]", 1001, 1.5),
            kept("a", RATES, "found 1", "[1]", 1001, 1.75),
            // This training is ignored: it has another number of search epochs than those at the
            // scale OWN.
            kept("a", RATES.with(OWN.search().epochs(9)), "GELU", "[0]", 1001, 9));
    List<EvidenceTable> tables = new ArrayList<>();
    String said = Printed.logged(() -> tables.add(of(kept)));
    EvidenceTable.Row gelu = tables.get(0).rows().get(0);
    assertEquals(Map.of(2L, -2.0), gelu.merits());
    assertEquals(1.5, gelu.held());
    assertTrue(Double.isNaN(tables.get(0).rows().get(1).held()));
    assertTrue(tables.get(0).best().isEmpty(), "it is not known which was best");
    assertTrue(said.contains("2 runs of GELU, seed 1"), said);
    assertTrue(said.contains("2 runs of found 1"), said);
  }

  /**
   * {@return the held-out loss in the first row of each table that is made from these trainings} It
   * is the mean loss on held-out examples over the trainings with the activation of that row.
   */
  private static List<Double> held(List<KeptTraining> kept) {
    return EvidenceTable.all(kept, "quick").stream().map(t -> t.rows().get(0).held()).toList();
  }

  @Test
  void textsOfOneNameHaveTheirOwnHeldOutLosses() {
    List<KeptTraining> kept =
        List.of(
            kept("a", OWN, "GELU", "[0]", 1, 1),
            kept("b", OWN, "GELU", "[0]", 1, 2),
            kept("a", RATES, "GELU", "[0]", 1001, 1.5),
            kept("b", RATES, "GELU", "[0]", 1001, 2.5),
            kept("b", RATES, "GELU", "[0]", 1002, 3.5));
    assertEquals(List.of(1.5, 3.0), held(kept));
  }

  @Test
  void aHeldOutTextHasTheSameTokens() {
    String tokens = "; 59 tokens by characters, blocks of 64";
    String whole = "SHA-256 a, tokens 0 to 9 of 9; SHA-256 b, tokens 0 to 5 of 5" + tokens;
    String held = "SHA-256 a, tokens 0 to 7 of 9; SHA-256 a, tokens 7 to 9 of 9" + tokens;
    assertTrue(TrainingGroup.mayBePart(held, whole));
    assertFalse(TrainingGroup.mayBePart(held.replace("of 64", "of 32"), whole));
  }

  private static KeptTraining images(String data, boolean own, long seed, double accuracy) {
    String name = own ? "photos" : Task.heldOutName("photos");
    String scale = own ? EvidenceTable.own("quick") : EvidenceTable.rates("quick");
    RunConfig config =
        new RunConfig(
            PaperModel.VIT_TI,
            name,
            data,
            Scale.vit("quick").with(scale, 0.001),
            null,
            "GELU",
            "[0]",
            seed);
    return Invented.training(config, accuracy);
  }

  /**
   * The hash of held-out images does not say from which data set they were taken, so only the
   * numbers of images are compared.
   */
  @Test
  void imagesOfOneNameHaveTheirOwnHeldOutLossesIfTheyDifferInNumber() {
    KeptTraining first = images("60 and 9 images, 1a and 1b", true, 1, 0.5);
    KeptTraining second = images("40 and 9 images, 2a and 2b", true, 1, 0.5);
    KeptTraining firstHeld = images("48 and 12 images, 1c and 1d", false, 1001, 0.5);
    KeptTraining otherHeld = images("48 and 12 images, 3c and 3d", false, 1002, 0.5);
    assertEquals(List.of(1.0, Double.NaN), held(List.of(first, second, firstHeld)));
    List<Double> losses = new ArrayList<>();
    String said = Printed.logged(() -> losses.addAll(held(List.of(first, firstHeld, otherHeld))));
    assertEquals(List.of(Double.NaN), losses);
    assertTrue(said.contains("the held-out loss of GELU on photos is left out"), said);
  }

  @Test
  void theProjectsOwnRunsGiveTheTableInTheReadme() {
    RunStore store = new RunStore(ProjectHome.path().resolve("results/reference"));
    EvidenceTable table =
        EvidenceTable.all(store.trainings(), "quick").stream()
            .filter(each -> each.model() == PaperModel.GPT_MINI)
            .findFirst()
            .orElseThrow();
    assertEquals("toy-stories", table.data());
    Map<String, EvidenceTable.Row> rows =
        table.rows().stream().collect(Collectors.toMap(EvidenceTable.Row::activation, r -> r));
    assertEquals(10, rows.size());
    rows.values().forEach(row -> assertEquals(5, row.merits().size(), row.activation()));
    rows.values().forEach(row -> assertTrue(row.held() > 0, row.activation()));
    assertEquals(-1.1525, rows.get("found 2").mean(), 1e-4);
    assertEquals(1.1340, rows.get("found 2").held(), 1e-4);
    assertEquals("found 2", table.best().orElseThrow().activation());
    Table against = table.against("found 2");
    Row squared =
        against.where(against.stringColumn("over").isEqualTo("squared ReLU")).iterator().next();
    assertEquals("+0.0827", squared.getString("gain"));
    assertEquals("+0.0685 to +0.0969", squared.getString("95 % interval"));
    assertEquals("0.0004", squared.getString("p, corrected"));
  }

  @Test
  void imagesAreComparedByLossToo() {
    RunStore store = new RunStore(ProjectHome.path().resolve("results/reference"));
    EvidenceTable table =
        EvidenceTable.byLoss(store.trainings(), "quick").stream()
            .filter(each -> each.model() == PaperModel.VIT_TI)
            .findFirst()
            .orElseThrow();
    assertEquals("ViT-Ti on fashion-mnist, test loss in nats", table.scores().name());
    assertTrue(table.scores().columnNames().contains("held-out loss, nats"));
    EvidenceTable.Row best = table.rows().get(0);
    assertEquals("found 2", best.activation());
    assertEquals(10, best.merits().size());
    // The mean of ten losses: 0.8281 is the mean over the first five seeds, 0.8453 over the others.
    assertEquals(-0.8367, best.mean(), 1e-4);
    Table against = table.against("found 4");
    Row gelu = against.where(against.stringColumn("over").isEqualTo("GELU")).iterator().next();
    assertEquals("+0.0265", gelu.getString("gain"));
    // The paired t test has p = 0.0070; three of the other eleven comparisons have a larger p, so
    // Holm's procedure multiplies by 4, which gives 0.0279. But the next smaller p, of squared
    // ReLU, is 0.0062, which times 5 is 0.0311, and the corrected value of a larger p must not be
    // smaller than that.
    assertEquals("0.0311", gelu.getString("p, corrected"));
  }

  @Test
  void resNetsRunsGiveTheGainInTheReadme() {
    RunStore store = new RunStore(ProjectHome.path().resolve("results/reference"));
    List<KeptTraining> later =
        store.trainings().stream()
            .filter(each -> each.header().config().model() == PaperModel.RESNET_20)
            .filter(each -> each.run().seed() > 5)
            .toList();
    Table against = EvidenceTable.all(later, "quick").get(0).against("GELU");
    assertEquals(List.of("ReLU"), against.stringColumn("over").asList());
    assertEquals(15, against.numberColumn("pairs").get(0));
    assertEquals(List.of("+0.41"), against.stringColumn("gain").asList());
    assertEquals(List.of("+0.05 to +0.77"), against.stringColumn("95 % interval").asList());
    assertEquals(List.of("0.0288"), against.stringColumn("p, corrected").asList());
  }

  @Test
  void whatHasNoIntervalHasADash() {
    List<KeptTraining> kept =
        List.of(
            kept("a", OWN, "GELU", "[0]", 1, 1),
            kept("a", OWN, "GELU", "[0]", 2, 1.25),
            kept("a", OWN, "tanh", "[1]", 1, 2),
            kept("a", OWN, "tanh", "[1]", 2, Double.NaN));
    Table against = of(kept).against("GELU");
    assertEquals(List.of("–"), against.stringColumn("95 % interval").asList());
  }

  @Test
  void twoRatesOfOneActivationAreRefused() {
    List<KeptTraining> kept =
        List.of(
            kept("a", OWN, "GELU", "[0]", 1, 1.5),
            kept("a", OWN.with(OWN.name(), 0.01), "GELU", "[0]", 2, 1.25));
    String said = assertThrows(IllegalArgumentException.class, () -> of(kept)).getMessage();
    assertTrue(said.contains("two rates, 0.001 in 1.5 and 0.01 in 1.25: delete those"), said);
  }

  @Test
  void aTextHasNoAccuracy() {
    KeptTraining text = kept("a", OWN, "GELU", "[0]", 1, 1);
    assertEquals(Metric.LOSS, text.metric());
    assertEquals(1, text.value(Metric.LOSS));
    String said =
        assertThrows(IllegalArgumentException.class, () -> text.value(Metric.ACCURACY))
            .getMessage();
    assertEquals("trainings of miniGPT have no test accuracy: ask for the test loss", said);
  }
}
