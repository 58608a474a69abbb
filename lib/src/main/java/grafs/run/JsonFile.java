package grafs.run;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.data.PartFile;
import grafs.nas.Relaxation;
import grafs.train.AdamSettings;
import grafs.train.OptimizerSettings;
import grafs.train.SgdSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * A file with one record as JSON, such as the {@code config.json} of a run. A run is a search for
 * an activation function or a training of a network; {@link RunStore} keeps it. The static methods
 * convert records to JSON text and back. Four types have JSON forms of their own. {@link
 * Relaxation} (how a search mixes operations) and {@link Expression} (a function) are written as
 * their strings, {@link OptimizerSettings} as {@link Rule}, and {@link CellSpace} (a search space)
 * as a string that is not read back.
 *
 * @param path the file, which need not exist
 */
record JsonFile(Path path) {

  private static final Gson GSON =
      new GsonBuilder()
          .setPrettyPrinting()
          .serializeSpecialFloatingPointValues()
          .disableHtmlEscaping()
          .registerTypeAdapter(
              OptimizerSettings.class,
              (JsonSerializer<OptimizerSettings>) (own, type, json) -> json.serialize(Rule.of(own)))
          .registerTypeAdapter(
              OptimizerSettings.class,
              (JsonDeserializer<OptimizerSettings>)
                  (own, type, json) -> json.<Rule>deserialize(own, Rule.class).settings())
          .registerTypeHierarchyAdapter(Relaxation.class, text())
          .registerTypeAdapter(
              Relaxation.class,
              parsed(name -> Relaxation.valueOf(name.toUpperCase(Locale.ROOT).replace(' ', '_'))))
          .registerTypeAdapter(CellSpace.class, text())
          .registerTypeHierarchyAdapter(Expression.class, text())
          .registerTypeAdapter(Expression.class, parsed(Expression::parse))
          .create();

  /**
   * The JSON form of {@link OptimizerSettings}, an interface for which Gson would not know which
   * class to create: {@code {"sgd": {…}}} or {@code {"adam": {…}}}. One of the two components is
   * null, and Gson leaves it out.
   */
  private record Rule(SgdSettings sgd, AdamSettings adam) {

    static Rule of(OptimizerSettings settings) {
      return settings instanceof SgdSettings sgd
          ? new Rule(sgd, null)
          : new Rule(null, (AdamSettings) settings);
    }

    OptimizerSettings settings() {
      return sgd == null ? adam : sgd;
    }
  }

  private static JsonSerializer<Object> text() {
    return (own, type, json) -> new JsonPrimitive(own.toString());
  }

  private static <T> JsonDeserializer<T> parsed(Function<String, T> parse) {
    return (own, type, json) -> parse.apply(own.getAsString());
  }

  /**
   * Checks that the Gson library that is loaded can read records: a notebook kernel may load an
   * older version of its own. {@link RunStore} calls this before any run, since otherwise a run
   * would fail only when it is read back.
   *
   * @throws IllegalStateException if Gson cannot read records; the message names the jar that Gson
   *     comes from and says what to do
   */
  static void requireGson() {
    record Probe(int number) {}
    try {
      parse(JsonParser.parseString("{number: 1}").toString(), Probe.class);
    } catch (AssertionError | LinkageError e) {
      // The jars that have Gson, in the order in which they are searched: a kernel's own jar, if it
      // has one, comes first, and that of this library last.
      List<String> jars =
          JsonFile.class
              .getClassLoader()
              .resources("com/google/gson/Gson.class")
              .map(url -> url.getPath().replaceAll("^file:|!/.*$", ""))
              .toList();
      String own = jars.get(jars.size() - 1);
      throw new IllegalStateException(
          "kept runs cannot be read, because Gson comes from %s, which is another version than %s: open notebooks by environment/lab, which starts the kernel with the right one, or add -Xbootclasspath/a:%s before -jar in the kernel's kernel.json (%s)"
              .formatted(jars.get(0), own, own, e),
          e);
    }
  }

  boolean exists() {
    return Files.exists(path);
  }

  /** {@return a record as JSON text, with one line for each value} */
  static String text(Object record) {
    return GSON.toJson(record);
  }

  /**
   * {@return all values of a record as text, by their names in the JSON, joined by dots: {@code
   * weights.sgd.learningRate}. The elements of a list of records are numbered from 1, as in {@code
   * epochs.1.train.loss}. The length of such a list has a name of its own, such as {@code the
   * number of epochs}}
   */
  static Map<String, String> flattened(Object record) {
    Map<String, String> values = new LinkedHashMap<>();
    flatten("", GSON.toJsonTree(record), values);
    return values;
  }

  private static void flatten(String name, JsonElement json, Map<String, String> into) {
    String place = name.isEmpty() ? "" : name + ".";
    if (json.isJsonObject()) {
      json.getAsJsonObject()
          .entrySet()
          .forEach(e -> flatten(place + e.getKey(), e.getValue(), into));
    } else if (json instanceof JsonArray elements
        && elements.asList().stream().anyMatch(JsonElement::isJsonObject)) {
      into.put("the number of " + name, Integer.toString(elements.size()));
      for (int i = 0; i < elements.size(); i++) {
        flatten(place + (i + 1), elements.get(i), into);
      }
    } else {
      into.put(name, json.isJsonPrimitive() ? json.getAsString() : json.toString());
    }
  }

  /**
   * Lists the differences between two results, one per line, such as {@code epochs.1.train.loss was
   * 0.5, is 0.6}: first the value in {@code there}, then the value in {@code again}. Times are not
   * compared, nor values that only one of the results has.
   */
  static List<String> differences(Object there, Object again) {
    Map<String, String> before = flattened(there);
    Map<String, String> now = flattened(again);
    now.keySet().removeIf(name -> name.endsWith("seconds"));
    return before.keySet().stream()
        .filter(name -> now.containsKey(name) && !now.get(name).equals(before.get(name)))
        .map(name -> "%s was %s, is %s".formatted(name, before.get(name), now.get(name)))
        .toList();
  }

  /**
   * Creates a record from JSON text.
   *
   * @return the record
   * @throws IllegalArgumentException if the text is not JSON of that type, or the record's
   *     constructor rejects a value; the message says why
   */
  static <T> T parse(String json, Class<T> type) {
    try {
      T record = GSON.fromJson(json, type);
      if (record == null) {
        throw new JsonParseException("it is empty");
      }
      return record;
    } catch (RuntimeException e) {
      // Gson wraps the exception of a record's constructor, which says what is wrong.
      Throwable why = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(why.getMessage() == null ? "" + why : why.getMessage(), e);
    }
  }

  /**
   * Writes a record to the file. A reader sees the old file or the complete new one. The folder is
   * created if there is none.
   *
   * @throws UncheckedIOException if the file cannot be written
   */
  void write(Object record) {
    PartFile.writeAlone(path, part -> Files.writeString(part, text(record) + "\n"));
  }

  /**
   * Creates a record from the file.
   *
   * @throws IllegalArgumentException if the file is not JSON of that type, or the record's
   *     constructor rejects a value
   * @throws UncheckedIOException if the file cannot be read
   */
  <T> T read(Class<T> type) {
    try {
      return parse(Files.readString(path), type);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read: " + e, e);
    } catch (IllegalArgumentException e) {
      throw damaged(e.getMessage(), e);
    }
  }

  /**
   * {@return an exception whose message says that this file is damaged and what to do}
   *
   * @param why how the file is damaged
   */
  IllegalArgumentException damaged(String why, Exception cause) {
    return new IllegalArgumentException(
        path + " is damaged; delete its folder and run again (" + why + ")", cause);
  }
}
