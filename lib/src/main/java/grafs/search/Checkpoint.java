package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A search's state in a folder, as {@code search.zip}: one file, so that moving it into place
 * replaces all of the old state by all of the new; and of a format that notices damage by itself.
 * In it are
 *
 * <ul>
 *   <li>{@code search.json}: what is being searched, and the {@link SearchState.Log};
 *   <li>{@code tensors.safetensors}: weights, α and the optimizers' tensors.
 * </ul>
 *
 * @param file where it lies
 * @param identity what is being searched, such as {@code seed → 3}: all that decides what comes out
 */
record Checkpoint(Path file, Map<String, String> identity) {

  private static final String STATE = "search.json";
  private static final String TENSORS = "tensors.safetensors";
  private static final Gson GSON =
      new GsonBuilder()
          .setPrettyPrinting()
          .disableHtmlEscaping()
          .serializeSpecialFloatingPointValues()
          .create();

  private record Saved(Map<String, String> identity, SearchState.Log log) {}

  /** {@return the checkpoint of a search in a folder, which need not exist yet} */
  static Checkpoint in(Path folder, Map<String, String> identity) {
    return new Checkpoint(folder.resolve("search.zip"), new TreeMap<>(identity));
  }

  /**
   * Saves a state. A process that is killed at any time leaves the old file or the new one.
   *
   * @param state the state
   * @param seconds the time that this run has taken
   * @throws UncheckedIOException if it cannot be written; an old checkpoint is then as it was
   */
  void save(SearchState state, double seconds) {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileOutputStream out = new FileOutputStream(part.toFile());
          ZipOutputStream zip = new ZipOutputStream(out)) {
        zip.setLevel(0);
        zip.putNextEntry(new ZipEntry(STATE));
        zip.write(
            GSON.toJson(new Saved(identity, state.log(seconds))).getBytes(StandardCharsets.UTF_8));
        zip.putNextEntry(new ZipEntry(TENSORS));
        encode(state.tensors(), zip);
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
   * @param state a state before the first step; changed
   * @return whether there was a checkpoint
   * @throws IllegalArgumentException if another search was saved there; says what differs
   * @throws UncheckedIOException if it cannot be read or is damaged
   */
  boolean load(SearchState state) {
    if (Files.notExists(file)) {
      return false;
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Saved saved =
          GSON.fromJson(new String(bytes(zip, STATE), StandardCharsets.UTF_8), Saved.class);
      requireSame(saved.identity());
      try (NDManager manager = NDManager.newBaseManager()) {
        Map<String, NDArray> tensors = new TreeMap<>();
        for (NDArray tensor : NDList.decode(manager, bytes(zip, TENSORS))) {
          tensors.put(tensor.getName(), tensor);
        }
        state.tensors().forEach((name, array) -> tensors.get(name).copyTo(array));
      }
      state.restore(saved.log());
      return true;
    } catch (IOException | JsonParseException e) {
      throw new UncheckedIOException(
          "The checkpoint " + file + " cannot be read; delete it to begin the search again: " + e,
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
    StringBuilder message = new StringBuilder("The checkpoint " + file + " is of another search.");
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
        message + "\nContinue it with what it was begun with, or search in another folder.");
  }
}
