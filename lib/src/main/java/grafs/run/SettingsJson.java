package grafs.run;

import com.google.gson.JsonDeserializationContext;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializationContext;
import com.google.gson.JsonSerializer;
import grafs.nas.Relaxation;
import grafs.train.AdamSettings;
import grafs.train.OptimizerSettings;
import grafs.train.SgdSettings;
import java.lang.reflect.Type;

/** Settings that are not mere records of numbers, as JSON. */
final class SettingsJson {

  private SettingsJson() {}

  /** {@code {"sgd": {…}}} or {@code {"adam": {…}}}. */
  static final class Weights
      implements JsonSerializer<OptimizerSettings>, JsonDeserializer<OptimizerSettings> {

    @Override
    public JsonElement serialize(
        OptimizerSettings settings, Type type, JsonSerializationContext context) {
      JsonObject json = new JsonObject();
      json.add(settings instanceof SgdSettings ? "sgd" : "adam", context.serialize(settings));
      return json;
    }

    @Override
    public OptimizerSettings deserialize(
        JsonElement json, Type type, JsonDeserializationContext context) {
      JsonObject object = json.getAsJsonObject();
      return object.has("sgd")
          ? context.<SgdSettings>deserialize(object.get("sgd"), SgdSettings.class)
          : context.<AdamSettings>deserialize(object.get("adam"), AdamSettings.class);
    }
  }

  /** A relaxation by its name. */
  static final class Sampling implements JsonSerializer<Relaxation>, JsonDeserializer<Relaxation> {

    @Override
    public JsonElement serialize(
        Relaxation relaxation, Type type, JsonSerializationContext context) {
      return new JsonPrimitive(relaxation.toString());
    }

    @Override
    public Relaxation deserialize(JsonElement json, Type type, JsonDeserializationContext context) {
      return Relaxation.KNOWN.stream()
          .filter(relaxation -> relaxation.toString().equals(json.getAsString()))
          .findFirst()
          .orElseThrow(() -> new JsonParseException("there is no relaxation " + json));
    }
  }
}
