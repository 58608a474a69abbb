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
 * Tests the description of a network in the checkpoint of a search, by which another process
 * recognises that the checkpoint is of the search that it continues.
 */
class CheckpointIdentityTest {

  /** DJL names a function without a name by its class, which has another name in each process. */
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
