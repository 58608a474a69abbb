package grafs.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * The queue of a GPU's operations. A call that starts an operation returns before the GPU has
 * computed it.
 */
final class Queue {

  private Queue() {}

  /**
   * Waits until the GPU has computed all operations, so that their time is measured: reading a
   * number back from the GPU waits for them. Does nothing on a CPU, which has no queue.
   */
  static void drain() {
    if (Device.fromName("").isGpu()) {
      try (NDManager manager = NDManager.newBaseManager()) {
        manager.ones(new Shape(1)).getFloat();
      }
    }
  }
}
