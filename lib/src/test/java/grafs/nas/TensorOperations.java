package grafs.nas;

import ai.djl.pytorch.jni.JniUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * The tensor operations that PyTorch's profiler records while some work runs: those called by DJL
 * or autograd, without the operations that these call in turn. Test code for {@link
 * DeviceStepsTest}.
 *
 * @param operations the operations
 */
record TensorOperations(List<Operation> operations) {

  /**
   * An operation.
   *
   * @param name the name, such as {@code aten::add}
   * @param shapes the shapes of its inputs
   */
  record Operation(String name, List<List<Long>> shapes) {}

  /**
   * Runs some work under the profiler and returns its operations.
   *
   * @param folder the folder of the profiler's output file
   * @param work the work
   */
  static TensorOperations of(Path folder, Runnable work) throws IOException {
    Path file = folder.resolve("profile.json");
    JniUtils.startProfile(false, true, false);
    try {
      work.run();
    } finally {
      JniUtils.stopProfile(file.toString());
    }
    List<JsonObject> events = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(file)) {
      for (JsonElement event : JsonParser.parseReader(reader).getAsJsonArray()) {
        if (event.getAsJsonObject().get("name").getAsString().startsWith("aten::")) {
          events.add(event.getAsJsonObject());
        }
      }
    }
    return new TensorOperations(outermost(events));
  }

  /** The events that are not nested in another event of the same thread. */
  private static List<Operation> outermost(List<JsonObject> events) {
    events.sort(
        Comparator.comparingInt((JsonObject e) -> e.get("tid").getAsInt())
            .thenComparingDouble(e -> e.get("ts").getAsDouble())
            .thenComparingDouble(e -> -e.get("dur").getAsDouble()));
    List<Operation> found = new ArrayList<>();
    Deque<Double> ends = new ArrayDeque<>();
    int thread = -1;
    for (JsonObject event : events) {
      if (event.get("tid").getAsInt() != thread) {
        thread = event.get("tid").getAsInt();
        ends.clear();
      }
      double start = event.get("ts").getAsDouble();
      while (!ends.isEmpty() && ends.peek() <= start) {
        ends.pop();
      }
      if (ends.isEmpty()) {
        found.add(new Operation(event.get("name").getAsString(), shapes(event)));
      }
      ends.push(start + event.get("dur").getAsDouble());
    }
    return found;
  }

  private static List<List<Long>> shapes(JsonObject event) {
    List<List<Long>> shapes = new ArrayList<>();
    for (JsonElement shape : event.getAsJsonArray("shape")) {
      List<Long> sizes = new ArrayList<>();
      ((JsonArray) shape).forEach(size -> sizes.add(size.getAsLong()));
      shapes.add(sizes);
    }
    return shapes;
  }

  /** {@return the number of operations} */
  int count() {
    return operations.size();
  }

  /**
   * {@return the number of operations with an input whose shape meets a condition}
   *
   * @param shape the condition
   */
  long count(Predicate<List<Long>> shape) {
    return operations.stream().filter(o -> o.shapes().stream().anyMatch(shape)).count();
  }
}
