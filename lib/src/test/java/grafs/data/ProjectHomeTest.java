package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProjectHomeTest {

  /** Paths in the project are shown relative to its folder, others as they are. */
  @Test
  void pathsAreShortenedWithinTheProject() {
    Path run = Path.of("results", "minigpt", "seed-1");
    assertEquals(run, ProjectHome.shortened(ProjectHome.path().resolve(run)));
    Path elsewhere = ProjectHome.path().resolveSibling("elsewhere").resolve(run);
    assertEquals(elsewhere, ProjectHome.shortened(elsewhere));
  }
}
