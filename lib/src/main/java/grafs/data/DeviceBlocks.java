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
  private final int length;

  DeviceBlocks(TextSet text, int length, LongStream places, NDManager parent) {
    this.length = length;
    manager = parent.newSubManager();
    tokens = text.allOn(parent);
    this.places = manager.create(places.map(place -> text.from() + place).toArray());
    offsets = manager.create(LongStream.rangeClosed(0, length).toArray(), new Shape(1, length + 1));
  }

  @Override
  public NDList batch(NDManager own, int from, int size) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray first = places.get(scratch, new NDIndex("{}:{}", from, from + size));
      NDArray index = first.reshape(size, 1).add(offsets);
      NDArray blocks = tokens.take(scratch, index).toType(DataType.INT64, false);
      NDArray data = blocks.get(new NDIndex(":, :{}", length)).duplicate();
      NDArray labels = blocks.get(new NDIndex(":, 1:")).duplicate();
      data.attach(own);
      labels.attach(own);
      return new NDList(data, labels);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
