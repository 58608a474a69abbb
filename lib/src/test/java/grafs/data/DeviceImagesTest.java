package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import grafs.Seed;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs on the CPU the operations that make batches of images on a GPU. */
@ExtendWith(Seed.class)
class DeviceImagesTest {

  private final long seed = Seed.get();
  private final Random random = new Random(seed);
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private ImageSet set(int channels, int side, List<String> classes) {
    byte[] bytes = new byte[40 * channels * side * side];
    random.nextBytes(bytes);
    byte[] labels = new byte[40];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) random.nextInt(10);
    }
    Normalization normalization =
        channels == 3
            ? new Normalization(List.of(0.1f, 0.5f, 0.9f), List.of(0.2f, 0.3f, 0.4f))
            : new Normalization(List.of(0.3f), List.of(0.7f));
    return ImageSet.of(new Pixels(bytes, labels, channels, side, side), classes, normalization);
  }

  private static List<String> classes(String name) {
    return Published.of(name).classes();
  }

  @Test
  void bothWaysMakeTheSameBits() {
    for (ImageSet set :
        List.of(
            set(3, 32, classes("cifar10")),
            set(1, 28, classes("fashion-mnist")).asRgb32(),
            set(1, 28, classes("svhn")),
            set(3, 20, classes("cifar10")).asRgb32().subset(23, 1))) {
      same(set, ImageView.plain(set));
      for (int epoch = 0; epoch < 3; epoch++) {
        same(set, ImageView.augmented(set, seed, epoch));
      }
    }
  }

  private void same(ImageSet set, List<ImageView> views) {
    int size = 9;
    EpochBatches.Maker host = new HostImages(set, views, size);
    try (NDManager shared = manager.newSubManager()) {
      EpochBatches.Maker device = new DeviceImages(set, views, shared);
      for (int from = 0; from < set.size(); from += size) {
        int count = Math.min(size, set.size() - from);
        try (NDManager own = manager.newSubManager()) {
          NDList expected = host.batch(own, from, count);
          int before = own.getManagedArrays().size();
          NDList made = device.batch(own, from, count);
          assertEquals(before + 2, own.getManagedArrays().size(), "only the batch is left");
          for (int i = 0; i < 2; i++) {
            assertEquals(expected.get(i).getShape(), made.get(i).getShape());
            assertEquals(expected.get(i).getDataType(), made.get(i).getDataType());
            assertArrayEquals(expected.get(i).toByteArray(), made.get(i).toByteArray());
          }
        }
      }
    }
  }

  @Test
  void imagesAreCopiedToADeviceOnce() {
    ImageSet set = set(3, 32, classes("cifar10"));
    ImageSet.Split halves = set.split(0.5, 1);
    assertSame(
        halves.weights().pixels.on(manager, 4),
        halves.architecture().subset(5, 1).pixels.on(manager, 4));
  }

  @Test
  void aCopyOutlivesItsDataSetAndEndsWithItsOwner() throws Exception {
    NDArray copy;
    try (NDManager owner = NDManager.newBaseManager()) {
      ImageSet set = set(3, 32, classes("cifar10"));
      copy = set.pixels.on(owner, ImageView.PADDING + set.border);
      EpochBatches.Maker maker = new DeviceImages(set, ImageView.plain(set), owner.newSubManager());
      float[] before = maker.batch(owner, 0, 9).head().toFloatArray();
      WeakReference<ImageSet> gone = new WeakReference<>(set);
      set = null;
      for (int i = 0; i < 50 && gone.get() != null; i++) {
        System.gc();
        Thread.sleep(20);
      }
      assertNull(gone.get(), "the data set is still in use");
      assertArrayEquals(before, maker.batch(owner, 0, 9).head().toFloatArray());
      assertFalse(copy.isReleased());
    }
    assertTrue(copy.isReleased());
  }

  @Test
  void nothingStaysOfAnEpochThatIsOver() {
    ImageSet set = set(3, 32, classes("cifar10"));
    try (NDManager parent = manager.newSubManager()) {
      NDManager shared = parent.newSubManager();
      EpochBatches.Maker maker = new DeviceImages(set, ImageView.plain(set), shared);
      shared.close();
      assertThrows(IllegalStateException.class, () -> maker.batch(parent, 0, 1));
      assertEquals(1, parent.getManagedArrays().size(), "the images themselves");
    }
  }
}
