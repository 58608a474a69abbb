package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
  public Maker maker(int epoch) {
    IntToLongFunction place = places.apply(epoch);
    return (own, from, size) ->
        new NDList(
            blocks(own, IntStream.range(from, from + size).mapToLong(place)),
            blocks(own, IntStream.range(from, from + size).mapToLong(place).map(p -> p + 1)));
  }

  /** {@return the blocks that begin at some places, int64 [blocks, length]} */
  private NDArray blocks(NDManager own, LongStream places) {
    long[] tokens = places.flatMap(p -> Arrays.stream(text.tokens(p, length))).toArray();
    return own.create(tokens, new Shape(tokens.length / length, length));
  }
}
