package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The state of a long piece of work in a ZIP file: one file, so that moving it into place replaces
 * all of the old state by all of the new; and of a format that notices damage by itself. In it are
 *
 * <ul>
 *   <li>{@code state.json}: what is being done, and the state that is not tensors, the log;
 *   <li>{@code tensors.safetensors}: weights, optimizers' tensors and whatever else there is.
 * </ul>
 *
 * @param <L> the type of the log, a record
 * @param file where it lies; null to keep nothing
 * @param identity what is being done, such as {@code seed → 3}: all that decides what comes out
 * @param type the type of the log
 */
public record Checkpoint<L>(Path file, Map<String, String> identity, Class<L> type) {

  private static final String STATE = "state.json";
  private static final String TENSORS = "tensors.safetensors";
  private static final Gson GSON =
      new GsonBuilder()
          .setPrettyPrinting()
          .disableHtmlEscaping()
          .serializeSpecialFloatingPointValues()
          .create();

  private record Saved<T>(Map<String, String> identity, T log) {}

  /** Copies the identity. */
  public Checkpoint {
    identity = new TreeMap<>(identity);
  }

  /**
   * Saves a state. A process that is killed at any time leaves the old file or the new one.
   *
   * @param tensors the tensors, by name
   * @param log everything else
   * @throws UncheckedIOException if it cannot be written; an old checkpoint is then as it was
   */
  public void save(Map<String, NDArray> tensors, L log) {
    if (file == null) {
      return;
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileOutputStream out = new FileOutputStream(part.toFile());
          ZipOutputStream zip = new ZipOutputStream(out)) {
        zip.setLevel(0);
        zip.putNextEntry(new ZipEntry(STATE));
        zip.write(GSON.toJson(new Saved<>(identity, log)).getBytes(StandardCharsets.UTF_8));
        zip.putNextEntry(new ZipEntry(TENSORS));
        encode(tensors, zip);
        zip.finish();
        // On the disk before it replaces the old one: a crash of the machine must not leave
        // neither.
        out.getFD().sync();
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("The checkpoint " + file + " cannot be written: " + e, e);
    }
  }

  private static void encode(Map<String, NDArray> tensors, ZipOutputStream zip) throws IOException {
    try (NDManager copies = NDManager.newBaseManager()) {
      NDList named = new NDList(tensors.size());
      tensors.forEach(
          (name, array) -> {
            // A copy, since DJL writes the array's own name, which its block knows it by.
            NDArray copy = array.duplicate();
            copy.attach(copies);
            copy.setName(name);
            named.add(copy);
          });
      named.encode(zip, NDList.Encoding.SAFETENSORS);
    }
  }

  /**
   * Goes on from what was saved, if anything was.
   *
   * @param tensors the tensors before the first step, by name; they are set to what was saved
   * @return the log, or empty if there is no checkpoint
   * @throws IllegalArgumentException if something else was saved there; says what differs
   * @throws UncheckedIOException if it cannot be read or is damaged
   */
  public Optional<L> load(Map<String, NDArray> tensors) {
    if (file == null || Files.notExists(file)) {
      return Optional.empty();
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Type savedType = TypeToken.getParameterized(Saved.class, type).getType();
      Saved<L> saved =
          GSON.fromJson(new String(bytes(zip, STATE), StandardCharsets.UTF_8), savedType);
      requireSame(saved.identity());
      try (NDManager manager = NDManager.newBaseManager()) {
        Map<String, NDArray> there = new TreeMap<>();
        for (NDArray tensor : NDList.decode(manager, bytes(zip, TENSORS))) {
          there.put(tensor.getName(), tensor);
        }
        tensors.forEach((name, array) -> there.get(name).copyTo(array));
      }
      return Optional.of(saved.log());
    } catch (IOException | JsonParseException e) {
      throw new UncheckedIOException(
          "The checkpoint " + file + " cannot be read; delete it to begin again: " + e,
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  /** Reads an entry and holds it against its checksum, as {@link ZipFile} does not. */
  private static byte[] bytes(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("it has no " + name);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readAllBytes();
      CRC32 sum = new CRC32();
      sum.update(bytes);
      if (sum.getValue() != entry.getCrc()) {
        throw new IOException("its " + name + " is damaged");
      }
      return bytes;
    }
  }

  private void requireSame(Map<String, String> saved) {
    TreeSet<String> names = new TreeSet<>(identity.keySet());
    names.addAll(saved.keySet());
    names.removeIf(name -> String.valueOf(identity.get(name)).equals(saved.get(name)));
    if (names.isEmpty()) {
      return;
    }
    StringBuilder message = new StringBuilder("The checkpoint " + file + " is of something else.");
    for (String name : names) {
      message
          .append("\n  Its ")
          .append(name)
          .append(": ")
          .append(saved.get(name))
          .append("\n  Now ")
          .append(name)
          .append(": ")
          .append(identity.get(name));
    }
    throw new IllegalArgumentException(
        message + "\nContinue it with what it was begun with, or take another folder.");
  }
}
