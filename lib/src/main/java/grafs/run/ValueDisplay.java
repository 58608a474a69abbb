package grafs.run;

import java.util.ServiceLoader;

/**
 * Has values of this package show themselves where they stand alone at the end of a notebook's
 * cell. The package {@code grafs.notebook} provides it as a service; without it, values show as
 * text.
 */
public interface ValueDisplay {

  /** Tells the kernel that this JVM runs in, if it is one's; a second call does nothing. */
  void register();

  /** Registers whatever is provided: to be called before a notebook can have such a value. */
  static void registerAll() {
    ServiceLoader.load(ValueDisplay.class, ValueDisplay.class.getClassLoader())
        .forEach(ValueDisplay::register);
  }
}
