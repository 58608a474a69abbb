package grafs.notebook;

import java.util.Map;

/** Where a notebook's displays go: the running kernel, or standard output when there is none. */
interface Output {

  /** Prints the plain text of a display, for use outside a kernel. */
  Output CONSOLE =
      (id, data, again) -> {
        String text = data.get("text/plain");
        if (text != null) {
          System.out.println(text);
        }
      };

  /**
   * Shows something.
   *
   * @param id the display's identifier, by which it can be replaced later
   * @param data the same content in one or more MIME types
   * @param again whether to replace the display of that identifier instead of adding one
   */
  void show(String id, Map<String, String> data, boolean again);
}
