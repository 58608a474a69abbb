package grafs.train;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Locale;

/**
 * An estimate of the memory that a step takes: all tensors of the forward pass, which the backward
 * pass needs, and gradients on the way. Against what a process grew by in steps of ResNet-20 on a
 * CPU it was off by +40 to −40 %, for training by some percent.
 *
 * @param fixed bytes whatever the batch: weights, gradients, what the optimizer keeps
 * @param perExample bytes for each example of a batch
 */
public record MemoryNeed(long fixed, long perExample) {

  /** Gradients of activations that are there at once, as a part of the activations. */
  private static final double GRADIENTS = 0.3;

  /**
   * Estimates from what a forward pass puts into memory.
   *
   * @param kept bytes of weights, gradients and the optimizer's state
   * @param common bytes of the pass's tensors that do not grow with the batch
   * @param perExample bytes of its tensors for each example
   * @return the estimate
   */
  static MemoryNeed of(long kept, long common, long perExample) {
    return new MemoryNeed(
        kept + (long) ((1 + GRADIENTS) * common), (long) ((1 + GRADIENTS) * perExample));
  }

  /**
   * Estimates for a batch.
   *
   * @param batchSize its examples
   * @return bytes
   */
  public long bytes(int batchSize) {
    return fixed + batchSize * perExample;
  }

  /**
   * Estimates which batch fits.
   *
   * @param bytes the memory there is
   * @return its examples, at least 0; above 8 a multiple of 8
   */
  public int batchIn(long bytes) {
    long fits = Math.max(0, (bytes - fixed) / Math.max(1, perExample));
    return (int) Math.min(Integer.MAX_VALUE - 7L, fits > 8 ? fits / 8 * 8 : fits);
  }

  /** What to do about a batch that did not fit into some memory. */
  String advice(int batchSize, long there) {
    String need = ", " + text(there) + ", of which it needs about " + text(bytes(batchSize));
    return batchIn(there) >= batchSize
        ? need + ". Others may be using it: let them end, or take a smaller batchSize"
        : need + ": a batchSize of about " + batchIn(there) + " fits";
  }

  /**
   * Says before the work begins what it needs.
   *
   * @param task what is to be done
   * @param batchSize the examples of a batch
   * @param device where
   * @return the task and what it needs, such as {@code search in about 1.2 GB}
   * @throws IllegalArgumentException if even half of that is more than the device has
   */
  public String announced(String task, int batchSize, Device device) {
    long there = of(device);
    if (bytes(batchSize) / 2 > there) {
      throw new IllegalArgumentException(
          "%s with batches of %d needs about %s, and %s has %s: a batchSize of about %d fits"
              .formatted(
                  task, batchSize, text(bytes(batchSize)), device, text(there), batchIn(there)));
    }
    return task + " in about " + text(bytes(batchSize));
  }

  /**
   * Returns a device's memory.
   *
   * @param device a device
   * @return bytes in all, whoever uses them
   */
  public static long of(Device device) {
    if (device.isGpu()) {
      MemoryUsage usage = CudaUtils.getGpuMemory(device);
      return usage.getMax();
    }
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  /**
   * Writes a number of bytes for people.
   *
   * @param bytes the number
   * @return such as {@code 1.2 GB}
   */
  public static String text(long bytes) {
    return bytes < 1_000_000_000
        ? "%d MB".formatted(bytes / 1_000_000)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
