package grafs.model;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.reflect.TypeToken;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * The JSON header of a safetensors file, checked as the format demands: strict JSON in UTF-8, no
 * key twice, and tensors that fill the rest of the file without holes and overlaps.
 */
final class SafeTensorsHeader {

  /** The longest header that the format's own reader takes, in bytes. */
  static final long MOST_BYTES = 100_000_000;

  private static final Gson STRICT = new GsonBuilder().setStrictness(Strictness.STRICT).create();

  private SafeTensorsHeader() {}

  /**
   * The types of the format that can be read. DJL's engine aborts the process when asked for an
   * array of BF16, I16 or an unsigned integer but U8, so these are read as larger types, which have
   * all their values.
   */
  enum Type {
    BOOL(1, DataType.BOOLEAN),
    U8(1, DataType.UINT8),
    I8(1, DataType.INT8),
    I16(2, DataType.INT32),
    U16(2, DataType.INT32),
    I32(4, DataType.INT32),
    U32(4, DataType.INT64),
    I64(8, DataType.INT64),
    F16(2, DataType.FLOAT16),
    BF16(2, DataType.FLOAT32),
    F32(4, DataType.FLOAT32),
    F64(8, DataType.FLOAT64);

    /** The bytes of a number in the file. */
    final int bytes;

    /** The type that it is read as. */
    final DataType read;

    Type(int bytes, DataType read) {
      this.bytes = bytes;
      this.read = read;
    }
  }

  /**
   * A tensor.
   *
   * @param name its name
   * @param type the type of its numbers
   * @param shape its shape
   * @param begin the offset of its first byte from the end of the header
   * @param end the offset after its last byte
   */
  record Tensor(String name, Type type, Shape shape, long begin, long end) {}

  /**
   * Reads a header.
   *
   * @param utf8 its bytes
   * @param dataBytes the bytes of the file after it
   * @return the tensors in the header's order
   * @throws CharacterCodingException if it is not UTF-8
   * @throws RuntimeException if it is not as the format demands; the message says why
   */
  static List<Tensor> read(ByteBuffer utf8, long dataBytes) throws CharacterCodingException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    // A map, unlike a JsonObject, is not read if a key is there twice.
    var header = STRICT.fromJson(text, new TypeToken<Map<String, Map<String, JsonElement>>>() {});
    header.remove("__metadata__");
    List<Tensor> tensors = new ArrayList<>();
    header.forEach((name, fields) -> tensors.add(tensor(name, fields)));
    long end = 0;
    List<Tensor> placed = new ArrayList<>(tensors);
    placed.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
    for (Tensor tensor : placed) {
      if (tensor.begin != end) {
        throw new JsonParseException(
            "%s begins at byte %d, but the tensor before it ends at %d"
                .formatted(tensor.name, tensor.begin, end));
      }
      end = tensor.end;
    }
    if (end != dataBytes) {
      throw new JsonParseException(
          "its tensors have %d bytes, but %d follow the header".formatted(end, dataBytes));
    }
    return tensors;
  }

  private static Tensor tensor(String name, Map<String, JsonElement> fields) {
    try {
      Type type = STRICT.fromJson(fields.get("dtype"), Type.class);
      if (type == null) {
        throw new JsonParseException(
            "DJL has no arrays of this type; convert it to F32 or I64 first");
      }
      long[] shape = numbers(fields.get("shape"));
      long[] place = numbers(fields.get("data_offsets"));
      long count = LongStream.of(shape).reduce(1, Math::multiplyExact);
      long bytes = Math.multiplyExact(count, type.bytes);
      long read = Math.multiplyExact(count, type.read.getNumOfBytes());
      if (place.length != 2 || place[1] - place[0] != bytes) {
        throw new JsonParseException("it needs two data_offsets, " + bytes + " bytes apart");
      }
      if (read > Integer.MAX_VALUE) {
        throw new JsonParseException(
            "a DJL array has at most %d bytes, not %d; split it"
                .formatted(Integer.MAX_VALUE, read));
      }
      return new Tensor(name, type, new Shape(shape), place[0], place[1]);
    } catch (RuntimeException e) {
      throw new JsonParseException(
          "its header has %s as %s, but %s".formatted(name, fields, e.getMessage()), e);
    }
  }

  /** Reads an array of numbers as the format writes them: digits, nothing else. */
  private static long[] numbers(JsonElement array) {
    String text = String.valueOf(array);
    if (!text.matches("\\[[0-9,]*]")) {
      throw new JsonParseException(text + " is no list of sizes");
    }
    return Pattern.compile("[0-9]+")
        .matcher(text)
        .results()
        .mapToLong(n -> Long.parseLong(n.group()))
        .toArray();
  }
}
