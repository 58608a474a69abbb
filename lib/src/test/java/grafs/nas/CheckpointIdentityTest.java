package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import grafs.model.VisionTransformer;
import grafs.model.VitConfig;
import org.junit.jupiter.api.Test;

/**
 * Tests the description of a network's layers in the checkpoint of a search. A search continues a
 * checkpoint only if the descriptions are equal, also when another process wrote it.
 */
class CheckpointIdentityTest {

  /**
   * DJL calls a function without a name by the class of its lambda, whose name differs between
   * processes. The description must not contain it.
   */
  @Test
  void layersAreDescribedTheSameInEveryProcess() {
    Block block =
        new SequentialBlock()
            .add(LambdaBlock.singleton(array -> array.squeeze(1)))
            .add(new LambdaBlock(list -> list, "same"))
            .add(Activation.reluBlock());
    assertEquals("SequentialBlock[LambdaBlock[], same[], ReLU[]]", SingleSearch.layers(block));
    Block transformer = VisionTransformer.of(VitConfig.tiny(10), Activation::reluBlock);
    assertFalse(SingleSearch.layers(transformer).contains("$"), SingleSearch.layers(transformer));
  }
}
