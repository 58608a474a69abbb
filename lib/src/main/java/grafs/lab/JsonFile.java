package grafs.lab;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import grafs.nas.Relaxation;
import grafs.train.OptimizerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A record on disk.
 *
 * @param path where it lies
 */
record JsonFile(Path path) {

  private static final Gson GSON =
      new GsonBuilder()
          .setPrettyPrinting()
          .serializeSpecialFloatingPointValues()
          .disableHtmlEscaping()
          .registerTypeAdapter(OptimizerSettings.class, new SettingsJson.Weights())
          .registerTypeAdapter(Relaxation.class, new SettingsJson.Sampling())
          .create();

  boolean exists() {
    return Files.exists(path);
  }

  /** {@return a record as JSON} */
  static String text(Object record) {
    return GSON.toJson(record);
  }

  /**
   * Reads a record from JSON.
   *
   * @throws JsonParseException if it is none
   */
  static <T> T parse(String json, Class<T> type) {
    return GSON.fromJson(json, type);
  }

  /** Writes it with its folder; a reader sees the old file or the whole new one. */
  void write(Object record) {
    replace(path, GSON.toJson(record) + "\n");
  }

  /** Writes a text with its folder; a reader sees the old file or the whole new one. */
  static void replace(Path path, String text) {
    replace(path, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes with their folder; a reader sees the old file or the whole new one. */
  static void replace(Path path, byte[] bytes) {
    Path part = path.resolveSibling(path.getFileName() + ".part");
    try {
      Files.createDirectories(path.getParent());
      Files.write(part, bytes);
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be written: " + e, e);
    }
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if it is not of that type
   */
  <T> T read(Class<T> type) {
    try {
      T record = GSON.fromJson(Files.readString(path), type);
      if (record == null) {
        throw new JsonParseException("it is empty");
      }
      return record;
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read: " + e, e);
    } catch (RuntimeException e) {
      // Not only syntax: a record may refuse its numbers.
      throw new IllegalArgumentException(
          path + " is damaged; delete its folder and run again (" + e.getMessage() + ")", e);
    }
  }
}
