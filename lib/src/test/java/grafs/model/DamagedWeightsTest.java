package grafs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import grafs.Fuzz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that {@link SafeTensors} reads damaged safetensors files safely. {@link Fuzz} makes the
 * damaged files: it changes, inserts or removes random bytes of a valid file. Each damaged file
 * must either be refused with an exception that names the file, or be read completely, so that each
 * array has as many bytes as its shape and type require.
 */
class DamagedWeightsTest {

  @TempDir Path temp;

  @Test
  void headers() throws IOException {
    Path file = temp.resolve("weights.safetensors");
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      tensors.put("layer.0/weight", manager.arange(24f).reshape(2, 3, 4));
      tensors.put("steps", manager.create(7L));
      tensors.put("bytes", manager.arange(5f).toType(DataType.UINT8, false));
      SafeTensors.write(file, tensors);
    }
    byte[] good = Files.readAllBytes(file);
    int header = 8 + (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Fuzz.damage("safetensors", good, header, bad -> read(Files.write(file, bad), bad.length));
    Fuzz.damage("safetensors, all", good, good.length, bad -> read(Files.write(file, bad), 1000));
  }

  /**
   * Reads a damaged file, and asserts that it is refused or read completely.
   *
   * @param file the file
   * @param most an array may have at most 8 · most elements. More elements would show that the
   *     reader allocates too much memory because of a damaged header
   */
  private static void read(Path file, int most) {
    try (NDManager manager = NDManager.newBaseManager()) {
      for (NDArray array : SafeTensors.read(file, manager).values()) {
        Shape shape = array.getShape();
        assertTrue(shape.size() <= 8L * most, shape + " of " + most + " bytes");
        assertEquals(
            shape.size() * array.getDataType().getNumOfBytes(), array.toByteBuffer().remaining());
      }
    } catch (IllegalArgumentException | UncheckedIOException e) {
      assertTrue(e.getMessage().contains("weights.safetensors"), e.getMessage());
    }
  }
}
