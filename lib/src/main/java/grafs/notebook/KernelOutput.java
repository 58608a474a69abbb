package grafs.notebook;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Shows displays through the Jupyter kernel for Java that this JVM runs in: the Rapaio kernel,
 * IJava, or JJava, which grew out of IJava. The kit must not depend on any of them, so this class
 * calls them by reflection. Each of them has an object, the running kernel, with a method {@code
 * display(DisplayData)}; where that object is found differs, also between releases of JJava.
 */
final class KernelOutput implements Output {

  /** A class of a kernel, and its public static method or field that gives the running kernel. */
  private record Entry(String type, String member) {}

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry("org.rapaio.jupyter.kernel.MainApp", "kernel"),
          new Entry("io.github.spencerpark.ijava.IJava", "getKernelInstance"),
          new Entry("org.dflib.jjava.jupyter.kernel.BaseKernel", "notebookKernel"),
          new Entry("org.dflib.jjava.kernel.JavaNotebookStatics", "kernel"),
          new Entry("org.dflib.jjava.JJava", "getKernelInstance"));

  private final Object kernel;
  private final Method display;
  private final Class<?> dataType;

  // The object whose updateDisplay replaces a display: the kernel, or its stream of displays.
  private final Object updating;
  private final Method update;

  private KernelOutput(Object kernel) throws ReflectiveOperationException {
    this.kernel = kernel;
    display =
        Arrays.stream(kernel.getClass().getMethods())
            .filter(m -> m.getName().equals("display") && m.getParameterCount() == 1)
            .filter(m -> m.getParameterTypes()[0].getSimpleName().equals("DisplayData"))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodException(kernel.getClass() + ".display"));
    dataType = display.getParameterTypes()[0];
    // If the kernel's interface is not the expected one, this fails now, not hours into a run.
    data(Map.of());
    if (method(kernel, "updateDisplay", 1).isPresent()) {
      updating = kernel;
      update = kernel.getClass().getMethod("updateDisplay", dataType);
    } else {
      Object io = kernel.getClass().getMethod("getIO").invoke(kernel);
      updating = io.getClass().getField("display").get(io);
      update = updating.getClass().getMethod("updateDisplay", String.class, dataType);
    }
  }

  private static Optional<Method> method(Object object, String name, int parameters) {
    return Arrays.stream(object.getClass().getMethods())
        .filter(m -> m.getName().equals(name) && m.getParameterCount() == parameters)
        .findFirst();
  }

  /**
   * {@return the output of the running kernel, which then also renders the value of a cell's last
   * expression; {@link Output#CONSOLE} in a plain JVM, or if the kernel's interface is unknown}
   */
  static Output find() {
    String unknown = null;
    for (Entry entry : ENTRIES) {
      try {
        Object kernel = running(entry);
        if (kernel != null) {
          KernelOutput output = new KernelOutput(kernel);
          output.registerValues();
          return output;
        }
      } catch (ReflectiveOperationException e) {
        // The next entry may match this release of the kernel.
        unknown = "The kernel of " + entry.type + " has an unknown interface: " + e;
      }
    }
    if (unknown != null) {
      System.err.println(unknown + "; showing plain text");
    }
    return CONSOLE;
  }

  /** {@return the running kernel; null if this entry's kernel is not installed or not running} */
  private static Object running(Entry entry) throws ReflectiveOperationException {
    Class<?> type;
    try {
      type = Class.forName(entry.type, true, KernelOutput.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return null;
    }
    try {
      return type.getMethod(entry.member).invoke(null);
    } catch (NoSuchMethodException e) {
      return type.getField(entry.member).get(null);
    } catch (InvocationTargetException e) {
      // The method threw, as JJava's does if it is on the class path but not running.
      return null;
    }
  }

  @Override
  public void show(String id, Map<String, String> content, boolean again) {
    try {
      Object data = data(content);
      dataType.getMethod("setDisplayId", String.class).invoke(data, id);
      if (again) {
        update.invoke(updating, updating == kernel ? new Object[] {data} : new Object[] {id, data});
      } else {
        display.invoke(kernel, data);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The kernel refused a display of " + content.keySet(), e);
    }
  }

  /** {@return the kernel's {@code DisplayData} of a content, which is given by MIME type} */
  private Object data(Map<String, String> content) throws ReflectiveOperationException {
    Object empty;
    try {
      empty = dataType.getConstructor().newInstance();
    } catch (NoSuchMethodException e) {
      // In the Rapaio kernel, the constructors are not public.
      empty = dataType.getMethod("fromText", String.class).invoke(null, "");
    }
    return put(empty, content);
  }

  private static Object put(Object data, Map<String, String> content)
      throws ReflectiveOperationException {
    Method put = data.getClass().getMethod("putData", String.class, Object.class);
    for (Map.Entry<String, String> entry : content.entrySet()) {
      put.invoke(data, entry.getKey(), entry.getValue());
    }
    return data;
  }

  /**
   * Makes the kernel render the value of a cell's last expression by {@link Values#of}, if it is of
   * one of the {@link Values#TYPES}. If that fails, a message is printed and the kernel shows such
   * values as text.
   */
  private void registerValues() {
    try {
      Optional<Method> renderer = method(kernel, "getRenderer", 0);
      if (renderer.isPresent()) {
        registerWithIjava(renderer.get().invoke(kernel));
      } else {
        registerWithRapaio();
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      System.err.println(
          "A table or figure as the last value of a cell will be shown as text, since this kernel has an unknown interface; Show.table and Show.figure show it. The cause: "
              + e);
    }
  }

  /**
   * Registers with IJava's or JJava's renderer, whose method is {@code register(supported MIME
   * types, preferred MIME types, classes, function)}.
   */
  private static void registerWithIjava(Object renderer) throws ReflectiveOperationException {
    Method register =
        method(renderer, "register", 4)
            .orElseThrow(() -> new NoSuchMethodException(renderer.getClass() + ".register"));
    Class<?> function = register.getParameterTypes()[3];
    Class<?> mime =
        Class.forName(
            function.getPackageName() + ".mime.MIMEType", true, function.getClassLoader());
    Set<?> supported =
        Set.of(mime.getField("TEXT_HTML").get(null), mime.getField("TEXT_PLAIN").get(null));
    Object render =
        proxy(
            function,
            (proxy, method, arguments) -> {
              Object context = arguments[1];
              Object data = context.getClass().getMethod("getOutputContainer").invoke(context);
              put(data, Values.of(arguments[0]));
              return null;
            });
    register.invoke(renderer, supported, supported, Set.copyOf(Values.TYPES), render);
  }

  /**
   * Registers with the Rapaio kernel: puts a renderer for each type at the head of a private list,
   * since there is no public method for it.
   */
  @SuppressWarnings("unchecked")
  private void registerWithRapaio() throws ReflectiveOperationException {
    String display = dataType.getPackageName();
    Class<?> system = Class.forName(display + ".DisplaySystem", true, dataType.getClassLoader());
    Class<?> renderer =
        Class.forName(display + ".DisplayRenderer", true, dataType.getClassLoader());
    Field renderers = system.getDeclaredField("systemDisplayRenderers");
    renderers.setAccessible(true);
    List<Object> known = (List<Object>) renderers.get(system.getMethod("inst").invoke(null));
    for (Class<?> type : Values.TYPES) {
      InvocationHandler render =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "rendererClass" -> type;
                case "canRender" -> true;
                default -> data(Values.of(arguments[1]));
              };
      known.add(0, proxy(renderer, render));
    }
  }

  /** Implements an interface of the kernel by a handler of all methods but those of Object. */
  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "equals" -> proxy == arguments[0];
              case "hashCode" -> System.identityHashCode(proxy);
              case "toString" -> "renderer of " + Values.TYPES;
              default -> handler.invoke(proxy, method, arguments);
            });
  }
}
