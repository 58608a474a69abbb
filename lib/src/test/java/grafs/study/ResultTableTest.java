package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Printed;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.Scale;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

/** Tests {@link ResultTable}, the test scores of trainings as tables, with invented trainings. */
class ResultTableTest {

  private static KeptTraining kept(
      PaperModel model, String data, String scale, String activation, long seed, double value) {
    Scale like = model.family() == PaperModel.Family.GPT ? Scale.gpt(scale) : Scale.resnet(scale);
    return Invented.training(
        new RunConfig(model, data, "", like, null, activation, "", seed), value);
  }

  private static final List<KeptTraining> RUNS =
      List.of(
          kept(PaperModel.RESNET_20, "cifar10-jpeg", "quick", "found_1", 1, 0.62),
          kept(PaperModel.RESNET_20, "cifar10-jpeg", "quick", "found_1", 2, 0.64),
          kept(PaperModel.RESNET_20, "cifar10-jpeg", "quick", "ReLU", 1, 0.60),
          kept(PaperModel.RESNET_20, "cifar10-jpeg", "quick", "ReLU", 2, 0.62),
          kept(PaperModel.RESNET_20, "cifar10", "quick", "ReLU", 1, 0.70),
          kept(PaperModel.RESNET_20, "cifar10-jpeg", "paper", "ReLU", 1, 0.90),
          kept(PaperModel.RESNET_32, "cifar10-jpeg", "quick", "SiLU", 1, Double.NaN),
          kept(PaperModel.GPT_MINI, "toy-stories", "quick", "GELU", 1, 1.25),
          kept(PaperModel.GPT_MINI, "toy-stories", "quick", "found_1", 1, 1.2));

  @Test
  void dataSetsAndScalesHaveColumnsOfTheirOwn() {
    Table table = ResultTable.of(RUNS, PaperModel.Family.RESNET);
    assertEquals(
        List.of(
            "ResNet-20, cifar10-jpeg, quick",
            "ResNet-20, cifar10, quick",
            "ResNet-20, cifar10-jpeg, paper",
            "ResNet-32, cifar10-jpeg, quick"),
        columns(table));
    assertEquals(List.of("ReLU", "SiLU", "found_1"), rows(table));
  }

  @Test
  void theBestOfAColumnIsMarked() {
    Table table = ResultTable.of(RUNS, PaperModel.Family.RESNET);
    assertEquals(List.of("61.00 ± 1.41", "", "63.00 ± 1.41 *"), table.stringColumn(1).asList());
    assertEquals(List.of("", "diverged", ""), table.stringColumn(4).asList());
    assertEquals("Test accuracy, %", table.name());
    Table texts = ResultTable.of(RUNS, PaperModel.Family.GPT);
    assertEquals(List.of("1.2500", "1.2000 *"), texts.stringColumn(1).asList());
    assertEquals("Test loss, nats a token", texts.name());
  }

  @Test
  void exports() {
    Table table = ResultTable.of(RUNS.subList(0, 4), PaperModel.Family.RESNET);
    assertEquals(
        """
        | activation | ResNet-20, cifar10-jpeg, quick |
        |---|---|
        | ReLU | 61.00 ± 1.41 |
        | found_1 | **63.00 ± 1.41** |
        """,
        ResultTable.markdown(table));
    String latex = ResultTable.latex(table);
    assertTrue(latex.contains("found\\_1 & \\textbf{63.00 $\\pm$ 1.41} \\\\\n"), latex);
    Table special =
        ResultTable.of(
            List.of(kept(PaperModel.RESNET_20, "svhn", "quick", "|x|^2 ~ a\\b_1", 1, 0.5)),
            PaperModel.Family.RESNET);
    String markdown = ResultTable.markdown(special);
    assertTrue(markdown.contains("| \\|x\\|^2 ~ a\\b_1 | **50.00** |\n"), markdown);
    latex = ResultTable.latex(special);
    assertTrue(
        latex.contains("\\textbar x\\textbar \\^{}2 \\~{} a\\textbackslash b\\_1 & "), latex);
  }

  /**
   * {@return a training of ResNet-20 with an activation called ReLU}
   *
   * @param epochs the epochs of the training, which are a setting
   * @param fingerprint the fingerprint of the data, which is a setting too
   * @param values the values of the activation, which tell functions of one name apart
   * @param seed the seed; the number of seeds in the scale, which is not a setting, is 5 more
   * @param accuracy the test accuracy, 0 to 1
   */
  private static KeptTraining relu(
      int epochs, String fingerprint, String values, long seed, double accuracy) {
    Scale quick = Scale.resnet("quick");
    Scale scale =
        new Scale(
            "quick",
            quick.trainExamples(),
            quick.testExamples(),
            quick.search(),
            epochs,
            quick.batchSize(),
            quick.accumulation(),
            quick.weights(),
            (int) seed + 5,
            quick.preparation());
    return Invented.training(
        new RunConfig(PaperModel.RESNET_20, "svhn", fingerprint, scale, null, "ReLU", values, seed),
        accuracy);
  }

