package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.annotations.SerializedName;
import com.google.gson.reflect.TypeToken;
import grafs.data.PartFile;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;

/**
 * Reads and writes tensors, such as a network's weights, in <a
 * href="https://huggingface.co/docs/safetensors">safetensors</a> files. A file has three parts: the
 * length of the header, as a 64-bit number; the header, which is JSON and gives the name, type,
 * shape and byte range of each tensor; and the bytes of the tensors. All numbers are little-endian.
 *
 * <p>This class writes files with DJL's writer, but does not read them with DJL's reader, because
 * DJL's reader does not check a file: for a damaged header it allocates gigabytes of memory, or
 * returns arrays with only part of their values.
 */
public final class SafeTensors {

  private static final Gson STRICT = new GsonBuilder().setStrictness(Strictness.STRICT).create();

  /**
   * Maps safetensors types that DJL's PyTorch engine does not support to DJL types that are twice
   * as large and represent the same values exactly. Without this conversion, creating an array of
   * some of these types would abort the process.
   */
  private static final Map<String, DataType> WIDENED =
      Map.of(
          "BF16", DataType.FLOAT32,
          "I16", DataType.INT32,
          "U16", DataType.INT32,
          "U32", DataType.INT64);

  /**
   * The header's entry for one tensor.
   *
   * @param dtype the safetensors name of the tensor's type, such as {@code F32}
   * @param shape the tensor's shape
   * @param place two offsets in bytes from the end of the header: of the tensor's first byte, and
   *     of the byte after its last one
   */
  private record Entry(String dtype, long[] shape, @SerializedName("data_offsets") long... place) {}

  private SafeTensors() {}

  /**
   * Reads all tensors of a file. Types that DJL's PyTorch engine does not support are converted
   * without loss to larger ones: BF16 to float32, I16 and U16 to int32, U32 to int64.
   *
   * @param file the file
   * @param manager the manager that will own the arrays
   * @return the arrays by name, in the order of the file's header
   * @throws IllegalArgumentException if the file is not a valid safetensors file, or has a tensor
   *     that would take 2 GiB or more as an array, or has a tensor of a type that is neither
   *     supported nor converted, such as U64 or F8_E4M3; the message says what is wrong
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Map<String, NDArray> read(Path file, NDManager manager) {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    try (FileChannel channel = FileChannel.open(file)) {
      long length = bytes(channel, 0, Long.BYTES).getLong();
      long size = channel.size() - Long.BYTES - length;
      if (length < 2 || size < 0) {
        throw new JsonParseException(
            "its header must have 2 to %d bytes, but has %d by the file's first 8 bytes"
                .formatted(channel.size() - Long.BYTES, length));
      }
      ByteBuffer utf8 = bytes(channel, Long.BYTES, length);
      String json = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
      // No tensor is lost in the map: Gson throws if a name occurs twice.
      Map<String, JsonElement> header =
          STRICT.fromJson(json, new TypeToken<Map<String, JsonElement>>() {});
      Objects.requireNonNull(header, "its header is null").remove("__metadata__");
      Map<String, Entry> entries = new LinkedHashMap<>();
      header.forEach((name, entry) -> entries.put(name, entry(name, entry.toString(), size)));
      requireContiguous(entries.values(), size);
      for (Map.Entry<String, Entry> named : entries.entrySet()) {
        Entry entry = named.getValue();
        long from = Long.BYTES + length + entry.place[0];
        ByteBuffer data = bytes(channel, from, entry.place[1] - entry.place[0]);
        tensors.put(
            named.getKey(),
            manager.create(widened(data, entry.dtype), new Shape(entry.shape), type(entry.dtype)));
      }
    } catch (CharacterCodingException | EOFException | RuntimeException e) {
      throw new IllegalArgumentException(
          "Weights " + file + " are not a safetensors file that can be read: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Weights " + file + " could not be read: " + e, e);
    }
    return tensors;
  }

  private static DataType type(String dtype) {
    return WIDENED.containsKey(dtype) ? WIDENED.get(dtype) : DataType.fromSafetensors(dtype);
  }

  /**
   * Reads the header's entry for a tensor. Throws if the tensor has an unsupported type, is too
   * large for an array, or has a byte range that does not fit its shape or reaches beyond the file.
   *
   * @param size the number of bytes in the file after the header
   */
  private static Entry entry(String name, String json, long size) {
    try {
      Entry entry = STRICT.fromJson(json, Entry.class);
      if (entry == null || entry.dtype == null || entry.shape == null || entry.place == null) {
        throw new JsonParseException("a tensor needs a dtype, a shape and data_offsets");
      }
      long count = LongStream.of(entry.shape).reduce(1, Math::multiplyExact);
      long bytes = Math.multiplyExact(count, type(entry.dtype).getNumOfBytes());
      long own = WIDENED.containsKey(entry.dtype) ? bytes / 2 : bytes;
      if (LongStream.of(entry.shape).anyMatch(n -> n < 0)) {
        throw new JsonParseException("a shape has no negative numbers");
      }
      if (entry.place.length != 2
          || entry.place[0] < 0
          || entry.place[1] > size
          || entry.place[1] - entry.place[0] != own) {
        throw new JsonParseException(
            "its data_offsets must be two numbers from 0 to %d, the bytes after the header, which differ by the %d bytes of this shape"
                .formatted(size, own));
      }
      if (bytes > Integer.MAX_VALUE) {
        throw new JsonParseException(
            "a DJL array has at most %d bytes, not %d; split it"
                .formatted(Integer.MAX_VALUE, bytes));
      }
      return entry;
    } catch (RuntimeException e) {
      throw new JsonParseException(
          "its header has %s as %s, but %s".formatted(name, json, e.getMessage()), e);
    }
  }

