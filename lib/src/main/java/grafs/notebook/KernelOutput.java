package grafs.notebook;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.lang3.ClassUtils;
import org.apache.commons.lang3.reflect.ConstructorUtils;
import org.apache.commons.lang3.reflect.FieldUtils;
import org.apache.commons.lang3.reflect.MethodUtils;

/**
 * Sends displays, the outputs of a notebook's cell such as tables and figures, to the Jupyter
 * kernel, the program that executes a notebook's code. Three kernels for Java are supported: the
 * Rapaio kernel, IJava, and JJava, which was made from IJava. The kernel runs in this JVM. This
 * library must not depend on any kernel, so this class calls the kernel by reflection. Each kernel
 * has an object, the running kernel, with a method {@code display(DisplayData)}. Where this object
 * is found differs between the kernels, and between releases of JJava.
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

  /** The kernel's class {@code DisplayData}. */
  private final Class<?> dataType;

  /**
   * The object whose method {@code updateDisplay} replaces a display: the kernel or, if the kernel
   * has no such method, the object in the field {@code display} of what the kernel's {@code
   * getIO()} returns.
   */
  private final Object updating;

  private KernelOutput(Object kernel) throws ReflectiveOperationException {
    this.kernel = kernel;
    Class<?> type = kernel.getClass();
    dataType =
        Arrays.stream(type.getMethods())
            .filter(m -> m.getName().equals("display") && m.getParameterCount() == 1)
            .map(m -> m.getParameterTypes()[0])
            .filter(data -> data.getSimpleName().equals("DisplayData"))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodException(type + ".display"));
    updating =
        MethodUtils.getAccessibleMethod(type, "updateDisplay", dataType) != null
            ? kernel
            : FieldUtils.readField(MethodUtils.invokeMethod(kernel, "getIO"), "display");
    // If the kernel's interface is not the expected one, this fails now, not hours into a run.
    data(Map.of());
  }

  /**
   * Looks for the running kernel, and makes it render the value of a cell's last expression by
   * {@link Values}.
   *
   * @return an output that sends displays to that kernel; {@link Output#CONSOLE} in a plain JVM, or
   *     if the kernel's interface is unknown
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
        // A later entry may match: releases of JJava differ.
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
      // The method threw, as JJava's method does if JJava is on the class path but not running.
      return null;
    }
  }

  @Override
  public void show(String id, Map<String, String> content, boolean again) {
    try {
      Object data = data(content);
      MethodUtils.invokeMethod(data, "setDisplayId", id);
      if (!again) {
        MethodUtils.invokeMethod(kernel, "display", data);
      } else if (updating == kernel) {
        MethodUtils.invokeMethod(kernel, "updateDisplay", data);
      } else {
        MethodUtils.invokeMethod(updating, "updateDisplay", id, data);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The kernel refused a display of " + content.keySet(), e);
    }
  }

  /**
   * Makes an object of the kernel's class {@code DisplayData}.
   *
   * @param content the same content in several forms, by MIME type
   */
  private Object data(Map<String, String> content) throws ReflectiveOperationException {
    // In the Rapaio kernel, the constructors of DisplayData are not public.
    boolean open = ConstructorUtils.getAccessibleConstructor(dataType) != null;
    return put(
        open
            ? ConstructorUtils.invokeConstructor(dataType)
            : MethodUtils.invokeStaticMethod(dataType, "fromText", ""),
        content);
  }

  private static Object put(Object data, Map<String, String> content)
      throws ReflectiveOperationException {
    for (Map.Entry<String, String> entry : content.entrySet()) {
      MethodUtils.invokeMethod(data, "putData", entry.getKey(), entry.getValue());
    }
    return data;
  }

  /**
   * Makes the kernel render the value of a cell's last expression by {@link Values#of}, if the
   * value has one of the {@link Values#TYPES}. If the kernel's interface is unknown, prints a
   * message; the kernel then shows such values as text.
   */
  private void registerValues() {
    try {
      if (MethodUtils.getAccessibleMethod(kernel.getClass(), "getRenderer") != null) {
        registerWithIjava(MethodUtils.invokeMethod(kernel, "getRenderer"));
      } else {
        registerWithRapaio();
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      System.err.println(
          "A table or figure as the last value of a cell will be shown as text, since this kernel"
              + " has an unknown interface; Show.table and Show.figure show it. The cause: "
              + e);
    }
  }

  /**
   * Registers with IJava's or JJava's renderer, whose method is {@code register(supported MIME
   * types, preferred MIME types, classes, function)}.
   */
  private void registerWithIjava(Object renderer) throws ReflectiveOperationException {
    Class<?> mime = displayType("mime.MIMEType");
    Set<?> types =
        Set.of(mime.getField("TEXT_HTML").get(null), mime.getField("TEXT_PLAIN").get(null));
    Object render =
        proxy(
            "RenderFunction",
            (proxy, method, arguments) -> {
              put(
                  MethodUtils.invokeMethod(arguments[1], "getOutputContainer"),
                  Values.of(arguments[0]));
              return null;
            });
    MethodUtils.invokeMethod(renderer, "register", types, types, Set.copyOf(Values.TYPES), render);
  }

  /**
   * Registers with the Rapaio kernel: puts a renderer for each type at the head of a private list
   * of the kernel, since the kernel has no public method for this.
   */
  @SuppressWarnings("unchecked")
  private void registerWithRapaio() throws ReflectiveOperationException {
    Object system = MethodUtils.invokeStaticMethod(displayType("DisplaySystem"), "inst");
    List<Object> known =
        (List<Object>) FieldUtils.readDeclaredField(system, "systemDisplayRenderers", true);
    for (Class<?> type : Values.TYPES) {
      known.add(
          0,
          proxy(
              "DisplayRenderer",
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "rendererClass" -> type;
                    case "canRender" -> true;
                    default -> data(Values.of(arguments[1]));
                  }));
    }
  }

  /**
   * Implements an interface of the kernel, one in the same package as {@code DisplayData}. The
   * handler need not handle the methods of Object, since the kernel calls only those of the
   * interface.
   *
   * @param type the interface's simple name
   */
  private Object proxy(String type, InvocationHandler handler) throws ClassNotFoundException {
    return Proxy.newProxyInstance(
        dataType.getClassLoader(), new Class<?>[] {displayType(type)}, handler);
  }

  /**
   * {@return a class or interface of the kernel}
   *
   * @param name the name relative to the package of {@code DisplayData}, such as {@code
   *     mime.MIMEType}
   */
  private Class<?> displayType(String name) throws ClassNotFoundException {
    return ClassUtils.getClass(dataType.getClassLoader(), dataType.getPackageName() + "." + name);
  }
}
