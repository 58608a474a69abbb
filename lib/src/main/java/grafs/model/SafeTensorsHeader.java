package grafs.model;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * The JSON header of a safetensors file, checked as the format's own reader checks it: strict JSON
 * in UTF-8, no name twice, and tensors that fill the rest of the file without holes and overlaps.
 *
 * @param tensors the tensors in the header's order
 */
record SafeTensorsHeader(List<Tensor> tensors) {

  /** The longest header that the format's own reader takes, in bytes. */
  static final long MOST_BYTES = 100_000_000;

  /**
   * The types of the format. DJL's engine aborts the process when asked for an array of BF16, I16
   * or an unsigned integer but U8, so these are read as larger types or refused.
   */
  private static final Map<String, Type> TYPES =
      Map.ofEntries(
          type("BOOL", 8, DataType.BOOLEAN),
          type("U8", 8, DataType.UINT8),
          type("I8", 8, DataType.INT8),
          type("I16", 16, DataType.INT32),
          type("U16", 16, DataType.INT32),
          type("I32", 32, DataType.INT32),
          type("U32", 32, DataType.INT64),
          type("I64", 64, DataType.INT64),
          type("U64", 64, null),
          type("F16", 16, DataType.FLOAT16),
          type("BF16", 16, DataType.FLOAT32),
          type("F32", 32, DataType.FLOAT32),
          type("F64", 64, DataType.FLOAT64),
          type("C64", 64, null),
          type("F4", 4, null),
          type("F6_E2M3", 6, null),
          type("F6_E3M2", 6, null),
          type("F8_E5M2", 8, null),
          type("F8_E4M3", 8, null),
          type("F8_E8M0", 8, null),
          type("F8_E5M2FNUZ", 8, null),
          type("F8_E4M3FNUZ", 8, null));

  private static Map.Entry<String, Type> type(String name, int bits, DataType read) {
    return Map.entry(name, new Type(name, bits, read));
  }

  /**
   * A type of numbers.
   *
   * @param name its name in the format
   * @param bits the bits of one number
   * @param read the DJL type that it is read as, which has all its values; null if there is none
   */
  record Type(String name, int bits, DataType read) {

