package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import grafs.data.PartFile;
import grafs.model.SafeTensors;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A checkpoint of a long computation, such as a training: the file with the state from which the
 * computation resumes after an interruption. The state consists of tensors (weights, the state of
 * optimizers) and a log. The log is a Java object with all other state, such as the results of the
 * epochs done.
 *
 * <p>The checkpoint is one ZIP file, so that a new checkpoint replaces the old one in a single
 * atomic move. The CRC-32 checksums of the ZIP format reveal damage. The file contains
 *
 * <ul>
 *   <li>{@code state.json}: the identity of the computation, and the log;
 *   <li>{@code tensors.safetensors}: the tensors by name.
 * </ul>
 *
 * @param <L> the type of the log, which Gson can write and read as JSON
 * @param file the ZIP file; null if nothing is to be saved or loaded
 * @param identity a description of everything that determines the result of the computation, such
 *     as {@code seed 3, 20 epochs}; {@link #load} refuses a file with another identity
 * @param type the class of the log
 */
public record Checkpoint<L>(Path file, String identity, Class<L> type) {

  private static final Gson GSON = new GsonBuilder().serializeSpecialFloatingPointValues().create();

  /** The content of {@code state.json}. */
  private record Saved<T>(String identity, T log) {}

  /**
   * Saves a state, in place of an older one. If the process is killed while it saves, the file has
   * either the complete old state or the complete new one.
   *
   * @param tensors the tensors by name
   * @param log all other state
   * @throws UncheckedIOException if the file cannot be written; an old file is then unchanged
   */
  public void save(Map<String, NDArray> tensors, L log) {
    if (file == null) {
      return;
    }
    PartFile.writeAlone(
        file,
        part -> {
          try (FileOutputStream out = new FileOutputStream(part.toFile());
              ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(0);
            zip.putNextEntry(new ZipEntry("state.json"));
            zip.write(GSON.toJson(new Saved<>(identity, log)).getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("tensors.safetensors"));
            SafeTensors.encode(tensors, zip);
            zip.finish();
            // The new file must be on the disk before it replaces the old one. Otherwise a crash
            // of the machine could lose both.
            out.getFD().sync();
          }
        });
  }

  /**
   * Loads the saved state, if the file exists.
   *
   * @param tensors the tensors by name; they are set to the saved values
   * @return the log; empty if the file does not exist
   * @throws IllegalArgumentException if the file has another identity; the message shows both
   * @throws UncheckedIOException if the file cannot be read or is damaged
   */
  public Optional<L> load(Map<String, NDArray> tensors) {
    if (file == null || Files.notExists(file)) {
      return Optional.empty();
    }
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file));
        NDManager manager = NDManager.newBaseManager()) {
      Type savedType = TypeToken.getParameterized(Saved.class, type).getType();
      Saved<L> saved = GSON.fromJson(new String(next(zip), StandardCharsets.UTF_8), savedType);
      if (!identity.equals(saved.identity())) {
        throw new IllegalArgumentException(
            "The checkpoint %s is of another computation.%nSaved:     %s%nRequested: %s%nThe code of another version of the kit also gives another computation. Repeat the saved one to resume it, or delete the file to begin again."
                .formatted(file, saved.identity(), identity));
      }
      for (NDArray tensor : NDList.decode(manager, next(zip))) {
        tensor.copyTo(tensors.get(tensor.getName()));
      }
      return Optional.of(saved.log());
    } catch (IOException | JsonParseException e) {
      throw new UncheckedIOException(
          "The checkpoint " + file + " cannot be read; delete it to begin again: " + e,
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  /**
   * Reads the next entry of the ZIP file to its end. At the end the stream throws an exception if
   * the entry's CRC-32 checksum is wrong.
   */
  private static byte[] next(ZipInputStream zip) throws IOException {
    try {
      if (zip.getNextEntry() == null) {
        throw new IOException("an entry of the ZIP file is missing");
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("the name of an entry is damaged", e);
    }
    return zip.readAllBytes();
  }
}
