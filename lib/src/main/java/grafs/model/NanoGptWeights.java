package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Converts the {@code state_dict()} of a <a
 * href="https://github.com/karpathy/nanoGPT">karpathy/nanoGPT</a> network, a PyTorch implementation
 * of GPT-2, to the parameters of a {@link Gpt}. {@link SafeTensors#load} calls this class for every
 * file that it loads into a {@link Gpt}. The state dict differs from the parameters as follows:
 *
 * <ul>
 *   <li>{@code lm_head.weight}, the output layer, is a copy of {@code transformer.wte.weight}, the
 *       token embedding. A {@link Gpt} has one parameter for both, so the copy is removed.
 *   <li>{@code transformer.h.0.attn.bias}, and likewise the tensor of this name in other blocks, is
 *       the causal mask and no bias. It is removed.
 *   <li>Each name begins with {@code _orig_mod.} if the network was compiled by PyTorch. This
 *       prefix is removed.
 *   <li>A network that was made with {@code bias=False} has no biases. If the {@link Gpt} has
 *       biases, zeros are added for them, so that the logits stay the same. Zeros are also added if
 *       only the biases of queries, keys and values are missing.
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
   * Renames, removes and adds tensors so that they match the parameters of a {@link Gpt}. Does
   * nothing for other networks, which have no parameter {@code transformer.wte.weight}.
   *
   * @param file the file that the tensors were read from, for messages
   * @param tensors the tensors by name; changed
   * @param stateDict the parameters of the initialized network by name
   * @param manager the manager that will own the added biases
   * @throws IllegalArgumentException if the weights of the output layer differ from those of the
   *     token embedding
   */
  static void adapt(
      Path file,
      Map<String, NDArray> tensors,
      Map<String, Parameter> stateDict,
      NDManager manager) {
    if (!stateDict.containsKey(EMBEDDING)) {
      return;
    }
    for (String name : List.copyOf(tensors.keySet())) {
      if (name.startsWith(COMPILED)) {
        tensors.put(name.substring(COMPILED.length()), tensors.remove(name));
      }
    }
    tensors.keySet().removeIf(name -> name.matches(MASK));
    NDArray output = tensors.remove(OUTPUT);
    NDArray embedding = tensors.get(EMBEDDING);
    if (output != null && embedding != null && !output.contentEquals(embedding)) {
      throw new IllegalArgumentException(
          "Weights %s have different values in %s and %s, but a Gpt has the same weights in its output layer and its token embedding"
              .formatted(file, OUTPUT, EMBEDDING));
    }
    Set<String> given = Set.copyOf(tensors.keySet());
    stateDict.forEach(
        (name, parameter) -> {
          String kind = name.endsWith(PROJECTION) ? PROJECTION : ".bias";
          if (name.endsWith(kind) && given.stream().noneMatch(n -> n.endsWith(kind))) {
            tensors.put(name, manager.zeros(parameter.getShape()));
          }
        });
  }
}
