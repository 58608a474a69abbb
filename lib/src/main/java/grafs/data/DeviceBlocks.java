package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.stream.LongStream;

/**
 * Makes the batches of an epoch of a text on a device whose memory holds the whole text. Only the
 * positions of the epoch's blocks are copied there, once.
 */
final class DeviceBlocks implements EpochBatches.Maker {

  private final NDManager manager;
  private final NDArray tokens;
  private final NDArray places;
  private final NDArray offsets;

  DeviceBlocks(TextSet text, int length, LongStream places, NDManager parent) {
    manager = parent.newSubManager();
    tokens = text.whole.on(parent);
    this.places = manager.create(places.map(place -> text.from + place).toArray());
    offsets = manager.create(LongStream.rangeClosed(0, length).toArray(), new Shape(1, length + 1));
  }

  @Override
  public NDList batch(NDManager own, int from, int size) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray first = places.get(scratch, new NDIndex("{}:{}", from, from + size));
      NDArray index = first.reshape(size, 1).add(offsets);
      NDArray blocks = tokens.take(scratch, index).toType(DataType.INT64, false);
      return TokenBlocks.labelled(blocks, own);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
