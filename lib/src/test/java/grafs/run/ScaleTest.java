package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.data.Preparation;
import grafs.nas.CellFit;
import grafs.nas.SearchSettings;
import grafs.train.AdamSettings;
import grafs.train.OptimizerSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Tests the hyperparameters of each {@link Scale}. The file {@code paper_scale.txt} has those of
 * the paper's code, which the scale {@code paper} must have.
 */
class ScaleTest {

  @Test
  void unknownScaleIsRefusedWithTheKnownOnes() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Scale.resnet("large"));
    assertTrue(e.getMessage().contains("large"), e.getMessage());
    assertTrue(e.getMessage().contains("smoke, quick, paper"), e.getMessage());
  }

  @Test
  void paperScaleIsThePapers() throws IOException {
    List<Map<String, String>> families = new ArrayList<>();
    for (PaperModel.Family family : PaperModel.Family.values()) {
      Map<String, String> own = JsonFile.flattened(Scale.of(family, "paper"));
      own.remove("name");
      // The cell is the formula that a search puts in place of the activation. Fitting it to the
      // default activation before the search is an addition of this library.
      own.keySet().removeIf(name -> name.startsWith("search.fit."));
      // The verification of the function that a search finds is another addition.
      own.keySet().removeIf(name -> name.startsWith("search.verification."));
      families.add(own);
      assertEquals(CellFit.OFF, Scale.of(family, "paper").search().fit());
    }
    List<Map<String, String>> table = List.of(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    for (String line : lines()) {
      String[] cells = line.trim().split(" *\\| *");
      assertEquals(4, cells.length, line);
      for (int family = 0; family < 3; family++) {
        if (!cells[family + 1].equals("-")) {
          table.get(family).put(cells[0], cells[family + 1]);
        }
      }
    }
    assertEquals(table, families);
  }

  private static List<String> lines() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                ScaleTest.class.getResourceAsStream("paper_scale.txt"), StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("#")).toList();
    }
  }

  @Test
  void iterationsOfTextsAreThePapers() {
    Scale gpt = Scale.gpt("paper");
    // An epoch has ten steps. A search has 1 000 steps. In 100 of them, the warm start, the network
    // keeps its default activation. A training has 10 000 steps, in 100 of which the learning rate
    // rises.
    int search = gpt.trainExamples() / gpt.search().batchSize() / gpt.search().accumulation();
    assertEquals(1000, search * gpt.search().epochs());
    assertEquals(100, search * gpt.search().warmStartEpochs());
    int training = gpt.trainExamples() / gpt.batchSize() / gpt.accumulation() * gpt.epochs();
    assertEquals(10_000, training);
    assertEquals(100, ((AdamSettings) gpt.weights()).warmUp() * training, 1e-9);
  }

  @Test
  void smallerScalesDifferInNumbersOnly() {
    for (PaperModel.Family family : PaperModel.Family.values()) {
      SearchSettings paper = Scale.of(family, "paper").search();
      for (String name : List.of("smoke", "quick")) {
        Scale scale = Scale.of(family, name);
        SearchSettings own = scale.search();
        double rate = paper.weights().learningRate();
        OptimizerSettings searched = paper.weights();
        OptimizerSettings trained = Scale.of(family, "paper").weights();
        if (family == PaperModel.Family.GPT && name.equals("quick")) {
          // The warm-up is longer than at the scale paper, since the learning rate is higher.
          searched = tenthOfWarmUp(searched);
          trained = tenthOfWarmUp(trained);
        }
        assertEquals(searched, own.weights().withLearningRate(rate));
        assertEquals(trained, scale.weights().withLearningRate(rate));
        // The search and the trainings have one learning rate, so that a function is trained at the
        // rate at which it passed verification.
        assertEquals(own.weights().learningRate(), scale.weights().learningRate());
        // Only vision transformers at quick have images of half the height and width.
        boolean halved = family == PaperModel.Family.VIT && name.equals("quick");
        assertEquals(
            halved ? Preparation.HALVED : Scale.of(family, "paper").preparation(),
            scale.preparation());
        assertEquals(
            paper,
            own.epochs(paper.epochs())
                .warmStartEpochs(paper.warmStartEpochs())
                .verification(paper.verification())
                .shrinking(paper.shrinking())
                .batchSize(paper.batchSize())
                .accumulation(paper.accumulation())
                .weights(paper.weights())
                .alphaLearningRate(paper.alphaLearningRate()));
      }
    }
  }

  /** {@return these settings with a tenth of the steps as warm-up} */
  private static OptimizerSettings tenthOfWarmUp(OptimizerSettings settings) {
    AdamSettings adam = (AdamSettings) settings;
    return new AdamSettings(
        adam.learningRate(),
        adam.beta1(),
        adam.beta2(),
        adam.weightDecay(),
        0.1,
        adam.clip(),
        adam.last());
  }
}
