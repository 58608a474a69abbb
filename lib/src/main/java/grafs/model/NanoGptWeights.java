package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.Map;

/**
 * Converts a state dict of <a href="https://github.com/karpathy/nanoGPT">karpathy/nanoGPT</a> to
 * the parameters of a {@link Gpt}. It differs from them in
 *
 * <ul>
 *   <li>{@code lm_head.weight}, the output layer, which is {@code transformer.wte.weight} again;
 *   <li>{@code attn.bias}, which is the causal mask and no bias;
 *   <li>{@code _orig_mod.} before each name, if the network was compiled;
 *   <li>missing biases, all or some, if it was made with {@code bias=False}: in a GPT with biases
 *       these are set to 0, which gives the same logits.
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
   * Renames, removes and adds tensors so that they match the parameters of a GPT. Tensors for other
   * networks stay as they are.
   *
   * @param file the file that the tensors were read from, for messages
   * @param tensors the tensors by name, to be changed
   * @param stateDict the network's parameters by name, initialized
   * @param manager the manager that owns the added biases
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
    NDArray output = tensors.remove(OUTPUT);
    NDArray embedding = tensors.get(EMBEDDING);
    if (output != null && embedding != null && !output.contentEquals(embedding)) {
      throw new IllegalArgumentException(
          "Weights %s have %s other than %s, but the network has one array for both"
              .formatted(file, OUTPUT, EMBEDDING));
    }
    boolean withoutProjection = tensors.keySet().stream().noneMatch(n -> n.endsWith(PROJECTION));
    boolean without =
        stateDict.keySet().stream().noneMatch(n -> n.endsWith(".bias") && tensors.containsKey(n));
    stateDict.forEach(
        (name, parameter) -> {
          boolean missing =
              without && name.endsWith(".bias") || withoutProjection && name.endsWith(PROJECTION);
          if (missing) {
            NDArray array = parameter.getArray();
            tensors.put(name, manager.zeros(array.getShape(), array.getDataType()));
          }
        });
  }
}
