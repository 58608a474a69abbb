package grafs.nas;

import ai.djl.pytorch.jni.JniUtils;
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

/**
 * Counts the tensor operations that PyTorch's profiler records while some work runs. Only
 * operations that DJL or autograd calls are counted, not the operations that such an operation
 * calls in turn. {@link DeviceStepsTest} uses the counts.
 */
final class TensorOperations {

  private TensorOperations() {}

  /**
   * Runs some work under the profiler and counts its tensor operations.
   *
   * @param folder the folder of the profiler's output file
   * @param work the work
   * @return the number of operations
   */
  static int count(Path folder, Runnable work) throws IOException {
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
    return outermost(events);
  }

  /**
   * Returns the number of events that are not nested in another event of the same thread. The
   * events are sorted in place.
   */
  private static int outermost(List<JsonObject> events) {
    events.sort(
        Comparator.comparingInt((JsonObject e) -> e.get("tid").getAsInt())
            .thenComparingDouble(e -> e.get("ts").getAsDouble())
            .thenComparingDouble(e -> -e.get("dur").getAsDouble()));
    int found = 0;
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
      found += ends.isEmpty() ? 1 : 0;
      ends.push(start + event.get("dur").getAsDouble());
    }
    return found;
  }
}
