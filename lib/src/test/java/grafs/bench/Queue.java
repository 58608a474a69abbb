package grafs.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** The operations that are queued on a GPU. */
final class Queue {

  private Queue() {}

  /** Waits until all are done, so that their time is measured; on a CPU there is no queue. */
  static void drain() {
    if (Device.fromName("").isGpu()) {
      try (NDManager manager = NDManager.newBaseManager()) {
        manager.ones(new Shape(1)).getFloat();
      }
    }
  }
}
