package org.dflib.jjava.jupyter.kernel.display;

/**
 * Stands in for the interface of this name of JJava, a Java kernel for Jupyter. It converts values
 * of one type: it puts the contents that the notebook shows into the context.
 */
public interface RenderFunction<T> {
  void render(T value, RenderContext context);
}
