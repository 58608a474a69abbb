package grafs.cell;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import grafs.op.Binary;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A function's file, such as {@code activation.json}:
 *
 * <pre>{@code
 * {
 *   "formula": "max(0.500·x, sin(x))",
 *   "units": 1,
 *   "edges": [{"operation": "scale", "beta": 0.5}, {"operation": "sin", "beta": null}],
 *   "vertices": [{"operation": "max", "beta": null}]
 * }
 * }</pre>
 *
 * The formula is for the reader's eye only. Numbers are written with all of their digits.
 *
 * @param path where it lies
 */
record ActivationFile(Path path) {

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().serializeNulls().disableHtmlEscaping().create();

  /** Writes a function; a reader sees the old file or the whole new one, never a part. */
  void write(DiscreteActivation f) {
    JsonObject json = new JsonObject();
    json.addProperty("formula", f.text());
    json.addProperty("units", f.graph().units());
    json.add("edges", places(f.unary().stream().map(Unary::name).toList(), f.beta(), 0));
    int edges = f.graph().edges();
    json.add("vertices", places(f.binary().stream().map(Binary::name).toList(), f.beta(), edges));
    Path target = path.toAbsolutePath();
    Path part = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      Files.createDirectories(target.getParent());
      try {
        Files.writeString(part, GSON.toJson(json) + "\n");
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The activation " + path + " cannot be written: " + e, e);
    }
  }

  private static JsonArray places(List<String> names, List<Double> beta, int first) {
    JsonArray places = new JsonArray();
    for (int i = 0; i < names.size(); i++) {
      JsonObject place = new JsonObject();
      place.addProperty("operation", names.get(i));
      Double own = beta.get(first + i);
      place.addProperty("beta", own.isNaN() ? null : own);
      places.add(place);
    }
    return places;
  }

  /** {@return the function, of operations of the set} */
  DiscreteActivation read(OperationSet operations) {
    JsonElement json;
    try {
      json = JsonParser.parseString(Files.readString(path));
    } catch (IOException e) {
      throw new UncheckedIOException("The activation " + path + " cannot be read: " + e, e);
    } catch (JsonParseException e) {
      throw broken("it is not JSON: " + e.getMessage());
    }
    if (!json.isJsonObject()) {
      throw broken("it is not a JSON object with 'units', 'edges' and 'vertices'");
    }
    JsonObject object = json.getAsJsonObject();
    List<Double> beta = new ArrayList<>();
    try {
      JsonElement units = object.get("units");
      if (!(units != null && units.isJsonPrimitive() && units.getAsString().matches("\\d+"))) {
        throw broken("'units' is " + units + ", not a number of core units from 1 to 3");
      }
      List<Unary> unary = new ArrayList<>();
      for (String name : names(object, "edges", beta)) {
        unary.add(operations.unary().get(operations.unaryIndex(name)));
      }
      List<Binary> binary = new ArrayList<>();
      for (String name : names(object, "vertices", beta)) {
        binary.add(operations.binary().get(operations.binaryIndex(name)));
      }
      return new DiscreteActivation(new CellGraph(units.getAsInt()), unary, binary, beta);
    } catch (Broken e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw broken(e.getMessage());
    }
  }

  /** The operations of the edges or vertices; appends their β, NaN for null. */
  private List<String> names(JsonObject object, String kind, List<Double> beta) {
    if (!(object.get(kind) instanceof JsonArray places)) {
      throw broken("'" + kind + "' is " + object.get(kind) + ", not a list");
    }
    List<String> names = new ArrayList<>();
    for (JsonElement place : places) {
      if (!(place instanceof JsonObject entry
          && entry.get("operation") instanceof JsonPrimitive name)) {
        throw broken("'" + kind + "' has " + place + ", not an object with 'operation' and 'beta'");
      }
      names.add(name.getAsString());
      JsonElement own = entry.has("beta") ? entry.get("beta") : JsonNull.INSTANCE;
      try {
        beta.add(own instanceof JsonPrimitive number ? number.getAsDouble() : Double.NaN);
      } catch (NumberFormatException e) {
        throw broken("the β of " + name + " in '" + kind + "' is " + own + ", not a number");
      }
    }
    return names;
  }

  private Broken broken(String why) {
    return new Broken("The activation " + path + " is broken: " + why);
  }

  private static final class Broken extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    Broken(String message) {
      super(message);
    }
  }
}
