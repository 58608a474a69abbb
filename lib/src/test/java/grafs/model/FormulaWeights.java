package grafs.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Data for comparing networks of this library with networks in PyTorch. The script {@code
 * logits.py} in the test resources sets the weights of a PyTorch network by a formula, computes
 * logits, and writes these to {@code logits.json}. This class sets the weights of a network by the
 * same formula, and reads the logits that PyTorch computed.
 */
final class FormulaWeights {

  private FormulaWeights() {}

  /**
   * Returns pseudorandom numbers in [−0.5, 0.5).
   *
   * @param number the number of the tensor. This number and the index of an element determine the
   *     element's value. The number of a network's parameter is its index in the state dict; the
   *     number of a network's input is 1000 or 1001
   * @param shape the shape of the tensor
   */
  static float[] uniform(int number, Shape shape) {
    float[] values = new float[(int) shape.size()];
    for (int place = 0; place < values.length; place++) {
      long h = (place * 2654435761L + number * 97003L + 1) & 0xffffffffL;
      h ^= h >>> 15;
      h = (h * 2246822519L) & 0xffffffffL;
      h ^= h >>> 13;
      values[place] = (float) (h / 0x1p32 - 0.5);
    }
    return values;
  }

  /**
   * Sets all parameters of a network to the values of the formula.
   *
   * @param stateDict the parameters by name
   */
  static void set(Map<String, Parameter> stateDict) {
    int number = 0;
    for (Map.Entry<String, Parameter> entry : stateDict.entrySet()) {
      Shape shape = entry.getValue().getShape();
      float[] values = uniform(number++, shape);
      for (int i = 0; i < values.length; i++) {
        values[i] = formula(entry.getKey(), shape, values[i]);
      }
      entry.getValue().getArray().set(values);
    }
  }

  /**
   * Converts a pseudorandom number u in [−0.5, 0.5) to a value for the parameter of the given name
   * and shape, as the script does.
   */
  private static float formula(String name, Shape shape, float u) {
    if (shape.dimension() == 2) {
      return (float) (u * (4 / Math.sqrt(shape.get(1))));
    }
    if (shape.dimension() == 1 && name.endsWith("weight")) {
      return u + 1;
    }
    return name.endsWith("temperature") ? u - 2 : u;
  }

  /**
   * Reads the logits that PyTorch computed, in row-major order.
   *
   * @param network the name of the network in {@code logits.json}: {@code ViT-Ti}, {@code ViT-S} or
   *     {@code miniGPT}
   */
  static float[] logits(String network) throws IOException {
    try (Reader reader =
        new InputStreamReader(
            FormulaWeights.class.getResourceAsStream("logits.json"), StandardCharsets.UTF_8)) {
      return new Gson()
          .fromJson(new Gson().fromJson(reader, JsonObject.class).get(network), float[].class);
    }
  }
}
