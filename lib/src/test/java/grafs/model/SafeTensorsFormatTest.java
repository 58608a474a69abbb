package grafs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import grafs.Seed;
import grafs.SharedFolder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests which files {@link SafeTensors} reads. It must read every valid safetensors file, unless
 * the file has a tensor of an unsupported type or of 2 GiB or more. It must refuse all other files,
 * and the message must say why.
 */
@ExtendWith(Seed.class)
class SafeTensorsFormatTest {

  @TempDir Path temp;

  private final long seed = Seed.get();
  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  /**
   * Writes a file with the length of the header, the header, and {@code dataBytes} bytes of value
   * 0.
   */
  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return file(json.length, json, dataBytes);
  }

  /**
   * Writes a file.
   *
   * @param length the number for the file's first eight bytes, which give the length of the header;
   *     it may be wrong
   * @param header the header
   * @param dataBytes the number of bytes after the header, which are 0
   */
  private Path file(long length, byte[] header, int dataBytes) throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(length).put(header);
    return Files.write(temp.resolve("given.safetensors"), buffer.array());
  }

  @Test
  void brokenFilesAreRefused() throws IOException {
    String good = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}";
    assertEquals(new Shape(2, 3), SafeTensors.read(file(good, 24), manager).get("a").getShape());
    assertRefused(file(good, 23), "its header has a ");
    assertRefused(Files.write(temp.resolve("e"), new byte[0]), "it ends too early");
    assertRefused(Files.write(temp.resolve("e"), new byte[7]), "it ends too early");
    byte[] json = good.getBytes(StandardCharsets.UTF_8);
    for (long length : new long[] {0, -1, json.length + 25, Long.MAX_VALUE, 1L << 31}) {
      assertRefused(
          file(length, json, 24),
          "must have 2 to %d bytes, but has %d".formatted(json.length + 24, length));
    }
    assertRefused(file(json.length - 1, json, 24), "not a safetensors file");
    assertRefused(file("[1, 2]", 24), "not a safetensors file");
    byte[] garbage = new byte[1000];
    new Random(seed).nextBytes(garbage);
    assertRefused(file(500, garbage, 0), "");
    for (String change :
        List.of(
            "[0,24]:[0,20]",
            "[0,24]:[0,24,24]",
            "[0,24]:[24,0]",
            "[0,24]:[-8,16]",
            "[0,24]:[0]",
            "[0,24]:[0,9223372036854775807]",
            "[2,3]:[2,4]",
            "[2,3]:[-2,-3]",
            "[2,3]:[4294967296,4294967296]",
            "F32:F31",
            "[0,24]:[0,23.5]")) {
      String[] pair = change.split(":");
      assertRefused(file(good.replace(pair[0], pair[1]), 24), "its header has a ");
    }
    String needed = "but a tensor needs a dtype, a shape and data_offsets";
    for (String key : List.of("dtype", "shape", "data_offsets")) {
      assertRefused(file(good.replace(key, "other"), 24), needed);
    }
    assertRefused(file("{\"a\":null}", 24), "its header has a as null, " + needed);
    assertRefused(file("null", 24), "its header is null");
    assertRefused(file(good.replace("[2,3]", "[-2,-3]"), 24), "but a shape has no negative");
    assertRefused(file(good.replace("[0,24]", "[-8,16]"), 24), "two numbers from 0 to 24");
    assertRefused(file(good.replace("[2,3]", "\"x\""), 24), "not a safetensors file");
    Path missing = temp.resolve("missing");
    assertThrows(UncheckedIOException.class, () -> SafeTensors.read(missing, manager));
  }

  /**
   * Writes a file with the length of the header, the header, and {@code dataBytes} bytes with the
   * values 0, 1, 2, ….
   */
  private Path counted(String header, int dataBytes) throws IOException {
    Path file = file(header, dataBytes);
    byte[] all = Files.readAllBytes(file);
    for (int i = 0; i < dataBytes; i++) {
      all[all.length - dataBytes + i] = (byte) i;
    }
    return Files.write(file, all);
  }

  /**
   * Returns the header's JSON entry for a tensor. Shape and place, the byte range, are JSON arrays.
   */
  private static String tensor(String name, String type, String shape, String place) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
        .formatted(name, type, shape, place);
  }

  @Test
  void everyTypeOfTheFormatIsReadOrRefusedByName() throws IOException {
    Path shared = temp.resolve("typed.safetensors");
    String widened = "{%s}".formatted(tensor("w", "TYPE", "[2]", "[0,BYTES]"));
    Map<String, double[]> expected = new LinkedHashMap<>();
    expected.put("BF16", new double[] {1, -2});
    expected.put("I16", new double[] {0x3f80, (short) 0xc000});
    expected.put("U16", new double[] {0x3f80, 0xc000});
    expected.forEach(
        (type, values) -> {
          try {
            byte[] bytes = Files.readAllBytes(file(named(widened, type, 4), 4));
            System.arraycopy(
                new byte[] {(byte) 0x80, 0x3f, 0, (byte) 0xc0}, 0, bytes, bytes.length - 4, 4);
            Files.write(shared, bytes);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          NDArray read = SafeTensors.read(shared, manager).get("w");
          assertArrayEquals(values, read.toType(DataType.FLOAT64, true).toDoubleArray(), type);
        });
    byte[] bytes = Files.readAllBytes(file(named(widened, "U32", 8), 8));
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(bytes.length - 8, -1)
        .putInt(bytes.length - 4, 7);
    Files.write(shared, bytes);
    NDArray wide = SafeTensors.read(shared, manager).get("w");
    assertArrayEquals(new long[] {(1L << 32) - 1, 7}, wide.toLongArray());

    for (String type : List.of("BOOL", "U8", "I8", "I32", "I64", "F16", "F32", "F64")) {
      int size = type.equals("BOOL") ? 1 : Integer.parseInt(type.substring(1)) / 8;
      NDArray read =
          SafeTensors.read(file(named(widened, type, 2 * size), 2 * size), manager).get("w");
      assertEquals(new Shape(2), read.getShape(), type);
      assertArrayEquals(new byte[2 * size], read.toByteArray(), type);
    }
    Map<String, Integer> others = new LinkedHashMap<>();
    List.of("U64", "C64").forEach(type -> others.put(type, 16));
    List.of("F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E5M2FNUZ", "F8_E4M3FNUZ")
        .forEach(type -> others.put(type, 2));
    others.put("F4", 1);
    for (Map.Entry<String, Integer> other : others.entrySet()) {
      String header = named(widened, other.getKey(), other.getValue());
      assertRefused(file(header, other.getValue()), "\"" + other.getKey() + "\"");
    }
    assertRefused(file(named(widened, "F12", 3), 3), "Unsupported");
  }

  /**
   * Replaces the placeholders TYPE and BYTES in a header by a tensor's type and its number of
   * bytes.
   */
  private static String named(String header, String type, int bytes) {
    return header.replace("TYPE", type).replace("BYTES", "" + bytes);
  }

  @Test
  void whatTheFormatsOwnReaderRefusesIsRefused() throws IOException {
    String a = tensor("a", "U8", "[4]", "[0,4]");
    String good = "{%s,%s}".formatted(a, tensor("b", "U8", "[2,2]", "[4,8]"));
    assertArrayEquals(
        new byte[] {4, 5, 6, 7},
        SafeTensors.read(counted(good, 8), manager).get("b").toByteArray());
    // This file is valid, although its header lists the tensors in another order than that of their
    // bytes, ends with spaces, and has metadata and an empty tensor.
    String other =
        "{%s,%s,%s,\"__metadata__\":{\"shape\":\"x\"}}   "
            .formatted(
                tensor("b", "U8", "[2,2]", "[4,8]"), a, tensor("none", "F32", "[0,3]", "[4,4]"));
    Map<String, NDArray> read = SafeTensors.read(counted(other, 8), manager);
    assertEquals(List.of("b", "a", "none"), List.copyOf(read.keySet()));
    assertArrayEquals(new byte[] {0, 1, 2, 3}, read.get("a").toByteArray());
    assertEquals(new Shape(0, 3), read.get("none").getShape());

    assertRefused(file(good, 9), "its tensors have 8 bytes, but 9 follow");
    assertRefused(file("{}", 3), "its tensors have 0 bytes, but 3 follow");
    assertRefused(
        file(good.replace("[4,8]", "[5,9]"), 9), "end at byte 4, but the next one begins");
    // The header is followed by as many bytes as the two tensors have together, but the byte ranges
    // of the tensors overlap by one byte.
    assertRefused(
        file(good.replace("[4,8]", "[3,7]"), 8), "end at byte 4, but the next one begins");
    assertRefused(file(good.replace("\"b\"", "\"a\""), 8), "duplicate key: a");
    assertRefused(file(good.replace("\"b\"", "\"\\u0061\""), 8), "duplicate key: a");
    for (String sloppy :
        List.of(
            good.replace("\"a\"", "'a'"),
            good.replace("\"a\"", "a"),
            good.replace(":[4]", "=[4]"),
            good.replace("},", "},,"),
            good.replace("[0,4]", "[0,4,]"),
            good.replace("[0,4]", "[0;4]"),
            good.replace("[0,4]", "[00,4]"),
            good.replace("[0,4]", "[0,99999999999999999999]"),
            good.replace("\"a\"", "\"a\n\""),
            "/* comment */" + good,
            ")]}'\n" + good,
            good + "{}",
            good.substring(0, good.length() - 1))) {
      assertRefused(file(sloppy, 8), "");
    }
    byte[] latin1 = good.replace("\"a\"", "\"\u00e9\"").getBytes(StandardCharsets.ISO_8859_1);
    assertRefused(file(latin1.length, latin1, 8), "not a safetensors file");
  }

  @Test
  void aTensorOfTwoGibibytesIsRefusedByName() throws IOException {
    long bytes = 1L << 31;
    for (String type : List.of("U8", "BF16")) {
      // Numbers of type BF16 take twice as many bytes in memory as in the file, since they are read
      // as float32.
      long own = type.equals("U8") ? bytes : bytes / 2;
      long count = type.equals("U8") ? own : own / 2;
      String header =
          "{%s}".formatted(tensor("large", type, "[%d]".formatted(count), "[0,%d]".formatted(own)));
      Path file = file(header, 0);
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(8 + header.length() + own);
      }
      assertRefused(file, "at most 2147483647 bytes, not 2147483648");
    }
  }

  @Test
  void filesThatWereFoundToBreakReadersAreReadOrRefused() {
    Path cases = SharedFolder.require("cases/safetensors");
    assertArrayEquals(
        new float[] {1, -2},
        SafeTensors.read(cases.resolve("bf16.safetensors"), manager).get("w").toFloatArray());
    assertArrayEquals(
        new int[] {-1, 2},
        SafeTensors.read(cases.resolve("i16.safetensors"), manager).get("w").toIntArray());
    assertRefused(cases.resolve("dup.safetensors"), "duplicate key: w");
    assertRefused(cases.resolve("trailing.safetensors"), "follow the header");
  }

  private void assertRefused(Path file, String expected) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> SafeTensors.read(file, manager))
            .getMessage();
    assertTrue(message.contains(expected) && message.contains(file.toString()), message);
  }
}
