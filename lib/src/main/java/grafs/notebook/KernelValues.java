package grafs.notebook;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the running kernel show {@link Values} as HTML if they are the last expression of a cell,
 * by registering their types with it. It uses reflection, like {@link KernelOutput}.
 */
final class KernelValues {

  private static final String RAPAIO = "org.rapaio.jupyter.kernel.display.";

  private KernelValues() {}

  /**
   * Adds the types.
   *
   * @param kernel the running kernel
   * @throws ReflectiveOperationException if the kernel's interface is unknown
   */
  static void register(Object kernel) throws ReflectiveOperationException {
    Method renderer = method(kernel.getClass(), "getRenderer", 0);
    if (renderer == null) {
      registerWithRapaio(kernel.getClass().getClassLoader());
    } else {
      registerWithIjava(renderer.invoke(kernel));
    }
  }

  private static Method method(Class<?> type, String name, int parameters) {
    return Arrays.stream(type.getMethods())
        .filter(m -> m.getName().equals(name) && m.getParameterCount() == parameters)
        .findFirst()
        .orElse(null);
  }

  /** IJava and JJava: {@code register(supported, preferred, types, function)}. */
  private static void registerWithIjava(Object renderer) throws ReflectiveOperationException {
    Method register = method(renderer.getClass(), "register", 4);
    if (register == null) {
      throw new NoSuchMethodException(renderer.getClass() + ".register");
    }
    Class<?> function = register.getParameterTypes()[3];
    String display = function.getPackageName();
    Class<?> mime = Class.forName(display + ".mime.MIMEType", true, function.getClassLoader());
    Set<?> supported =
        Set.of(mime.getField("TEXT_HTML").get(null), mime.getField("TEXT_PLAIN").get(null));
    InvocationHandler render =
        (proxy, method, arguments) -> {
          if (method.getName().equals("render")) {
            Object context = arguments[1];
            Object data = context.getClass().getMethod("getOutputContainer").invoke(context);
            put(data, Values.of(arguments[0]));
            return null;
          }
          return ofObject(proxy, method, arguments);
        };
    register.invoke(
        renderer,
        supported,
        supported,
        Set.copyOf(Values.TYPES),
        Proxy.newProxyInstance(function.getClassLoader(), new Class<?>[] {function}, render));
  }

  /** The Rapaio kernel: adds one renderer per type to a private list. */
  @SuppressWarnings("unchecked")
  private static void registerWithRapaio(ClassLoader loader) throws ReflectiveOperationException {
    Class<?> system = Class.forName(RAPAIO + "DisplaySystem", true, loader);
    Class<?> renderer = Class.forName(RAPAIO + "DisplayRenderer", true, loader);
    Method empty =
        Class.forName(RAPAIO + "DisplayData", true, loader).getMethod("fromText", String.class);
    Field renderers = system.getDeclaredField("systemDisplayRenderers");
    renderers.setAccessible(true);
    List<Object> known = (List<Object>) renderers.get(system.getMethod("inst").invoke(null));
    for (Class<?> type : Values.TYPES) {
      InvocationHandler render =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "rendererClass" -> type;
                case "canRender" -> true;
                case "render" -> put(empty.invoke(null, ""), Values.of(arguments[1]));
                default -> ofObject(proxy, method, arguments);
              };
      known.add(
          0, Proxy.newProxyInstance(renderer.getClassLoader(), new Class<?>[] {renderer}, render));
    }
  }

  static Object put(Object data, Map<String, String> content) throws ReflectiveOperationException {
    Method put = data.getClass().getMethod("putData", String.class, Object.class);
    for (Map.Entry<String, String> entry : content.entrySet()) {
      put.invoke(data, entry.getKey(), entry.getValue());
    }
    return data;
  }

  /** The methods of {@link Object}, which a proxy's handler has to implement. */
  private static Object ofObject(Object proxy, Method method, Object... arguments) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "renderer of " + Values.TYPES;
      default -> throw new UnsupportedOperationException(method.toString());
    };
  }
}
