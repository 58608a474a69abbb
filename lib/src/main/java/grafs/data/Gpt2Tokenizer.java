package grafs.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** GPT-2's byte-pair encoding, by jtokkit. */
final class Gpt2Tokenizer implements Tokenizer {

  static final Gpt2Tokenizer INSTANCE = new Gpt2Tokenizer();

  private static final int END = 50_256;

  /** GPT-2's 50 257 tokens and some that no text has, up to a multiple of 64, as in nanoGPT. */
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
  public OptionalInt endOfText() {
    return OptionalInt.of(END);
  }

  @Override
  public int[] encode(String text) {
    IntStream.Builder tokens = IntStream.builder();
    int from = 0;
    for (int end = text.indexOf(END_OF_TEXT); end >= 0; end = text.indexOf(END_OF_TEXT, from)) {
      add(tokens, text.substring(from, end));
      tokens.add(END);
      from = end + END_OF_TEXT.length();
    }
    add(tokens, text.substring(from));
    return tokens.build().toArray();
  }

  private void add(IntStream.Builder tokens, String text) {
    for (int token : encoding.encodeOrdinary(text).toArray()) {
      tokens.add(token);
    }
  }

  @Override
  public String decode(long... tokens) {
    // Bytes first: one character may be spread over several tokens.
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (long token : tokens) {
      if (token < 0 || token >= VOCABULARY) {
        throw new DataException("There is no token " + token + ", GPT-2's go from 0 to " + END);
      }
      if (token > END) {
        // A network that has hardly learned may draw one that stands for nothing.
        continue;
      }
      if (token == END) {
        bytes.writeBytes(END_OF_TEXT.getBytes(StandardCharsets.UTF_8));
      } else {
        IntArrayList one = new IntArrayList(1);
        one.add((int) token);
        bytes.writeBytes(encoding.decodeBytes(one));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
