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
   * Reads a text in parts; it may be larger than memory.
   *
   * @param text a UTF-8 file
   * @param use receives the parts in order, each of at most 2²¹ characters
   * @return the SHA-256 of the bytes that were read
   * @throws DataException if the text is not UTF-8, or has more than 2²⁰ characters in a row
   *     without a place where it can be cut
   * @throws IOException if the text cannot be read, or {@code use} fails
   */
  static Checksum read(Path text, PartFile.Use<String> use) throws IOException {
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
        use.of(all.substring(0, end));
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
    use.of(rest);
    return new Checksum("SHA-256", Hex.encodeHexString(digest.digest()));
  }

  /**
   * Returns an index at which a text can be cut without changing its tokens; 0 if there is none. It
   * is before the last blank that follows a character other than a blank, since each blank there
   * begins a token of GPT-2. In a text without such blanks, as in Chinese, it is after the last
   * letter before a character that is no letter, since no token of GPT-2 has such a character after
   * a letter.
   */
  private static int boundary(String text) {
    for (int i = text.length() - 1; i > 0; i--) {
      if (Character.isWhitespace(text.charAt(i)) && !Character.isWhitespace(text.charAt(i - 1))) {
        return i;
      }
    }
    // Does not cut within END_OF_TEXT, which has letters too. The text may end in the beginning of
    // that string, so no cut is made in its last 13 characters.
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
