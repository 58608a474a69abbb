package grafs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests loading of weights into a {@link Gpt} from files with the tensors of nanoGPT, a PyTorch
 * implementation of GPT-2. Besides the parameters of a {@link Gpt}, such files contain causal masks
 * and the output layer, a copy of the token embedding. They may lack biases.
 */
class NanoGptWeightsTest {

  @TempDir Path temp;

  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  @Test
  void filesLoadWithoutBiasesAndWithTheOutputLayer() {
    Gpt from = gpt();
    Gpt to = gpt();
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    from.stateDict().forEach((name, p) -> tensors.put(name, p.getArray()));
    NDArray wte = tensors.get("transformer.wte.weight");
    tensors.put("lm_head.weight", wte);
    tensors.put("transformer.h.0.attn.bias", manager.ones(new Shape(1, 1, 8, 8)));
    Path file = temp.resolve("gpt.safetensors");
    SafeTensors.write(file, tensors);
    SafeTensors.load(file, to.stateDict());
    to.stateDict()
        .forEach(
            (name, p) ->
                assertArrayEquals(
                    tensors.get(name).toByteArray(), p.getArray().toByteArray(), name));

    to.stateDict().values().forEach(p -> p.getArray().addi(1));
    Map<String, NDArray> unbiased = new LinkedHashMap<>();
    tensors.forEach(
        (name, array) -> {
          if (!name.endsWith("bias")) {
            unbiased.put("_orig_mod." + name, array);
          }
        });
    SafeTensors.write(file, unbiased);
    SafeTensors.load(file, to.stateDict());
    to.stateDict()
        .forEach(
            (name, p) ->
                assertArrayEquals(
                    name.endsWith(".bias")
                        ? new byte[4 * (int) p.getArray().size()]
                        : tensors.get(name).toByteArray(),
                    p.getArray().toByteArray(),
                    name));

    tensors.put("lm_head.weight", wte.add(1));
    SafeTensors.write(file, tensors);
    String said =
        assertThrows(IllegalArgumentException.class, () -> SafeTensors.load(file, to.stateDict()))
            .getMessage();
    assertTrue(said.contains("different values in lm_head.weight and transformer.wte"), said);
    // The file of a network without biases lacks all biases. A file that has biases, but lacks the
    // bias of one layer norm, is incomplete and must be refused.
    tensors.put("lm_head.weight", wte);
    tensors.remove("transformer.ln_f.bias");
    SafeTensors.write(file, tensors);
    String lacks =
        assertThrows(IllegalArgumentException.class, () -> SafeTensors.load(file, to.stateDict()))
            .getMessage();
    assertTrue(lacks.contains("lacks transformer.ln_f.bias"), lacks);
    SafeTensors.write(file, unbiased);
    Gpt raw = Gpt.of(new GptConfig(2, 2, 16, 8, 20, true, 0), Activations.of("gelu"));
    assertThrows(IllegalStateException.class, () -> SafeTensors.load(file, raw.stateDict()));
  }

  private Gpt gpt() {
    Gpt net = Gpt.of(new GptConfig(2, 2, 16, 8, 20, true, 0), Activations.of("gelu"));
    net.initialize(manager, DataType.FLOAT32, new Shape(1, 8));
    return net;
  }
}
