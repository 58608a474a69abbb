package grafs.run;

import ai.djl.Device;
import ai.djl.engine.Engine;
import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import grafs.data.ProjectHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

/**
 * The software and device that a run was made with, and the time at which it began. A run is a
 * search for an activation function or a training of a network. The provenance is kept in the run's
 * {@code config.json} ({@link RunStore.Header}), so that results of different versions of the
 * software can be told apart.
 *
 * @param code the commit of the project's code, followed by {@code , changed} if files differed
 *     from the commit; {@code unknown} outside a Git repository
 * @param java the version of the Java runtime
 * @param djl the version of DJL
 * @param engine the version of DJL's engine, PyTorch
 * @param system the operating system and processor architecture
 * @param threads the number of processors available to Java
 * @param device the device that computed, such as {@code cpu()} or {@code gpu(0)}
 * @param started the date and time at which the run began
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
   * Returns the provenance of a run that begins now, in this process.
   *
   * @param code the commit of the program that runs
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

  /**
   * {@return whether code, DJL, engine and device are the same; Java, system and number of
   * processors may differ}
   */
  boolean sameSoftware(Provenance other) {
    return code.equals(other.code)
        && djl.equals(other.djl)
        && engine.equals(other.engine)
        && device.equals(other.device);
  }

  // Determined once per process: files that are edited later are not the code that runs.
  private static final Supplier<String> COMMIT =
      Suppliers.memoize(() -> ProjectHome.find().map(Provenance::find).orElse("unknown"));

  /**
   * {@return the commit of the code that this process runs, in the form of {@link #code}}
   *
   * @throws grafs.data.DataException if the environment variable or system property that names the
   *     project's folder names something that is not a folder
   */
  static String commit() {
    return COMMIT.get();
  }

  private static String find(Path home) {
    try {
      // Prints the commit's full hash, even if a tag names the commit.
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
