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
 * The weights that {@code logits.py} uses, computed by the same formula, and the logits that it
 * wrote.
 */
final class FormulaWeights {

  private FormulaWeights() {}

  /** Returns numbers in [-0.5, 0.5) that depend only on the tensor's number and their positions. */
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

  private static float formula(String name, Shape shape, float u) {
    if (shape.dimension() == 2) {
      return (float) (u * (4 / Math.sqrt(shape.get(1))));
    }
    if (shape.dimension() == 1 && name.endsWith("weight")) {
      return u + 1;
    }
    return name.endsWith("temperature") ? u - 2 : u;
  }

  static float[] logits(String network) throws IOException {
    try (Reader reader =
        new InputStreamReader(
            FormulaWeights.class.getResourceAsStream("logits.json"), StandardCharsets.UTF_8)) {
      return new Gson()
          .fromJson(new Gson().fromJson(reader, JsonObject.class).get(network), float[].class);
    }
  }
}
