package org.dflib.jjava.jupyter.kernel;

import java.util.ArrayList;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;

/**
 * Replaces, in tests, the class of the same name in JJava, a Java kernel for Jupyter. It has only
 * the methods by which code in a notebook shows values, so that tests of such code need no kernel.
 */
public class BaseKernel {

  /** The kernel that {@link #notebookKernel} returns; null at first, as outside a notebook. */
  public static BaseKernel running;

  public final List<String> log = new ArrayList<>();

  public static BaseKernel notebookKernel() {
    if (running == null) {
      throw new IllegalStateException("no kernel");
    }
    return running;
  }

  public void display(DisplayData data) {
    log.add("display " + data.id + " " + data.data);
  }

  public final Renderer renderer = new Renderer();

  public Renderer getRenderer() {
    return renderer;
  }

  public Io getIO() {
    return new Io();
  }

  public class Io {
    public final Stream display = new Stream();
  }

  public class Stream {
    public void updateDisplay(String id, DisplayData data) {
      log.add("update " + id + " " + data.data);
    }
  }
}
