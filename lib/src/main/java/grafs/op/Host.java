package grafs.op;

import ai.djl.Device;

/**
 * Where Java reaches a tensor's memory itself, and reading a number costs nothing: on the CPU. On a
 * GPU a number that is read makes Java wait for all that was asked for before it.
 *
 * <p>With {@code -Dgrafs.likeGpu=true} nothing is at hand: the CPU then computes in the way that a
 * GPU does, slower, which shows without one how that way does.
 */
public final class Host {

  private static final boolean LIKE_GPU = Boolean.getBoolean("grafs.likeGpu");

  private Host() {}

  /**
   * Tells whether what is on a device is at hand.
   *
   * @param device a device
   * @return whether Java reaches its memory, and may look at every number
   */
  public static boolean reaches(Device device) {
    return !device.isGpu() && !LIKE_GPU;
  }
}
