package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Tests how paths are shortened for display. */
class ProjectHomeTest {

  /** Paths in the project are displayed relative to its folder, other paths unchanged. */
  @Test
  void pathsAreShortenedWithinTheProject() {
    Path run = Path.of("results", "minigpt", "seed-1");
    assertEquals(run, ProjectHome.shortened(ProjectHome.path().resolve(run)));
    Path elsewhere = ProjectHome.path().resolveSibling("elsewhere").resolve(run);
    assertEquals(elsewhere, ProjectHome.shortened(elsewhere));
  }
}
