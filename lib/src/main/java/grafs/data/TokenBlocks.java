package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * Serves blocks of a text with the token that comes after each of theirs.
 *
 * @param text the text
 * @param batchSize the blocks in a batch
 * @param length the tokens in a block
 * @param batchesPerEpoch the batches in an epoch
 * @param places for each epoch, where each of its blocks begins; −1 for no block
 */
record TokenBlocks(
    TextSet text,
    int batchSize,
    int length,
    int batchesPerEpoch,
    IntFunction<IntToLongFunction> places)
    implements BatchSource {

  TokenBlocks {
    if (batchSize < 1 || batchesPerEpoch < 1) {
      throw new IllegalArgumentException(
          "batchSize and batchesPerEpoch must be at least 1, but are %d and %d"
              .formatted(batchSize, batchesPerEpoch));
    }
  }

  /** Random places below a bound, in every epoch others. */
  static IntFunction<IntToLongFunction> random(long bound, long seed) {
    // Mixed at each level, since generators whose seeds differ by little must not be related.
    long all = new SplittableRandom(seed).nextLong();
    return epoch -> {
      long own = new SplittableRandom(all + epoch).nextLong();
      return block -> new SplittableRandom(own + block).nextLong(bound);
    };
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("Epochs count from 0, not " + epoch);
    }
    return IntStream.range(0, batchesPerEpoch).mapToObj(b -> batch(manager, epoch, b))::iterator;
  }

  private Batch batch(NDManager manager, int epoch, int number) {
    IntToLongFunction own = places.apply(epoch);
    long[] from =
        IntStream.range(number * batchSize, (number + 1) * batchSize)
            .mapToLong(own)
            .filter(place -> place >= 0)
            .toArray();
    long[] tokens = new long[from.length * length];
    long[] targets = new long[tokens.length];
    for (int b = 0; b < from.length; b++) {
      long[] block = text.tokens(from[b], length + 1);
      System.arraycopy(block, 0, tokens, b * length, length);
      System.arraycopy(block, 1, targets, b * length, length);
    }
    NDManager sub = manager.newSubManager();
    Shape shape = new Shape(from.length, length);
    return new Batch(
        sub,
        new NDList(sub.create(tokens, shape)),
        new NDList(sub.create(targets, shape)),
        from.length,
        Batchifier.STACK,
        Batchifier.STACK,
        number + 1,
        batchesPerEpoch);
  }
}
