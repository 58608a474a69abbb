package org.dflib.jjava.jupyter.kernel.display;

/**
 * Stands in for the class of this name of JJava, a Java kernel for Jupyter. It receives the
 * contents to which a value is converted.
 */
public class RenderContext {
  private final DisplayData data = new DisplayData();

  public DisplayData getOutputContainer() {
    return data;
  }
}
