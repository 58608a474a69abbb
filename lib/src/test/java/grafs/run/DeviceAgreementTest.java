package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.util.cuda.CudaUtils;
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
 * A search goes the same way on a GPU as on the CPU. Where there is no GPU, on a CPU that computes
 * in the way of one.
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
    boolean gpu = CudaUtils.getGpuCount() > 0;
    // A step takes a CPU some seconds in the way of a GPU. Later steps multiply what rounding and
    // the kinks of a table leave: after ten, ResNet's losses differ by hundredths.
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

  /** What the process of a model prints, with some of the machine's GPUs to see. */
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