    /** {@return whether it is read as a larger type} */
    boolean widened() {
      return bits < 8 * read.getNumOfBytes();
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

  /** Thrown if a header is not as the format demands; the message says why. */
  static final class Broken extends Exception {

    private static final long serialVersionUID = 1L;

    Broken(String why) {
      super(why);
    }
  }

  /**
   * Reads a header.
   *
   * @param utf8 its bytes
   * @param dataBytes the bytes of the file after it
   * @return the header
   * @throws Broken if it is not as the format demands
   */
  static SafeTensorsHeader of(ByteBuffer utf8, long dataBytes) throws Broken {
    List<Tensor> tensors = new ArrayList<>();
    try (JsonReader json =
        new JsonReader(
            new StringReader(StandardCharsets.UTF_8.newDecoder().decode(utf8).toString()))) {
      json.setStrictness(Strictness.STRICT);
      if (json.peek() != JsonToken.BEGIN_OBJECT) {
        throw new Broken("its header is not a JSON object");
      }
      Set<String> names = new HashSet<>();
      json.beginObject();
      while (json.hasNext()) {
        String name = json.nextName();
        if (!names.add(name)) {
          throw new Broken("its header has " + name + " twice");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
          throw new Broken("its header has a name with half a surrogate pair");
        }
        if (name.equals("__metadata__")) {
          metadata(json);
        } else {
          tensors.add(tensor(name, json));
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new Broken("its header has more than a JSON object");
      }
    } catch (CharacterCodingException e) {
      throw new Broken("its header is not UTF-8");
    } catch (IOException | IllegalStateException e) {
      throw new Broken("its header is not a JSON object as it should be (" + e.getMessage() + ")");
    }
    requireNoHoles(tensors, dataBytes);
    return new SafeTensorsHeader(tensors);
  }

  /** Skips the value of {@code __metadata__}: null, or an object whose values are strings. */
  private static void metadata(JsonReader json) throws IOException, Broken {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return;
    }
    json.beginObject();
    while (json.hasNext()) {
      String name = json.nextName();
      if (json.peek() != JsonToken.STRING) {
        throw new Broken("its header's __metadata__ has no text as " + name);
      }
      json.nextString();
    }
    json.endObject();
  }

  private static Tensor tensor(String name, JsonReader json) throws IOException, Broken {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (json.peek() != JsonToken.BEGIN_OBJECT) {
      throw new Broken("its header has " + name + " as a " + json.peek());
    }
    json.beginObject();
    while (json.hasNext()) {
      String field = json.nextName();
      Object value;
      switch (field) {
        case "dtype":
          if (json.peek() != JsonToken.STRING) {
            throw new Broken("its header has " + name + " with a dtype that is no text");
          }
          value = json.nextString();
          break;
        case "shape", "data_offsets":
          value = numbers(name, field, json);
          break;
        default:
          json.skipValue();
          continue;
      }
      if (fields.put(field, value) != null) {
        throw new Broken("its header has " + name + " with two " + field);
      }
    }
    json.endObject();
    if (fields.size() != 3) {
      throw new Broken("its header has " + name + " with " + fields.keySet() + " only");
    }
    Type type = TYPES.get((String) fields.get("dtype"));
    long[] shape = (long[]) fields.get("shape");
    long[] offsets = (long[]) fields.get("data_offsets");
    String told =
        "its header has %s as %s %s at %s"
            .formatted(
                name,
                fields.get("dtype"),
                LongStream.of(shape).boxed().toList(),
                LongStream.of(offsets).boxed().toList());
    if (type == null) {
      throw new Broken(told + ", but there is no type " + fields.get("dtype"));
    }
    if (offsets.length != 2 || offsets[1] < offsets[0]) {
      throw new Broken(told + ", but a place is where it begins and ends");
    }
    try {
      long bits = LongStream.of(shape).reduce(type.bits, Math::multiplyExact);
      if (bits % 8 != 0 || offsets[1] - offsets[0] != bits / 8) {
        throw new Broken(told + ", but such a tensor has " + bits / 8.0 + " bytes");
      }
    } catch (ArithmeticException e) {
      throw new Broken(told + ", more than any file can have");
    }
    return new Tensor(name, type, new Shape(shape), offsets[0], offsets[1]);
  }

  /** Reads an array of numbers as the format writes them: digits, nothing else. */
  private static long[] numbers(String name, String field, JsonReader json)
      throws IOException, Broken {
    if (json.peek() != JsonToken.BEGIN_ARRAY) {
      throw new Broken("its header has " + name + " with a " + json.peek() + " as its " + field);
    }
    LongStream.Builder numbers = LongStream.builder();
    json.beginArray();
    while (json.hasNext()) {
      boolean number = json.peek() == JsonToken.NUMBER;
      String text = number ? json.nextString() : json.peek().toString();
      // A long has up to 19 digits.
      if (!number || !text.matches("0|[1-9][0-9]{0,17}|[1-8][0-9]{18}")) {
        throw new Broken("its header has " + name + " with " + text + " in its " + field);
      }
      numbers.add(Long.parseLong(text));
    }
    json.endArray();
    return numbers.build().toArray();
  }

  private static void requireNoHoles(List<Tensor> tensors, long dataBytes) throws Broken {
    long end = 0;
    List<Tensor> placed =
        tensors.stream()
            .sorted(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end))
            .toList();
    for (Tensor tensor : placed) {
      if (tensor.begin != end) {
        throw new Broken(
            "%s begins %d bytes %s of the tensor before it"
                .formatted(
                    tensor.name,
                    Math.abs(tensor.begin - end),
                    tensor.begin > end ? "after the end" : "before the end"));
      }
      end = tensor.end;
      if (end > dataBytes) {
        throw new Broken(tensor.name + " ends " + (end - dataBytes) + " bytes after the file");
      }
    }
    if (end < dataBytes) {
      throw new Broken("it has " + (dataBytes - end) + " bytes after its tensors");
    }
  }
}
