package grafs.notebook;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Displays through the Java kernel that this JVM runs in. It uses reflection, because the kernels
 * are alternatives and none of them is a library to depend on: the Rapaio kernel, IJava, and JJava,
 * which grew out of IJava and has moved its entry point between releases. They agree in having a
 * kernel object with {@code display(DisplayData)}.
 */
final class KernelOutput implements Output {

  /** Class and the public static field or method that holds the running kernel. */
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

  private KernelOutput(Object kernel) throws ReflectiveOperationException {
    this.kernel = kernel;
    this.display =
        Arrays.stream(kernel.getClass().getMethods())
            .filter(m -> m.getName().equals("display") && m.getParameterCount() == 1)
            .filter(m -> m.getParameterTypes()[0].getSimpleName().equals("DisplayData"))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodException(kernel.getClass() + ".display"));
    this.dataType = display.getParameterTypes()[0];
    // An unknown interface fails here, not hours into a run.
    data(Map.of());
    updater();
  }

  /** The running kernel's output, or {@link Output#CONSOLE} in a plain JVM. */
  static Output find() {
    String unknown = null;
    for (Entry entry : ENTRIES) {
      try {
        Object kernel = running(entry);
        if (kernel != null) {
          KernelOutput output = new KernelOutput(kernel);
          registerValues(kernel);
          return output;
        }
      } catch (ReflectiveOperationException e) {
        // Another entry may match this release of the kernel.
        unknown = "The kernel of " + entry.type + " has an unknown interface: " + e;
      }
    }
    if (unknown != null) {
      System.err.println(unknown + "; showing plain text");
    }
    return CONSOLE;
  }

  private static void registerValues(Object kernel) {
    try {
      KernelValues.register(kernel);
    } catch (ReflectiveOperationException | RuntimeException e) {
      System.err.println("A value that stands alone in a cell shows as text: " + e);
    }
  }

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
      // The kernel is on the class path but not running; JJava's notebookKernel() then throws.
      return null;
    }
  }

  @Override
  public void show(String id, Map<String, String> content, boolean again) {
    try {
      Object data = data(content);
      dataType.getMethod("setDisplayId", String.class).invoke(data, id);
      if (again) {
        updater().update(id, data);
      } else {
        display.invoke(kernel, data);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The kernel refused a display of " + content.keySet(), e);
    }
  }

  private Object data(Map<String, String> content) throws ReflectiveOperationException {
    Object empty;
    try {
      empty = dataType.getConstructor().newInstance();
    } catch (NoSuchMethodException e) {
      // The Rapaio kernel hides its constructors.
      empty = dataType.getMethod("fromText", String.class).invoke(null, "");
    }
    return KernelValues.put(empty, content);
  }

  private interface Updater {
    void update(String id, Object data) throws ReflectiveOperationException;
  }

  private Updater updater() throws ReflectiveOperationException {
    try {
      Method update = kernel.getClass().getMethod("updateDisplay", dataType);
      return (id, data) -> update.invoke(kernel, data);
    } catch (NoSuchMethodException e) {
      Object io = kernel.getClass().getMethod("getIO").invoke(kernel);
      Object stream = io.getClass().getField("display").get(io);
      Method update = stream.getClass().getMethod("updateDisplay", String.class, dataType);
      return (id, data) -> update.invoke(stream, id, data);
    }
  }
}
