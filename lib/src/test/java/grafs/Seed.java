package grafs;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * The seed of the randomised tests: 1, or N with {@code -Dgrafs.seed=N}. A test class that uses the
 * seed has the annotation {@code @ExtendWith(Seed.class)}. The seed is then printed when one of its
 * tests fails.
 */
public final class Seed implements TestExecutionExceptionHandler {

  /** {@return the seed} */
  public static long get() {
    return Long.getLong("grafs.seed", 1);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
      throws Throwable {
    if (!(thrown instanceof TestAbortedException)) {
      System.out.println(context.getDisplayName() + " failed with -Dgrafs.seed=" + get());
    }
    throw thrown;
  }
}
