package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that the losses in the first steps of a search for an activation function are the same on a
 * GPU as on the CPU, up to rounding errors. On a machine without a GPU, the code for GPUs runs on
 * the CPU.
 */
@Tag("slow")
class DeviceAgreementTest {

  @TempDir private Path temp;

  @ParameterizedTest
  @EnumSource(names = {"RESNET_20", "VIT_TI", "GPT_MINI"})
  void lossesAgree(PaperModel model) throws Exception {
    Assumptions.assumeTrue(
        Files.isDirectory(Path.of("/usr/share/datasets/fashion-mnist")),
        "the package dataset-fashion-mnist is not installed");
    boolean gpu = Engine.getInstance().getGpuCount() > 0;
    // There are few steps, since one step of the code for GPUs takes some seconds on a CPU, and
    // since each step amplifies the differences of the steps before. The differences arise above
    // all near kinks of functions: the code for GPUs reads functions from tables, which are less
    // accurate near kinks. After ten steps, ResNet's losses on the two devices differ by
    // hundredths.
    int steps = 3;
    List<String> cpu = lines(model, steps, "-1", false);
    List<String> other = lines(model, steps, null, !gpu);
    assertTrue(cpu.get(0).equals("device cpu()"), cpu.get(0));
    assertTrue(other.get(0).startsWith(gpu ? "device gpu" : "device cpu"), other.get(0));
    double[] expected = losses(cpu);
    double[] found = losses(other);
    assertEquals(2 * steps, expected.length);
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(found[i] - expected[i]));
    }
    System.out.printf(
        "%s on %s: losses of %d steps differ by up to %.1e%n", model, other.get(0), steps, largest);
    assertTrue(largest < 2e-3, model + ": losses differ by " + largest);
  }

  private static double[] losses(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("loss "))
        .mapToDouble(line -> Double.parseDouble(line.substring(5)))
        .toArray();
  }

  /**
   * Runs {@link DeviceLosses} in a process of its own and returns the lines that it prints.
   *
   * @param visible the GPUs that the process sees, as in {@code CUDA_VISIBLE_DEVICES}; {@code -1}
   *     for none; null for all
   * @param likeGpu whether a CPU runs the code for GPUs
   */
  private List<String> lines(PaperModel model, int steps, String visible, boolean likeGpu)
      throws IOException, InterruptedException {
    Path out = temp.resolve(model + "-" + visible + ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-Dgrafs.likeGpu=" + likeGpu,
            "-cp",
            System.getProperty("java.class.path"),
            DeviceLosses.class.getName(),
            model.name(),
            Integer.toString(steps),
            "DRNAS");
    if (visible != null) {
      builder.environment().put("CUDA_VISIBLE_DEVICES", visible);
    }
    Path errors = temp.resolve("errors.txt");
    int status =
        builder.redirectOutput(out.toFile()).redirectError(errors.toFile()).start().waitFor();
    assertEquals(0, status, Files.readString(errors, StandardCharsets.UTF_8));
    return Files.readAllLines(out, StandardCharsets.UTF_8);
  }
}
