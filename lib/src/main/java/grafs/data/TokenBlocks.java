package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import grafs.cell.Host;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Batches of blocks of a text; the labels are the token that follows each token.
 *
 * @param text the text
 * @param batchSize the blocks in a batch
 * @param length the tokens in a block
 * @param examples the blocks in an epoch; the last batch has what remains
 * @param places for each epoch, the position of the first token of each of its blocks
 */
record TokenBlocks(
    TextSet text, int batchSize, int length, int examples, IntFunction<IntToLongFunction> places)
    implements EpochBatches {

  TokenBlocks {
    if (batchSize < 1 || examples < 1) {
      throw new IllegalArgumentException(
          "an epoch must have at least 1 block in batches of at least 1, but has %d in batches of %d"
              .formatted(examples, batchSize));
    }
  }

  /** Returns random positions in [0, bound), which differ from epoch to epoch. */
  static IntFunction<IntToLongFunction> random(long bound, long seed) {
    // Seeds are mixed at each level: generators with neighbouring seeds would be correlated.
    long all = new SplittableRandom(seed).nextLong();
    return epoch -> {
      long own = new SplittableRandom(all + epoch).nextLong();
      return block -> new SplittableRandom(own + block).nextLong(bound);
    };
  }

  @Override
  public Maker maker(NDManager shared, int epoch) {
    IntToLongFunction own = places.apply(epoch);
    return Host.reaches(shared.getDevice()) || !text.whole.fitsDevices()
        ? (sub, from, size) -> onHost(sub, IntStream.range(from, from + size).mapToLong(own))
        : onDevice(shared, IntStream.range(0, examples).mapToLong(own));
  }

  /**
   * Returns the maker of batches on a device whose memory holds the whole text. Only the positions
   * of the epoch's blocks are copied there, once.
   */
  Maker onDevice(NDManager shared, LongStream places) {
    NDArray tokens = text.whole.on(shared.getParentManager());
    NDArray firsts = shared.create(places.map(place -> text.from + place).toArray());
    long[] block = LongStream.rangeClosed(0, length).toArray();
    NDArray offsets = shared.create(block, new Shape(1, block.length));
    return (own, from, size) -> {
      try (NDManager scratch = shared.newSubManager()) {
        NDArray first = firsts.get(scratch, new NDIndex("{}:{}", from, from + size));
        NDArray index = first.reshape(size, 1).add(offsets);
        NDArray blocks = tokens.take(scratch, index).toType(DataType.INT64, false);
        return labelled(blocks, own);
      }
    };
  }

  private NDList onHost(NDManager own, LongStream places) {
    long[] tokens =
        places.flatMap(place -> Arrays.stream(text.tokens(place, length + 1))).toArray();
    try (NDManager scratch = own.newSubManager()) {
      return labelled(scratch.create(tokens).reshape(-1, length + 1), own);
    }
  }

  /**
   * Returns tokens and, as labels, the token after each.
   *
   * @param blocks int64 [size, length + 1]
   * @param own the manager of what is returned
   */
  private static NDList labelled(NDArray blocks, NDManager own) {
    NDArray tokens = blocks.get(new NDIndex(":, :-1")).duplicate();
    NDArray labels = blocks.get(new NDIndex(":, 1:")).duplicate();
    tokens.attach(own);
    labels.attach(own);
    return new NDList(tokens, labels);
  }
}
