package grafs.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** What Java has asked of a GPU and the GPU has not done yet. */
final class Queue {

  private Queue() {}

  /** Waits until all is done, so that the time it takes counts; on a CPU it is. */
  static void drain() {
    if (Device.fromName("").isGpu()) {
      try (NDManager manager = NDManager.newBaseManager()) {
        manager.ones(new Shape(1)).getFloat();
      }
    }
  }
}
