package grafs.run;

import ai.djl.Device;
import ai.djl.engine.Engine;
import grafs.data.ProjectHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

/**
 * Where a run's results come from.
 *
 * @param code the commit of the project that ran, with {@code , changed} where files differed from
 *     it; {@code unknown} outside a repository
 * @param java the Java runtime
 * @param djl DJL's version
 * @param engine the engine's version, PyTorch's
 * @param system the operating system and processor architecture
 * @param threads the number of processors available to Java
 * @param device the device of the tensors, such as {@code cpu()} or {@code gpu(0)}
 * @param started when the run was begun
 */
record Provenance(
    String code,
    String java,
    String djl,
    String engine,
    String system,
    int threads,
    String device,
    String started) {

  /**
   * Returns the provenance of a run that begins now in this process.
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

  /** {@return whether code, DJL, engine and device are the same} */
  boolean sameSoftware(Provenance other) {
    return code.equals(other.code)
        && djl.equals(other.djl)
        && engine.equals(other.engine)
        && device.equals(other.device);
  }

  // Determined once: files that are edited later are not the code that runs.
  private static final String COMMIT = ProjectHome.find().map(Provenance::find).orElse("unknown");

  /** {@return the commit of the project here, as in {@link #code}} */
  static String commit() {
    return COMMIT;
  }

  private static String find(Path home) {
    try {
      // The commit's full hash, whatever tags there are.
      Process git =
          new ProcessBuilder(
                  "git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=, changed")
              .directory(home.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String printed =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.onExit().join().exitValue() == 0 ? printed : "unknown";
    } catch (IOException e) {
      return "unknown";
    }
  }
}
