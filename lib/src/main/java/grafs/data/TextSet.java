package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Consecutive tokens of a text, to train on or to test with. */
public final class TextSet {

  /** The whole text of which this is a part. */
  final TokenFile whole;

  /** Where in the whole text this part begins. */
  final long from;

  private final long size;

  private TextSet(TokenFile whole, long from, long size) {
    this.whole = whole;
    this.from = from;
    this.size = size;
  }

  /**
   * Opens a text. Its tokens are computed once for each content and kept in a file, which is mapped
   * into memory, not read.
   *
   * @param text a UTF-8 text
   * @param folder the folder of the token files; created if it does not exist
   * @param tokenizer the tokenizer that makes the tokens
   * @return all of the text's tokens
   * @throws DataException if the text cannot be read or is not UTF-8, or the file not be written
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
   * Returns some of the tokens.
   *
   * @param first the first of them, from 0
   * @param count the number of tokens
   * @return the tokens
   * @throws IndexOutOfBoundsException if there are not that many
   */
  public long[] tokens(long first, int count) {
    Objects.checkFromIndexSize(first, count, size);
    return LongStream.range(from + first, from + first + count).map(whole::token).toArray();
  }

  /**
   * {@return what identifies these tokens: the SHA-256 of the whole text, and which of its tokens
   * they are}
   */
  public String fingerprint() {
    return "%s, tokens %d to %d of %d".formatted(whole.text(), from, from + size, whole.size());
  }

  /** The parts of a text that was split: {@code train} comes first. */
  public record Split(TextSet train, TextSet validation) {}

  /**
   * Splits the text in two, without shuffling: the end is for validation.
   *
   * @param validation the share of the tokens at the end, above 0 and below 1
   * @return both parts
   * @throws IllegalArgumentException if the share is not between 0 and 1
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
   * Returns batches of blocks at random positions, which differ from epoch to epoch.
   *
   * @param batchSize the blocks in a batch
   * @param length the tokens in a block
   * @param batchesPerEpoch the batches in what counts as an epoch
   * @param seed the seed of the positions
   * @return batches of tokens {@code [batchSize, length]} and, as labels, the token after each
   * @throws IllegalArgumentException if the text is too short for a block
   */
  public BatchSource training(int batchSize, int length, int batchesPerEpoch, long seed) {
    check(length);
    // Seeds are mixed at each level: generators with neighbouring seeds would be correlated.
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
   * Returns batches of the text's blocks in their order, from its beginning, the same in every
   * epoch.
   *
   * @param batchSize the blocks in a batch; the last one may have fewer
   * @param length the tokens in a block
   * @param most the largest number of blocks
   * @return batches of tokens {@code [batchSize, length]} and, as labels, the token after each
   * @throws IllegalArgumentException if the text is too short for a block
   */
  public BatchSource evaluation(int batchSize, int length, int most) {
    check(length);
    int blocks = (int) Math.min(most, (size - 1) / length);
    return batches(blocks, batchSize, length, epoch -> block -> (long) block * length);
  }

  private void check(int length) {
    if (length < 1 || length >= size) {
      throw new IllegalArgumentException(
          "a block must have 1 to %d tokens of this text, but has %d".formatted(size - 1, length));
    }
  }

  /** Returns batches of blocks; {@code places} gives the first token of each block of an epoch. */
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

  /** Returns the blocks that begin some tokens after the given places, int64 [blocks, length]. */
  private NDArray blocks(NDManager own, long[] places, int after, int length) {
    LongStream tokens =
        LongStream.of(places).flatMap(place -> LongStream.of(tokens(place + after, length)));
    return own.create(tokens.toArray(), new Shape(places.length, length));
  }

  @Override
  public String toString() {
    return size + " tokens beginning with " + Arrays.toString(tokens(0, (int) Math.min(8, size)));
  }
}
