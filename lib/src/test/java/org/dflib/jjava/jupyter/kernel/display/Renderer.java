package org.dflib.jjava.jupyter.kernel.display;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;

/**
 * Replaces, in tests, the class of the same name in JJava, a Java kernel for Jupyter. It converts
 * the value at the end of a notebook cell to what the notebook shows.
 */
public class Renderer {
  private final Map<Class<?>, RenderFunction<Object>> functions = new LinkedHashMap<>();

  @SuppressWarnings("unchecked")
  public <T> void register(
      Set<MIMEType> supported,
      Set<MIMEType> preferred,
      Set<Class<? extends T>> types,
      RenderFunction<T> function) {
    types.forEach(type -> functions.put(type, (RenderFunction<Object>) function));
  }

  /** {@return the contents that a cell ending with this value shows, by MIME type} */
  public Map<String, Object> render(Object value) {
    RenderContext context = new RenderContext();
    functions.entrySet().stream()
        .filter(entry -> entry.getKey().isInstance(value))
        .findFirst()
        .orElseThrow()
        .getValue()
        .render(value, context);
    return context.getOutputContainer().data;
  }
}
