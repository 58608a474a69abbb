package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.train.Score;
import grafs.train.Training;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTableTest {

  private static KeptTraining kept(
      Model model, String data, String scale, String activation, long seed, double value) {
    boolean text = model.family() == Model.Family.GPT;
    Scale like = text ? Scale.gpt(scale) : Scale.resnet(scale);
    RunConfig config = new RunConfig(model, data, "", like, null, activation, "", seed);
    Score test = new Score(text ? value : 1, text ? 0.5 : value, 10);
    return new KeptTraining(
        Path.of(""),
        new RunStore.Header(config, null),
        new Experiment.Run(activation, seed, List.of(new Training.Epoch(1, test, test, 1))));
  }

  private static final List<KeptTraining> RUNS =
      List.of(
          kept(Model.RESNET_20, "cifar10-jpeg", "quick", "found_1", 1, 0.62),
          kept(Model.RESNET_20, "cifar10-jpeg", "quick", "found_1", 2, 0.64),
          kept(Model.RESNET_20, "cifar10-jpeg", "quick", "ReLU", 1, 0.60),
          kept(Model.RESNET_20, "cifar10-jpeg", "quick", "ReLU", 2, 0.62),
          kept(Model.RESNET_20, "cifar10", "quick", "ReLU", 1, 0.70),
          kept(Model.RESNET_20, "cifar10-jpeg", "paper", "ReLU", 1, 0.90),
          kept(Model.RESNET_32, "cifar10-jpeg", "quick", "SiLU", 1, Double.NaN),
          kept(Model.GPT_MINI, "toy-stories", "quick", "GELU", 1, 1.25),
          kept(Model.GPT_MINI, "toy-stories", "quick", "found_1", 1, 1.2));

  @Test
  void dataSetsAndScalesHaveColumnsOfTheirOwn() {
    ResultTable table = ResultTable.of(RUNS, Model.Family.RESNET);
    assertEquals(
        List.of(
            "ResNet-20, cifar10-jpeg, quick",
            "ResNet-20, cifar10, quick",
            "ResNet-20, cifar10-jpeg, paper",
            "ResNet-32, cifar10-jpeg, quick"),
        table.columns().stream().map(ResultTable.Column::toString).toList());
    assertEquals(List.of("ReLU", "SiLU", "found_1"), table.rows());
  }

  @Test
  void theBestOfAColumnIsMarked() {
    ResultTable table = ResultTable.of(RUNS, Model.Family.RESNET);
    assertEquals(
        List.of("61.00 ± 1.41", "", "63.00 ± 1.41 *"), table.table().stringColumn(1).asList());
    assertEquals("Test accuracy, %", table.table().name());
    ResultTable texts = ResultTable.of(RUNS, Model.Family.GPT);
    assertEquals(List.of("1.2500", "1.2000 *"), texts.table().stringColumn(1).asList());
    assertEquals("Test loss, nats a token", texts.title());
  }

  @Test
  void exports() {
    ResultTable table = ResultTable.of(RUNS.subList(0, 4), Model.Family.RESNET);
    assertEquals(
        """
        | activation | ResNet-20, cifar10-jpeg, quick |
        |---|---|
        | ReLU | 61.00 ± 1.41 |
        | found_1 | **63.00 ± 1.41** |
        """,
        table.markdown());
    assertTrue(
        table.latex().contains("found\\_1 & \\textbf{63.00 $\\pm$ 1.41} \\\\\n"), table.latex());
    List<String> csv = table.csv().lines().toList();
    assertEquals(3, csv.size());
    assertTrue(csv.get(1).startsWith("ReLU,ResNet-20,cifar10-jpeg,quick,61.0,1.414"), csv.get(1));
    assertTrue(csv.get(1).endsWith(",2"), csv.get(1));
  }
}
