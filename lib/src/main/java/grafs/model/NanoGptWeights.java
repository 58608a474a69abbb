package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * What a state dict of <a href="https://github.com/karpathy/nanoGPT">karpathy/nanoGPT</a> has more
 * or less than the parameters of a {@link Gpt}:
 *
 * <ul>
 *   <li>{@code lm_head.weight}, the output layer, which is {@code transformer.wte.weight} again;
 *   <li>{@code attn.bias}, which is no bias but the mask of tokens to come;
 *   <li>{@code _orig_mod.} before each name, where the network was compiled;
 *   <li>no biases, or not all, where it was made with {@code bias=False}: in a GPT with biases,
 *       those that are missing are 0, which computes the same.
 * </ul>
 */
final class NanoGptWeights {

  private static final String EMBEDDING = "transformer.wte.weight";
  private static final String OUTPUT = "lm_head.weight";
  private static final String PROJECTION = ".attn.c_attn.bias";
  private static final String COMPILED = "_orig_mod.";
  private static final String MASK = "transformer\\.h\\.[0-9]+\\.attn\\.(masked_)?bias";

  private NanoGptWeights() {}

  /**
   * Makes the parameters of a GPT of such tensors; those of other networks stay as they are.
   *
   * @param file where the tensors are from
   * @param tensors the tensors by name, to be changed
   * @param stateDict the network's parameters by name, initialized
   * @param manager owns the biases that are added
   * @throws IllegalArgumentException if the output layer's weights are not the embedding's
   */
  static void adapt(
      Path file,
      Map<String, NDArray> tensors,
      Map<String, Parameter> stateDict,
      NDManager manager) {
    if (!stateDict.containsKey(EMBEDDING)) {
      return;
    }
    if (!tensors.isEmpty() && tensors.keySet().stream().allMatch(n -> n.startsWith(COMPILED))) {
      for (String name : tensors.keySet().toArray(String[]::new)) {
        tensors.put(name.substring(COMPILED.length()), tensors.remove(name));
      }
    }
    tensors.keySet().removeIf(name -> name.matches(MASK));
    NDArray output = stateDict.containsKey(OUTPUT) ? null : tensors.get(OUTPUT);
    NDArray embedding = tensors.get(EMBEDDING);
    if (output != null && embedding != null) {
      if (!output.getShape().equals(embedding.getShape())
          || output.getDataType() != embedding.getDataType()
          || !Arrays.equals(output.toByteArray(), embedding.toByteArray())) {
        throw new IllegalArgumentException(
            "Weights %s have %s other than %s, but the network has one array for both"
                .formatted(file, OUTPUT, EMBEDDING));
      }
      tensors.remove(OUTPUT);
    }
    boolean withoutProjection = tensors.keySet().stream().noneMatch(n -> n.endsWith(PROJECTION));
    boolean without =
        stateDict.keySet().stream().noneMatch(n -> n.endsWith(".bias") && tensors.containsKey(n));
    stateDict.forEach(
        (name, parameter) -> {
          boolean missing =
              without && name.endsWith(".bias") || withoutProjection && name.endsWith(PROJECTION);
          if (missing && parameter.isInitialized()) {
            NDArray array = parameter.getArray();
            tensors.put(name, manager.zeros(array.getShape(), array.getDataType()));
          }
        });
  }
}
