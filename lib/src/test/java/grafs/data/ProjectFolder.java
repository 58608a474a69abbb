package grafs.data;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Makes a folder the project's folder, as {@link ProjectHome} finds it, until {@link #close()}.
 * Skips the calling test if the environment variable that names the project's folder is set, since
 * a test cannot change it.
 */
final class ProjectFolder implements AutoCloseable {

  private final String before = System.getProperty(ProjectHome.PROPERTY);

  ProjectFolder(Path folder) {
    Assumptions.assumeTrue(
        System.getenv(ProjectHome.VARIABLE) == null, "skipped: GRAFS_HOME is set");
    System.setProperty(ProjectHome.PROPERTY, folder.toString());
  }

  /** {@return the folder of the data set of this name in the project} */
  Path datasets(String name) {
    return ProjectHome.path().resolve("datasets").resolve(name);
  }

  @Override
  public void close() {
    if (before == null) {
      System.clearProperty(ProjectHome.PROPERTY);
    } else {
      System.setProperty(ProjectHome.PROPERTY, before);
    }
  }
}
