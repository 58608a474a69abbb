package grafs.notebook;

import java.util.Map;

/**
 * The destination of a notebook's displays, such as tables and figures: the running Jupyter kernel,
 * which is the program that executes the notebook's code, or standard output if no kernel runs.
 */
interface Output {

  /** Prints the plain text of each display on standard output; used if no kernel runs. */
  Output CONSOLE = (id, data, again) -> System.out.println(data.get("text/plain"));

  /**
   * Shows a display.
   *
   * @param id identifies the display, so that a later call can replace it
   * @param data the same content in several forms, by MIME type; one is {@code text/plain}
   * @param again whether to replace the display that has that identifier, instead of adding one
   */
  void show(String id, Map<String, String> data, boolean again);
}
