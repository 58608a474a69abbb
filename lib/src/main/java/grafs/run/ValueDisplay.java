package grafs.run;

import java.util.ServiceLoader;

/**
 * Makes a notebook show a value of this package as a table or a figure, if the last expression of a
 * cell has that value. The package {@code grafs.notebook} provides the implementation as a service;
 * without it, values are shown as text.
 */
public interface ValueDisplay {

  /**
   * Registers the display with the notebook kernel that this JVM runs in, if there is one. A second
   * call does nothing.
   */
  void register();

  /**
   * Registers every implementation that is provided as a service. Methods by which a notebook
   * obtains its first value of this package, such as {@link RunStore#here}, call this method.
   */
  static void registerAll() {
    ServiceLoader.load(ValueDisplay.class, ValueDisplay.class.getClassLoader())
        .forEach(ValueDisplay::register);
  }
}
