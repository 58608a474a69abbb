package grafs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class NetworkTest {

  @Test
  void aNetworkPrintsWhichItIsAndItsSize() {
    Supplier<Block> relu = Activations.of("relu");
    ResNet resNet = ResNet.of(20, 10, relu);
    VisionTransformer vit = VisionTransformer.of(VitConfig.tiny(10), relu);
    Gpt gpt = Gpt.of(GptConfig.mini(65, 128), relu);
    assertEquals("ResNet-20 for 10 classes, not initialized", resNet.toString());
    try (NDManager manager = NDManager.newBaseManager()) {
      resNet.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
      vit.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
      gpt.initialize(manager, DataType.FLOAT32, new Shape(1, 128));
      assertEquals(
          List.of(
              "ResNet-20 for 10 classes: 269 722 parameters",
              "vision transformer with 4 layers, 6 heads, 512 wide, for 10 classes:"
                  + " 4 371 438 parameters",
              // 12·192² + 2·192 numbers in each of 3 layers, 192 in each of 65 token and 128
              // position embeddings, and 192 in the last layer norm.
              "GPT with 3 layers, 3 heads, 192 wide: 1 365 504 parameters"),
          List.of(resNet.toString(), vit.toString(), gpt.toString()));
    }
  }
}
