package grafs.data.fetch;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Where a server sends a download on to. Not the HTTP client's own, which does not say why not. */
final class Redirects {

  /** How many in a row are followed. */
  static final int LIMIT = 5;

  private static final Set<Integer> STATUS = Set.of(301, 302, 303, 307, 308);

  private Redirects() {}

  static boolean isOne(int status) {
    return STATUS.contains(status);
  }

  /**
   * Returns the next address.
   *
   * @param from the address that answered
   * @param location what its header Location says
   * @throws TransferException if there is none, or it leads from an encrypted connection to an open
   *     one
   */
  static URI next(URI from, Optional<String> location) throws TransferException {
    URI to;
    try {
      to = from.resolve(location.orElse(""));
    } catch (IllegalArgumentException e) {
      throw refused(from, "'" + location.orElse("") + "', which is no address");
    }
    if (location.isEmpty() || to.getHost() == null) {
      throw refused(from, "nowhere");
    }
    String scheme = to.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("https")
        && !(scheme.equals("http") && from.getScheme().equalsIgnoreCase("http"))) {
      throw refused(from, to + ", which is not encrypted as " + from.getScheme() + " is");
    }
    return to;
  }

  private static TransferException refused(URI from, String to) {
    return TransferException.lasting(from + " sends on to " + to);
  }
}
