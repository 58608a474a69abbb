package grafs.data.fetch;

import java.time.Duration;

/** Settings for tests. */
final class Fast {

  static final Patience PATIENCE =
      new Patience(
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          4,
          Duration.ofMillis(1),
          Duration.ofSeconds(2));

  static final Observer QUIET =
      new Observer() {
        @Override
        public void say(String line) {}

        @Override
        public void progress(String file, long done, long size) {}
      };

  private Fast() {}
}
