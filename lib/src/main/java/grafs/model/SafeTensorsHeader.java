package grafs.model;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.reflect.TypeToken;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The JSON header of a safetensors file, checked as the format's own reader checks it: strict JSON
 * in UTF-8, no name twice, and tensors that fill the rest of the file without holes and overlaps.
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
   * @throws JsonParseException if it is not as the format demands; the message says why
   */
  static List<Tensor> read(ByteBuffer utf8, long dataBytes) {
    List<Tensor> tensors = new ArrayList<>();
    for (Map.Entry<String, JsonElement> entry : parse(utf8).entrySet()) {
      String name = entry.getKey();
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
        throw new JsonParseException("its header has a name with half a surrogate pair");
      }
      if (!name.equals("__metadata__")) {
        tensors.add(tensor(name, entry.getValue()));
      } else if (!isMetadata(entry.getValue())) {
        throw new JsonParseException("its header has __metadata__ that is no map of texts");
      }
    }
    long end = 0;
    for (Tensor tensor :
        tensors.stream()
            .sorted(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end))
            .toList()) {
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

  private static JsonObject parse(ByteBuffer utf8) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
      JsonObject header = STRICT.fromJson(text, JsonObject.class);
      if (header == null) {
        throw new JsonParseException("nothing but space");
      }
      // A map, unlike a JsonObject, is not read if a key is there twice.
      STRICT.fromJson(text, new TypeToken<Map<String, Map<String, JsonElement>>>() {});
      return header;
    } catch (CharacterCodingException e) {
      throw new JsonParseException("its header is not UTF-8", e);
    } catch (JsonParseException e) {
      throw new JsonParseException(
          "its header is not a JSON object as it should be (" + e.getMessage() + ")", e);
    }
  }

  private static boolean isMetadata(JsonElement value) {
    return value.isJsonNull()
        || value instanceof JsonObject texts
            && texts.asMap().values().stream().allMatch(SafeTensorsHeader::isText);
  }

  private static boolean isText(JsonElement value) {
    return value instanceof JsonPrimitive primitive && primitive.isString();
  }

  private static Tensor tensor(String name, JsonElement value) {
    String told = "its header has %s as %s, but ".formatted(name, value);
    if (!(value instanceof JsonObject fields
        && isText(fields.get("dtype"))
        && fields.get("shape") instanceof JsonArray sizes
        && fields.get("data_offsets") instanceof JsonArray place)) {
      throw new JsonParseException(told + "a tensor has a dtype, a shape and data_offsets");
    }
    String dtype = fields.get("dtype").getAsString();
    Type type =
        Arrays.stream(Type.values())
            .filter(known -> known.name().equals(dtype))
            .findFirst()
            .orElseThrow(
                () ->
                    new JsonParseException(
                        told + "DJL has no arrays of this type; convert it to F32 or I64 first"));
    long[] shape = numbers(told, sizes);
    long[] offsets = numbers(told, place);
    if (offsets.length != 2 || offsets[1] < offsets[0]) {
      throw new JsonParseException(told + "a place is where it begins and ends");
    }
    try {
      long count = LongStream.of(shape).reduce(1, Math::multiplyExact);
      long bytes = Math.multiplyExact(count, type.bytes);
      if (offsets[1] - offsets[0] != bytes) {
        throw new JsonParseException(told + "such a tensor has " + bytes + " bytes");
      }
      long read = Math.multiplyExact(count, type.read.getNumOfBytes());
      if (read > Integer.MAX_VALUE) {
        throw new JsonParseException(
            told
                + "a DJL array has at most %d bytes, not %d; split it"
                    .formatted(Integer.MAX_VALUE, read));
      }
    } catch (ArithmeticException e) {
      throw new JsonParseException(told + "no file can have so many bytes", e);
    }
    return new Tensor(name, type, new Shape(shape), offsets[0], offsets[1]);
  }

  /** Reads an array of numbers as the format writes them: digits, nothing else. */
  private static long[] numbers(String told, JsonArray array) {
    for (JsonElement number : array) {
      // A long has up to 19 digits.
      if (!number.toString().matches("0|[1-9][0-9]{0,17}|[1-8][0-9]{18}")) {
        throw new JsonParseException(told + number + " is no size");
      }
    }
    return array.asList().stream().mapToLong(JsonElement::getAsLong).toArray();
  }
}
