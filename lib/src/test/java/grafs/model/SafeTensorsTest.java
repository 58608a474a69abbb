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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that {@link SafeTensors} writes and reads tensors unchanged. If a file does not fit a
 * network, loading the file must leave the network's parameters unchanged. If a file cannot be
 * written, what was at its path must stay.
 */
@ExtendWith(Seed.class)
class SafeTensorsTest {

  @TempDir Path temp;

  private final long seed = Seed.get();
  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  private ResNet net() {
    ResNet net = ResNet.of(8, 10, Activations.of("relu"));
    net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
    return net;
  }

  @Test
  void writtenAndReadAgainIsBitEqual() throws IOException {
    Random random = new Random(seed);
    ByteBuffer bits = ByteBuffer.allocateDirect(4 * 60).order(ByteOrder.nativeOrder());
    for (int i = 0; i < 60; i++) {
      bits.putInt(4 * i, random.nextInt());
    }
    // The bits of special float32 numbers: infinity, −0, the smallest subnormal number, and a NaN
    // with a payload.
    int[] special = {0x7f800000, 0x80000000, 1, 0xffc12345};
    IntStream.range(0, special.length).forEach(i -> bits.putInt(4 * i, special[i]));
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
  void whatCannotBeWrittenLeavesTheOldFile() throws IOException {
    Path file = temp.resolve("weights.safetensors");
    Files.createDirectory(file);
    Files.createFile(file.resolve("kept"));
    Map<String, NDArray> tensors = Map.of("a", manager.ones(new Shape(2)));
    assertThrows(UncheckedIOException.class, () -> SafeTensors.write(file, tensors));
    Path inFile = file.resolve("kept").resolve("x");
    assertThrows(UncheckedIOException.class, () -> SafeTensors.write(inFile, tensors));
    assertTrue(Files.exists(file.resolve("kept")));
    assertEquals(1, temp.toFile().list().length, Arrays.toString(temp.toFile().list()));
  }
}
