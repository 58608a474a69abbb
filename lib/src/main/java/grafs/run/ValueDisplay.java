package grafs.run;

import java.util.ServiceLoader;

/**
 * Makes a notebook render a value of this package that is the last expression of a cell. The
 * package {@code grafs.notebook} provides it as a service; without it, values are shown as text.
 */
public interface ValueDisplay {

  /** Registers with the kernel that this JVM runs in, if any; a second call does nothing. */
  void register();

  /** Registers all services provided; to be called before a notebook can have such a value. */
  static void registerAll() {
    ServiceLoader.load(ValueDisplay.class, ValueDisplay.class.getClassLoader())
        .forEach(ValueDisplay::register);
  }
}
