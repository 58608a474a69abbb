package grafs.notebook;

import java.util.Map;

/**
 * The destination of a notebook's displays, such as tables and figures: the running Jupyter kernel,
 * or standard output if there is none.
 */
interface Output {

  /** Prints the plain text of each display on standard output, for use outside a kernel. */
  Output CONSOLE = (id, data, again) -> System.out.println(data.get("text/plain"));

  /**
   * Shows a display.
   *
   * @param id identifies the display, so that a later call can replace it
   * @param data the same content in several forms, by MIME type; one is {@code text/plain}
   * @param again whether to replace the display of that identifier, instead of adding a new one
   */
  void show(String id, Map<String, String> data, boolean again);
}
