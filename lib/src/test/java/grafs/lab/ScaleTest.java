package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.nas.Shrinking;
import org.junit.jupiter.api.Test;

class ScaleTest {

  @Test
  void unknownScaleIsRefusedWithTheKnownOnes() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Scale.resnet("large"));
    assertTrue(e.getMessage().contains("large"), e.getMessage());
    assertTrue(e.getMessage().contains("smoke, quick, paper"), e.getMessage());
  }

  @Test
  void paperScaleIsThePapers() {
    Scale paper = Scale.resnet("paper");
    assertEquals(50, paper.search().epochs());
    assertEquals(1, paper.search().warmStartEpochs());
    assertEquals(new Shrinking(Shrinking.Unit.EPOCH, 2), paper.search().shrinking());
    assertEquals(64, paper.search().batchSize());
    assertEquals(2, paper.search().accumulation());
    assertEquals(6e-4, paper.search().alphaLearningRate());
    assertEquals(200, paper.epochs());
    assertEquals(128, paper.batchSize());
    assertEquals(5, paper.seeds());
  }
}
