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
 * checkpoint, which another process may have written, only if the search has the same description
 * as the checkpoint.
 */
class CheckpointIdentityTest {

  /**
   * If a {@link LambdaBlock} is made without a name, DJL uses the name of the lambda's class, which
   * differs between processes. The description must not contain this name.
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
