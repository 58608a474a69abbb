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
 * A checkpoint of a long computation. It is one ZIP file, so that a single move replaces all of the
 * old state by the new one, and the format's CRC-32 reveals damage. It contains
 *
 * <ul>
 *   <li>{@code state.json}: the identity of the computation, and the log, which is all state but
 *       tensors;
 *   <li>{@code tensors.safetensors}: weights, the optimizers' state and other tensors.
 * </ul>
 *
 * @param <L> the type of the log, a record
 * @param file the ZIP file; null to save nothing
 * @param identity everything that determines the result, such as {@code seed 3}; a checkpoint with
 *     another identity is not loaded
 * @param type the type of the log
 */
public record Checkpoint<L>(Path file, String identity, Class<L> type) {

  private static final Gson GSON = new GsonBuilder().serializeSpecialFloatingPointValues().create();

  private record Saved<T>(String identity, T log) {}

  /**
   * Saves a state. If the process is killed meanwhile, the file is the old one or the new one.
   *
   * @param tensors the tensors, by name
   * @param log the state that is not tensors
   * @throws UncheckedIOException if it cannot be written; an old checkpoint is then as it was
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
            // The new file must be on the disk before it replaces the old one, or a crash of the
            // machine could lose both.
            out.getFD().sync();
          }
        });
  }

  /**
   * Loads the saved state, if there is any.
   *
   * @param tensors the tensors to set to the saved values, by name
   * @return the log, or empty if there is no checkpoint
   * @throws IllegalArgumentException if the checkpoint has another identity; shows both
   * @throws UncheckedIOException if it cannot be read or is damaged
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
            "The checkpoint %s is of something else.%nIts %s%nNow %s%nContinue it with what it was begun with, or take another folder."
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

  /** Reads the next entry to its end, where the stream compares the CRC-32. */
  private static byte[] next(ZipInputStream zip) throws IOException {
    try {
      if (zip.getNextEntry() == null) {
        throw new IOException("it is not complete");
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("the name of an entry is damaged", e);
    }
    return zip.readAllBytes();
  }
}