  /**
   * Throws if the byte ranges of the tensors break a rule of the format: they must follow each
   * other without gaps and overlaps, from the end of the header to the end of the file.
   *
   * @param size the number of bytes in the file after the header
   */
  private static void requireContiguous(Collection<Entry> tensors, long size) {
    Comparator<Entry> byPlace = Comparator.comparingLong(entry -> entry.place[0]);
    long end = 0;
    for (Entry entry :
        tensors.stream().sorted(byPlace.thenComparingLong(e -> e.place[1])).toList()) {
      if (entry.place[0] != end) {
        throw new JsonParseException(
            "its tensors end at byte %d, but the next one begins at %d"
                .formatted(end, entry.place[0]));
      }
      end = entry.place[1];
    }
    if (end != size) {
      throw new JsonParseException(
          "its tensors have %d bytes, but %d follow the header".formatted(end, size));
    }
  }

  /**
   * Converts the bytes of a tensor, if {@link #WIDENED} maps its type to a larger one, to bytes of
   * that larger type. Returns the bytes of other tensors unchanged.
   */
  private static ByteBuffer widened(ByteBuffer data, String dtype) {
    if (!WIDENED.containsKey(dtype)) {
      return data;
    }
    ByteBuffer wide =
        ByteBuffer.allocateDirect(2 * data.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    while (data.hasRemaining()) {
      switch (dtype) {
        // A bfloat16 is the upper half of a float32.
        case "BF16" -> wide.putInt(data.getShort() << 16);
        case "I16" -> wide.putInt(data.getShort());
        case "U16" -> wide.putInt(Short.toUnsignedInt(data.getShort()));
        default -> wide.putLong(Integer.toUnsignedLong(data.getInt()));
      }
    }
    return wide.flip();
  }

  private static ByteBuffer bytes(FileChannel channel, long from, long count) throws IOException {
    // From a direct buffer DJL creates an array without copying the bytes.
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Math.toIntExact(count)).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException("it ends too early");
      }
    }
    return buffer.flip();
  }

  /**
   * Writes tensors to a file. A process that reads the file meanwhile sees the old file or the
   * complete new one.
   *
   * @param file the file; replaced if it exists; its folder is made if it does not exist
   * @param tensors the arrays by name
   * @throws UncheckedIOException if the file cannot be written; an old file is then unchanged
   */
  public static void write(Path file, Map<String, NDArray> tensors) {
    PartFile.write(
        file,
        part -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
            encode(tensors, out);
          }
        });
  }

  /**
   * Writes tensors to a stream, in the format of a safetensors file.
   *
   * @param tensors the arrays by name
   * @param out the stream; it stays open
   * @throws IOException if writing to the stream fails
   */
  public static void encode(Map<String, NDArray> tensors, OutputStream out) throws IOException {
    try (NDManager copies = NDManager.newBaseManager()) {
      NDList named = new NDList(tensors.size());
      tensors.forEach(
          (name, array) -> {
            // DJL writes each array under the name that NDArray.getName() returns. The name is set
            // on a copy, because the given array may belong to a network's parameter and must keep
            // its own name.
            NDArray copy = array.duplicate();
            copy.attach(copies);
            copy.setName(name);
            named.add(copy);
          });
      named.encode(out, NDList.Encoding.SAFETENSORS);
    }
  }

  /**
   * Writes a network's parameters to a file.
   *
   * @param file the file; replaced if it exists; its folder is made if it does not exist
   * @param stateDict the parameters by name, as {@link Network#stateDict()} returns them
   * @throws UncheckedIOException if the file cannot be written; an old file is then unchanged
   */
  public static void save(Path file, Map<String, Parameter> stateDict) {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    stateDict.forEach((name, parameter) -> tensors.put(name, parameter.getArray()));
    write(file, tensors);
  }

  /**
   * Sets a network's parameters to the tensors of a file. The names in the file must be exactly
   * those of the parameters, with two exceptions:
   *
   * <ul>
   *   <li>Tensors whose names end with {@code num_batches_tracked}, a counter of PyTorch's batch
   *       norm, are ignored.
   *   <li>For a {@link Gpt}, the file may contain the weights of nanoGPT, a PyTorch implementation
   *       of GPT-2. The prefix {@code _orig_mod.} of names, the causal masks, and {@code
   *       lm_head.weight}, a copy of the token embedding, are ignored. If the file has no biases,
   *       or only those of queries, keys and values are missing, the network's biases that are not
   *       in the file are set to 0.
   * </ul>
   *
   * <p>If anything does not fit, no parameter is changed.
   *
   * @param file the file
   * @param stateDict the parameters of an initialized network by name, as {@link
   *     Network#stateDict()} returns them
   * @throws IllegalArgumentException if the file is not a valid safetensors file, lacks the tensor
   *     of a parameter, has a tensor for which there is no parameter, has a tensor of another shape
   *     or type than its parameter, or is loaded into a {@link Gpt} and has an {@code
   *     lm_head.weight} that differs from the file's token embedding
   * @throws IllegalStateException if the network was not initialized
   * @throws UncheckedIOException if the file cannot be read
   */
  public static void load(Path file, Map<String, Parameter> stateDict) {
    stateDict.forEach(
        (name, parameter) -> {
          if (!parameter.isInitialized()) {
            throw new IllegalStateException(
                "Parameter " + name + " has no array yet: initialize the network first");
          }
        });
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> tensors = read(file, manager);
      tensors.keySet().removeIf(name -> name.endsWith("num_batches_tracked"));
      NanoGptWeights.adapt(file, tensors, stateDict, manager);
      requireNone(file, "lacks", stateDict.keySet(), tensors.keySet());
      requireNone(file, "has, but the network does not,", tensors.keySet(), stateDict.keySet());
      stateDict.forEach(
          (name, parameter) -> {
            NDArray to = parameter.getArray();
            NDArray from = tensors.get(name);
            if (!from.getShape().equals(to.getShape()) || from.getDataType() != to.getDataType()) {
              throw new IllegalArgumentException(
                  "Weights %s have %s as %s%s, the network as %s%s"
                      .formatted(
                          file,
                          name,
                          from.getDataType(),
                          from.getShape(),
                          to.getDataType(),
                          to.getShape()));
            }
          });
      stateDict.forEach((name, parameter) -> tensors.get(name).copyTo(parameter.getArray()));
    }
  }

  /**
   * Throws if the first set has a name that the second does not have; the message lists these
   * names.
   */
  private static void requireNone(Path file, String verb, Set<String> those, Set<String> but) {
    Set<String> left = new TreeSet<>(those);
    left.removeAll(but);
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "The weights' file " + file + " " + verb + " " + String.join(", ", left));
    }
  }
}
