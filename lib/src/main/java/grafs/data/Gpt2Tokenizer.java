package grafs.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.util.stream.IntStream;

/** GPT-2's byte-pair encoding, computed by the library jtokkit; see {@link Tokenizer#gpt2}. */
final class Gpt2Tokenizer implements Tokenizer {

  static final Gpt2Tokenizer INSTANCE = new Gpt2Tokenizer();

  /** GPT-2's last token, which stands for {@link #END_OF_TEXT}, the separator of documents. */
  private static final int END = 50_256;

  /**
   * The number of tokens: GPT-2's 50 257, and 47 unused ones that make the number a multiple of 64,
   * as in nanoGPT, a well-known implementation of GPT-2.
   */
  private static final int VOCABULARY = 50_304;

  private final Encoding encoding =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

  private Gpt2Tokenizer() {}

  @Override
  public String name() {
    return "gpt2";
  }

  @Override
  public int vocabulary() {
    return VOCABULARY;
  }

  @Override
  public int[] encode(String text) {
    return TextParts.encode(
        text, END, part -> IntStream.of(encoding.encodeOrdinary(part).toArray()));
  }

  @Override
  public String decode(long... tokens) {
    IntArrayList known = new IntArrayList(tokens.length);
    for (long token : tokens) {
      if (token < 0 || token >= VOCABULARY) {
        throw new DataException(
            "There is no token %d: GPT-2's tokens are 0 to %d".formatted(token, VOCABULARY - 1));
      }
      // The unused tokens after END, which a network may generate early in training, are skipped.
      if (token <= END) {
        known.add((int) token);
      }
    }
    return encoding.decode(known);
  }
}
