package grafs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {

  @TempDir Path temp;

  private final long seed = new Random().nextLong();
  private NDManager manager;

  @BeforeEach
  void open() {
    System.out.println("seed " + seed);
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private ResNet net() {
    ResNet net = ResNet.of(8, 10, Activations.of("relu"));
    net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
    return net;
  }

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return file(json.length, json, dataBytes);
  }

  private Path file(long length, byte[] header, int dataBytes) throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(length).put(header);
    return Files.write(temp.resolve("given.safetensors"), buffer.array());
  }

  @Test
  void writtenAndReadAgainIsBitEqual() throws IOException {
    Random random = new Random(seed);
    ByteBuffer bits = ByteBuffer.allocateDirect(4 * 60).order(ByteOrder.nativeOrder());
    for (int i = 0; i < 60; i++) {
      // Any bits: NaNs with payloads, infinities, subnormal numbers, −0.
      bits.putInt(4 * i, random.nextInt());
    }
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    tensors.put("a.weight", manager.create(bits, new Shape(3, 4, 5), DataType.FLOAT32));
    tensors.put("b", manager.create(new long[] {Long.MIN_VALUE, -1, 7}));
    tensors.put("scalar", manager.create(Math.PI));
    tensors.put("bytes", manager.create(new byte[] {1, -2, 3}));
    tensors.put("ünïcode \"quoted\"", manager.ones(new Shape(2, 1)));
    tensors.put("transposed", manager.arange(6f).reshape(2, 3).transpose());
    Path file = temp.resolve("weights.safetensors");
    SafeTensors.write(file, tensors);
    SafeTensors.write(file, tensors);
    try (Stream<Path> files = Files.list(temp)) {
      assertEquals(List.of(file), files.toList(), "nothing else is left");
    }
    Map<String, NDArray> read = SafeTensors.read(file, manager);
    assertEquals(tensors.keySet(), read.keySet());
    tensors.forEach(
        (name, array) -> {
          assertEquals(array.getDataType(), read.get(name).getDataType(), name);
          assertEquals(array.getShape(), read.get(name).getShape(), name);
          assertArrayEquals(array.toByteArray(), read.get(name).toByteArray(), name);
        });
  }

  @Test
  void networksExchangeTheirParameters() {
    ResNet from = net();
    ResNet to = net();
    Path file = temp.resolve("net.safetensors");
    SafeTensors.save(file, from.stateDict());
    SafeTensors.load(file, to.stateDict());
    from.stateDict()
        .forEach(
            (name, p) -> {
              NDArray array = to.stateDict().get(name).getArray();
              assertArrayEquals(p.getArray().toByteArray(), array.toByteArray(), name);
              assertEquals(p.requiresGradient(), array.hasGradient(), name);
            });
  }

  @Test
  void weightsThatDoNotFitChangeNothing() {
    ResNet net = net();
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    net.stateDict().forEach((name, p) -> tensors.put(name, p.getArray().zerosLike()));
    byte[] before = net.stateDict().get("conv1.weight").getArray().toByteArray();
    Path file = temp.resolve("net.safetensors");

    NDArray linear = tensors.remove("linear.weight");
    assertSays(net, file, tensors, "lacks linear.weight");
    tensors.put("linear.weight", linear);
    tensors.put("fc.weight", linear);
    assertSays(net, file, tensors, "does not, fc.weight");
    tensors.remove("fc.weight");
    tensors.put("linear.weight", linear.transpose());
    assertSays(net, file, tensors, "linear.weight as float32(64, 10), the network as float32(10");
    tensors.put("linear.weight", linear.toType(DataType.FLOAT64, true));
    assertSays(net, file, tensors, "linear.weight as float64");
    assertArrayEquals(before, net.stateDict().get("conv1.weight").getArray().toByteArray());

    tensors.put("linear.weight", linear);
    tensors.put("bn1.num_batches_tracked", manager.create(5L));
    SafeTensors.write(file, tensors);
    SafeTensors.load(file, net.stateDict());
    assertEquals(0, net.stateDict().get("conv1.weight").getArray().abs().sum().getFloat());
    ResNet raw = ResNet.of(8, 10, Activations.of("relu"));
    assertThrows(IllegalStateException.class, () -> SafeTensors.load(file, raw.stateDict()));
  }

  private static void assertSays(
      ResNet net, Path file, Map<String, NDArray> tensors, String expected) {
    SafeTensors.write(file, tensors);
    String message =
        assertThrows(IllegalArgumentException.class, () -> SafeTensors.load(file, net.stateDict()))
            .getMessage();
    assertTrue(message.contains(expected) && message.contains("net.safetensors"), message);
  }

  @Test
  void brokenFilesAreRefused() throws IOException {
    String good = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}";
    assertEquals(new Shape(2, 3), SafeTensors.read(file(good, 24), manager).get("a").getShape());
    assertRefused(file(good, 23), "a ends 1 bytes after the file");
    assertRefused(Files.write(temp.resolve("e"), new byte[0]), "it has 0 bytes");
    assertRefused(Files.write(temp.resolve("e"), new byte[7]), "it has 7 bytes");
    byte[] json = good.getBytes(StandardCharsets.UTF_8);
    for (long length : new long[] {0, -1, json.length + 25, Long.MAX_VALUE, 1L << 31}) {
      assertRefused(file(length, json, 24), "its header would have " + length + " bytes");
    }
    assertRefused(file(json.length - 1, json, 24), "not a JSON object");
    assertRefused(file("[1, 2]", 24), "not a JSON object");
    byte[] garbage = new byte[1000];
    new Random(seed).nextBytes(garbage);
    assertRefused(file(500, garbage, 0), "");
    for (String change :
        List.of(
            "[0,24]:[0,20]",
            "[0,24]:[24,0]",
            "[0,24]:[-8,16]",
            "[0,24]:[0]",
            "[0,24]:[0,9223372036854775807]",
            "[2,3]:[2,4]",
            "[2,3]:[-2,-3]",
            "[2,3]:[4294967296,4294967296]",
            "[2,3]:\"x\"",
            "F32:F31",
            "dtype:type")) {
      String[] pair = change.split(":");
      assertRefused(file(good.replace(pair[0], pair[1]), 24), "its header has a as");
    }
    Path missing = temp.resolve("missing");
    assertThrows(UncheckedIOException.class, () -> SafeTensors.read(missing, manager));
  }

  private void assertRefused(Path file, String expected) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> SafeTensors.read(file, manager))
            .getMessage();
    assertTrue(message.contains(expected) && message.contains(file.toString()), message);
  }

  @Test
  void whatCannotBeWrittenLeavesTheOldFile() throws IOException {
    Path file = temp.resolve("weights.safetensors");
    Files.createDirectory(file);
    Files.createFile(file.resolve("kept"));
    Map<String, NDArray> tensors = Map.of("a", manager.ones(new Shape(2)));
    assertThrows(UncheckedIOException.class, () -> SafeTensors.write(file, tensors));
    assertThrows(
        UncheckedIOException.class,
        () -> SafeTensors.write(temp.resolve("no/such/folder/x"), tensors));
    assertTrue(Files.exists(file.resolve("kept")));
    assertEquals(1, temp.toFile().list().length, Arrays.toString(temp.toFile().list()));
  }
}
