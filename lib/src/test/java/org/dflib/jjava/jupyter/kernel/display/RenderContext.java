package org.dflib.jjava.jupyter.kernel.display;

/**
 * Replaces, in tests, the class of the same name in JJava, a Java kernel for Jupyter. A {@link
 * RenderFunction} converts a value, and puts the contents that the notebook shows into this
 * context.
 */
public class RenderContext {
  private final DisplayData data = new DisplayData();

  public DisplayData getOutputContainer() {
    return data;
  }
}
