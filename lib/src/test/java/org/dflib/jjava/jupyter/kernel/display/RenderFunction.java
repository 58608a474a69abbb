package org.dflib.jjava.jupyter.kernel.display;

/**
 * Replaces, in tests, the interface of the same name in JJava, a Java kernel for Jupyter. A
 * function converts values of one type: it puts the contents that the notebook shows into the
 * context.
 */
public interface RenderFunction<T> {
  void render(T value, RenderContext context);
}
