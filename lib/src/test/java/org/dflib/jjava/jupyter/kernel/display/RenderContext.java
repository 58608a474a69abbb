package org.dflib.jjava.jupyter.kernel.display;

/** A stand-in with the part of JJava's interface that values go through. */
public class RenderContext {
  private final DisplayData data = new DisplayData();

  public DisplayData getOutputContainer() {
    return data;
  }
}
