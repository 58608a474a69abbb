package org.dflib.jjava.jupyter.kernel.display;

/** A stand-in with the part of JJava's interface that values go through. */
public interface RenderFunction<T> {
  void render(T value, RenderContext context);
}
