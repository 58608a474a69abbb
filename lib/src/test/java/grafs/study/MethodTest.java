package grafs.study;

import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.nas.SearchSettings;
import grafs.run.Scale;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link Method}, the search methods that are compared on regressions whose best activation
 * is known.
 */
class MethodTest {

  @Test
  void noTwoMethodsSearchAlike() {
    SearchSettings scale = Scale.resnet("quick").search();
    Set<String> seen = new HashSet<>();
    for (Method method : Method.values()) {
      if (method != Method.NONE && method != Method.RANDOM && method != Method.EVOLUTION) {
        assertTrue(seen.add(method.settings(scale) + " " + method.bounded()), method.title());
      }
    }
  }
}
