package grafs.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * The queue of operations of a GPU, which computes them after the calls that started them return.
 */
final class Queue {

  private Queue() {}

  /** Waits until all operations are done, so that their time is measured. A CPU has no queue. */
  static void drain() {
    if (Device.fromName("").isGpu()) {
      try (NDManager manager = NDManager.newBaseManager()) {
        manager.ones(new Shape(1)).getFloat();
      }
    }
  }
}
