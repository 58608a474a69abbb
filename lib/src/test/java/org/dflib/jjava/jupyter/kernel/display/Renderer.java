package org.dflib.jjava.jupyter.kernel.display;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;

/** A stand-in with the part of JJava's interface that values go through. */
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

  /** {@return what a cell shows that ends with the value, by MIME type} */
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
