package grafs.data;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Makes another folder the project's folder until this is closed. */
final class ProjectFolder implements AutoCloseable {

  private final String before = System.getProperty(ProjectHome.PROPERTY);

  ProjectFolder(Path folder) {
    Assumptions.assumeTrue(
        System.getenv(ProjectHome.VARIABLE) == null, "skipped: GRAFS_HOME is set");
    System.setProperty(ProjectHome.PROPERTY, folder.toString());
  }

  /** {@return the project's folder of a data set} */
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
