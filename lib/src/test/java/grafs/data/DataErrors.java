package grafs.data;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Assertions on the messages of {@link ImageDataset#load} if a data set cannot be loaded. */
final class DataErrors {

  private DataErrors() {}

  /**
   * Asserts that loading fails with a message that contains the given parts. Returns the message.
   */
  static String assertSays(Object nameOrFolder, String... parts) {
    String message =
        assertThrows(DataException.class, () -> ImageDataset.load(nameOrFolder.toString()))
            .getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
    }
    return message;
  }
}
