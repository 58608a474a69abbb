package grafs.data.fetch;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** A file that did not come over the network. */
final class TransferException extends IOException {

  private static final long serialVersionUID = 1L;

  private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);

  private final boolean passing;
  private final Duration wait;

  private TransferException(String message, boolean passing, Duration wait) {
    super(message);
    this.passing = passing;
    this.wait = wait;
  }

  /** One that another attempt will not have changed. */
  static TransferException lasting(String message) {
    return new TransferException(message, false, null);
  }

  /**
   * One that another attempt may not meet, after the pause that the server asks for, if it does.
   */
  static TransferException passing(String message, Optional<Duration> wait) {
    return new TransferException(message, true, wait.orElse(null));
  }

  static TransferException passing(String message) {
    return passing(message, Optional.empty());
  }

  /**
   * An answer that is not the file.
   *
   * @param status of the answer
   * @param retryAfter its header Retry-After, of which only a number of seconds is understood
   */
  static TransferException of(int status, Optional<String> retryAfter) {
    String answer = "the server answers " + status;
    if (PASSING.contains(status)) {
      return passing(
          answer,
          retryAfter
              .filter(s -> s.matches("\\d{1,9}"))
              .map(s -> Duration.ofSeconds(Long.parseLong(s))));
    }
    return lasting(
        answer
            + switch (status) {
              case 401, 403 -> ": it does not give the file out";
              case 404, 410 -> ": it has the file no longer";
              default -> "";
            });
  }

  boolean isPassing() {
    return passing;
  }

  Optional<Duration> waiting() {
    return Optional.ofNullable(wait);
  }
}