  private static List<String> rows(Table table) {
    return table.stringColumn("activation").asList();
  }

  private static List<String> columns(Table table) {
    return table.columnNames().subList(1, table.columnCount());
  }

  @Test
  void otherSettingsOfOneScaleHaveColumnsOfTheirOwn() {
    Table table =
        ResultTable.of(
            List.of(
                relu(4, "a 10", "[0]", 1, 0.6),
                relu(4, "a 10", "[0]", 2, 0.7),
                relu(8, "a 10", "[0]", 1, 0.8),
                relu(4, "a 11", "[0]", 1, 0.9)),
            PaperModel.Family.RESNET);
    assertEquals(
        List.of(
            "ResNet-20, svhn, quick (data 10, epochs 4)",
            "ResNet-20, svhn, quick (data 10, epochs 8)",
            "ResNet-20, svhn, quick (data 11, epochs 4)"),
        columns(table));
    assertEquals("65.00 ± 7.07 *", table.getString(0, 1));
    assertEquals("80.00 *", table.getString(0, 2));
    assertEquals("90.00 *", table.getString(0, 3));
    // The scales of these two trainings differ in their number of seeds, which is not a setting.
    assertEquals(
        List.of("ResNet-20, svhn, quick"),
        columns(
            ResultTable.of(
                List.of(relu(4, "a", "[0]", 1, 0.6), relu(4, "a", "[0]", 2, 0.7)),
                PaperModel.Family.RESNET)));
  }

  @Test
  void otherFunctionsOfOneNameAndSeedHaveRowsOfTheirOwn() {
    Table table =
        ResultTable.of(
            List.of(
                relu(4, "a", "[0.0, 1.0, 2.5]", 1, 0.6),
                relu(4, "a", "[0.0, 1.5, 2.5]", 1, 0.7),
                relu(4, "a", "[0.0, 1.5, 2.0]", 1, 0.8)),
            PaperModel.Family.RESNET);
    assertEquals(
        List.of("ReLU with value 1.0", "ReLU with value 1.5 2.0", "ReLU with value 1.5 2.5"),
        rows(table));
    // Each seed has another function, as if a search with this seed had found it: the trainings
    // share a row.
    assertEquals(
        List.of("ReLU"),
        rows(
            ResultTable.of(
                List.of(relu(4, "a", "[1]", 1, 0.6), relu(4, "a", "[2]", 2, 0.7)),
                PaperModel.Family.RESNET)));
    // One function has two seeds and another has a third: two rows.
    assertEquals(
        List.of("ReLU with value 1", "ReLU with value 2"),
        rows(
            ResultTable.of(
                List.of(
                    relu(4, "a", "[1]", 1, 0.6),
                    relu(4, "a", "[1]", 2, 0.6),
                    relu(4, "a", "[2]", 3, 0.7)),
                PaperModel.Family.RESNET)));
  }

  private static KeptTraining mixed(KeptTraining config, KeptTraining result) {
    return new KeptTraining(config.folder(), config.header(), result.run());
  }

  @Test
  void runsThatContradictAreNamedAndLeftOut() {
    KeptTraining third = relu(4, "a", "[0]", 3, 0.5);
    KeptTraining first = relu(4, "a", "[0]", 1, 0.5);
    KeptTraining gelu = kept(PaperModel.RESNET_20, "svhn", "quick", "GELU", 3, 0.5);
    String refused =
        assertThrows(IllegalArgumentException.class, () -> mixed(third, first)).getMessage();
    assertTrue(
        refused.contains("result.json is of ReLU, seed 1, but config.json of ReLU, seed 3"),
        refused);
    assertThrows(IllegalArgumentException.class, () -> mixed(third, gelu));
    List<KeptTraining> runs =
        List.of(
            relu(4, "a", "[0]", 1, 0.6),
            // A result that is kept twice counts once.
            relu(4, "a", "[0]", 1, 0.6),
            relu(4, "a", "[0]", 2, 0.6),
            relu(4, "a", "[0]", 2, 0.7));
    Table[] table = new Table[1];
    String said = Printed.logged(() -> table[0] = ResultTable.of(runs, PaperModel.Family.RESNET));
    assertEquals(List.of("ReLU"), rows(table[0]));
    assertEquals("60.00 *", table[0].getString(0, 1), "of one seed");
    assertTrue(said.contains("2 runs of ReLU, seed 2, ResNet-20 on svhn at quick"), said);
  }
}
