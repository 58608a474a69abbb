package grafs.data;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.function.FailableConsumer;

/**
 * Cuts texts into parts at places where no token is cut, so that the tokens of the parts, one after
 * the other, are those of the whole text. Texts larger than memory are encoded in such parts.
 */
final class TextParts {

  /** The number of characters that are read at once. */
  private static final int CHUNK = 1 << 20;

  private static final Pattern MARKER = Pattern.compile(Pattern.quote(Tokenizer.END_OF_TEXT));

  private TextParts() {}

  /**
   * Reads a text, which may be larger than memory, in parts.
   *
   * @param text a UTF-8 file
   * @param use receives the parts in order, each of at most 2²¹ characters
   * @return the SHA-256 of the bytes that were read
   * @throws DataException if the text is not UTF-8, or has more than 2²⁰ characters in a row
   *     without a place where it can be cut
   * @throws IOException if the text cannot be read, or {@code use} fails
   */
  static Checksum read(Path text, FailableConsumer<String, IOException> use) throws IOException {
    MessageDigest digest = DigestUtils.getSha256Digest();
    char[] chunk = new char[CHUNK];
    String rest = "";
    // Read in chunks of fixed length, since reading by lines would lose the kind of line ends.
    try (Reader reader =
        new InputStreamReader(
            new DigestInputStream(Files.newInputStream(text), digest),
            StandardCharsets.UTF_8.newDecoder())) {
      for (int read = reader.read(chunk); read >= 0; read = reader.read(chunk)) {
        String all = rest + new String(chunk, 0, read);
        int end = boundary(all);
        use.accept(all.substring(0, end));
        rest = all.substring(end);
        if (rest.length() > CHUNK) {
          throw new DataException(
              "The text %s has %s characters in a row with no blank and no end of a word, so that it cannot be read in parts: insert line breaks"
                  .formatted(text, DataException.grouped(rest.length())));
        }
      }
    } catch (CharacterCodingException e) {
      throw new DataException("The text " + text + " is not UTF-8; convert it first", e);
    }
    use.accept(rest);
    return new Checksum("SHA-256", Hex.encodeHexString(digest.digest()));
  }

  /**
   * Returns an index at which a text can be cut without changing its tokens; 0 if there is none. If
   * the text has white space after other characters, the cut is before the last such place, since
   * GPT-2 begins a new token there. Otherwise, as in Chinese, the cut is after the last letter that
   * comes before a character that is no letter. GPT-2 has no token in which such a character
   * follows a letter.
   */
  private static int boundary(String text) {
    for (int i = text.length() - 1; i > 0; i--) {
      if (isSpace(text.charAt(i)) && !isSpace(text.charAt(i - 1))) {
        return i;
      }
    }
    // The string END_OF_TEXT has letters too, but is one token, so this loop never cuts within it.
    // The text may end with only the beginning of that string, so no cut is made within the last 13
    // characters, which is its length.
    for (int i = text.length() - Tokenizer.END_OF_TEXT.length(); i > 0; i--) {
      if (Character.isLetter(text.codePointBefore(i)) && !Character.isLetter(text.codePointAt(i))) {
        int marker = text.lastIndexOf(Tokenizer.END_OF_TEXT, i - 1);
        if (marker < 0 || i >= marker + Tokenizer.END_OF_TEXT.length()) {
          return i;
        }
      }
    }
    return 0;
  }

  /** {@return whether GPT-2 counts a character as white space, as it does no-break spaces} */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /**
   * Encodes a text in which {@link Tokenizer#END_OF_TEXT} is one token.
   *
   * @param text the text
   * @param endOfText the token of the separator
   * @param encoder returns the tokens of a text without the separator
   * @return the tokens
   */
  static int[] encode(String text, int endOfText, Function<String, IntStream> encoder) {
    return Arrays.stream(MARKER.split(text, -1))
        .flatMapToInt(part -> IntStream.concat(IntStream.of(endOfText), encoder.apply(part)))
        .skip(1)
        .toArray();
  }
}
