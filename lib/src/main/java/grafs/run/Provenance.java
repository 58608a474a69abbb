package grafs.run;

import ai.djl.Device;
import ai.djl.engine.Engine;
import grafs.data.ProjectHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run's results come from.
 *
 * @param code the commit of the project that ran, with {@code , changed} where files differed from
 *     it; {@code unknown} outside a repository
 * @param java the Java runtime
 * @param djl DJL's version
 * @param engine the engine's version, PyTorch's
 * @param system the operating system and processor architecture
 * @param threads the processors that Java saw
 * @param device what computed, such as {@code cpu()} or {@code gpu(0)}
 * @param started when the run was begun
 */
public record Provenance(
    String code,
    String java,
    String djl,
    String engine,
    String system,
    int threads,
    String device,
    String started) {

  /**
   * What a run comes from that begins now, here.
   *
   * @param code the commit that runs
   * @return the provenance
   */
  static Provenance now(String code) {
    return new Provenance(
        code,
        Runtime.version().toString(),
        Engine.getDjlVersion(),
        Engine.getInstance().getVersion(),
        System.getProperty("os.name") + ", " + System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        Device.fromName("").toString(),
        OffsetDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** {@return whether the same code, libraries and device are named} */
  boolean sameSoftware(Provenance other) {
    return code.equals(other.code)
        && djl.equals(other.djl)
        && engine.equals(other.engine)
        && device.equals(other.device);
  }

  private static final class Code {
    // Once: what is edited later is not what runs.
    static final String COMMIT = find();
  }

  /** {@return the commit of the project here, as in {@link #code}} */
  static String commit() {
    return Code.COMMIT;
  }

  private static String find() {
    Path home = ProjectHome.find().orElse(null);
    if (home == null) {
      return "unknown";
    }
    String head = git(home, "rev-parse", "HEAD");
    String changes = git(home, "status", "--porcelain", "--untracked-files=no");
    return head.isEmpty() ? "unknown" : changes.isEmpty() ? head : head + ", changed";
  }

  /** What git prints; nothing where there is no git, or no repository. */
  private static String git(Path home, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", home.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String printed =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? printed : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
