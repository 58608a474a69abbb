package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import grafs.cell.Host;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * Batches of blocks of a text; the labels are the token that follows each token.
 *
 * @param text the text
 * @param batchSize the blocks in a batch
 * @param length the tokens in a block
 * @param blocks the blocks in an epoch; the last batch has what remains
 * @param places for each epoch, the position of the first token of each of its blocks
 */
record TokenBlocks(
    TextSet text, int batchSize, int length, int blocks, IntFunction<IntToLongFunction> places)
    implements BatchSource {

  TokenBlocks {
    if (batchSize < 1 || blocks < 1) {
      throw new IllegalArgumentException(
          "an epoch must have at least 1 block in batches of at least 1, but has %d in batches of %d"
              .formatted(blocks, batchSize));
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
  public int batchesPerEpoch() {
    return (blocks + batchSize - 1) / batchSize;
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    return EpochBatches.of(
        manager,
        this,
        epoch,
        batchSize,
        blocks,
        () -> {
          IntToLongFunction own = places.apply(epoch);
          return !Host.reaches(manager.getDevice()) && text.fitsDevices()
              ? new DeviceBlocks(text, length, IntStream.range(0, blocks).mapToLong(own), manager)
              : (sub, from, size) ->
                  onHost(sub, IntStream.range(from, from + size).mapToLong(own).toArray());
        });
  }

  private NDList onHost(NDManager own, long... from) {
    long[] tokens = new long[from.length * length];
    long[] targets = new long[tokens.length];
    for (int b = 0; b < from.length; b++) {
      long[] block = text.tokens(from[b], length + 1);
      System.arraycopy(block, 0, tokens, b * length, length);
      System.arraycopy(block, 1, targets, b * length, length);
    }
    Shape shape = new Shape(from.length, length);
    return new NDList(own.create(tokens, shape), own.create(targets, shape));
  }
}
