package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A range of consecutive tokens of a text, to train a language model on or to score it with. An
 * example is a block of consecutive tokens; the label of each token is the one that follows it in
 * the text. The tokens are read from a file that is mapped into memory, so that a text may be
 * larger than memory.
 */
public final class TextSet {

  /** All tokens of the text. */
  final TokenFile whole;

  /** The index in {@link #whole} of the first token of this set. */
  final long from;

  private final long size;

  private TextSet(TokenFile whole, long from, long size) {
    this.whole = whole;
    this.from = from;
    this.size = size;
  }

  /**
   * Opens a text. Its tokens are computed at the first call for its content and tokenizer, and
   * stored in a file, from which later calls read them.
   *
   * @param text a UTF-8 file
   * @param folder the folder of the file of tokens; created if it does not exist
   * @param tokenizer the tokenizer that makes the tokens
   * @return the tokens of the whole text
   * @throws DataException if the text cannot be read, is not UTF-8 or has a character without a
   *     token, or if the file of tokens cannot be written
   */
  public static TextSet of(Path text, Path folder, Tokenizer tokenizer) {
    TokenFile tokens = TokenFile.of(text, folder, tokenizer);
    return new TextSet(tokens, 0, tokens.size());
  }

  /** {@return the number of tokens} */
  public long size() {
    return size;
  }

  /**
   * Returns some consecutive tokens.
   *
   * @param first the index in this set of the first one, from 0
   * @param count the number of tokens
   * @return the tokens
   * @throws IndexOutOfBoundsException if the range goes beyond this set
   */
  public long[] tokens(long first, int count) {
    Objects.checkFromIndexSize(first, count, size);
    return LongStream.range(from + first, from + first + count).map(whole::token).toArray();
  }

  /**
   * {@return a text that identifies these tokens if the tokenizer is known: the SHA-256 of the
   * whole text, and the range of its tokens}
   */
  public String fingerprint() {
    return "%s, tokens %d to %d of %d".formatted(whole.text(), from, from + size, whole.size());
  }

  /**
   * The two parts of a set that was split.
   *
   * @param train the part at the beginning, to train on
   * @param validation the rest, to validate with
   */
  public record Split(TextSet train, TextSet validation) {}

  /**
   * Splits the set in two, in the order of the text: the end is for validation.
   *
   * @param validation the share of the tokens that are for validation, above 0 and below 1
   * @return both parts
   * @throws IllegalArgumentException if the share is not above 0 and below 1
   */
  public Split split(double validation) {
    if (!(validation > 0 && validation < 1)) {
      throw new IllegalArgumentException(
          "the share for validation must be between 0 and 1, but is " + validation);
    }
    long train = size - Math.round(size * validation);
    return new Split(
        new TextSet(whole, from, train), new TextSet(whole, from + train, size - train));
  }

  /**
   * Returns batches of blocks to train on. The positions of the blocks are drawn uniformly and
   * independently, so blocks may overlap. Each epoch has positions of its own.
   *
   * @param batchSize the number of blocks in a batch
   * @param length the number of tokens in a block
   * @param batchesPerEpoch the number of batches in an epoch
   * @param seed the seed of the positions
   * @return batches of tokens {@code [batchSize, length]} int64 and, as labels in the same shape,
   *     the token that follows each
   * @throws IllegalArgumentException if the set does not have more tokens than a block, or {@code
   *     batchSize}, {@code length} or {@code batchesPerEpoch} is less than 1
   */
  public BatchSource training(int batchSize, int length, int batchesPerEpoch, long seed) {
    check(length);
    // Seed and epoch are passed through random generators, since a plain sum would repeat blocks.
    // If the seed of a block were seed + epoch + block, block i + 1 of an epoch would be block i of
    // the next epoch. The same would hold for two successive seeds.
    long all = new SplittableRandom(seed).nextLong();
    return batches(
        Math.multiplyExact(batchSize, batchesPerEpoch),
        batchSize,
        length,
        epoch -> {
          long own = new SplittableRandom(all + epoch).nextLong();
          return block -> new SplittableRandom(own + block).nextLong(size - length);
        });
  }

  /**
   * Returns batches of blocks to score a network on: the set is cut into adjacent blocks, from its
   * beginning. Every epoch is the same.
   *
   * @param batchSize the number of blocks in a batch; the last batch has the remaining blocks, and
   *     may be smaller
   * @param length the number of tokens in a block
   * @param most the maximum number of blocks; the tokens after them are left out
   * @return batches of tokens {@code [batchSize, length]} int64 and, as labels in the same shape,
   *     the token that follows each
   * @throws IllegalArgumentException if the set does not have more tokens than a block, or {@code
   *     batchSize}, {@code length} or {@code most} is less than 1
   */
  public BatchSource evaluation(int batchSize, int length, int most) {
    check(length);
    int blocks = (int) Math.min(most, (size - 1) / length);
    return batches(blocks, batchSize, length, epoch -> block -> (long) block * length);
  }

  /** Throws if the set is too short for a block of this length and the token that follows it. */
  private void check(int length) {
    if (length < 1 || length >= size) {
      throw new IllegalArgumentException(
          "blocks of %d tokens do not fit into a text of %d tokens: a block must have at least 1 token, and fewer than the text"
              .formatted(length, size));
    }
  }

  /**
   * Returns batches of blocks.
   *
   * @param blocks the number of blocks in an epoch
   * @param places returns, for the number of an epoch, a function from the number of a block to the
   *     index of the block's first token; all of these count from 0
   */
  private BatchSource batches(
      int blocks, int batchSize, int length, IntFunction<IntToLongFunction> places) {
    if (batchSize < 1 || blocks < 1) {
      throw new IllegalArgumentException(
          "an epoch must have at least 1 block in batches of at least 1, but has %d in batches of %d"
              .formatted(blocks, batchSize));
    }
    return new EpochBatches(
        blocks,
        batchSize,
        epoch -> {
          IntToLongFunction place = places.apply(epoch);
          return (own, from, count) -> {
            long[] first = IntStream.range(from, from + count).mapToLong(place).toArray();
            return new NDList(blocks(own, first, 0, length), blocks(own, first, 1, length));
          };
        });
  }

  /**
   * Returns blocks of tokens as int64 [blocks, length].
   *
   * @param places the index of each block's first token, before {@code after} is added
   * @param after the number of tokens that the blocks are moved by: 0 for data, 1 for labels
   */
  private NDArray blocks(NDManager own, long[] places, int after, int length) {
    LongStream tokens =
        LongStream.of(places).flatMap(place -> LongStream.of(tokens(place + after, length)));
    return own.create(tokens.toArray(), new Shape(places.length, length));
  }
}
