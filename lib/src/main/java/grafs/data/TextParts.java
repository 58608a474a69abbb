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
    // The text is not read by lines, since that would lose whether a line ends in \n or \r\n.
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
   * Returns an index at which a text can be cut without changing its tokens; 0 if there is none. A
   * text is cut at the last place where white space follows another character, since GPT-2's
   * tokenizer begins a new token there. If there is no such place, as in Chinese, it is cut at the
   * last place where a character that is no letter follows a letter, since none of GPT-2's tokens
   * contains such a place.
   */
  private static int boundary(String text) {
    for (int i = text.length() - 1; i > 0; i--) {
      if (isSpace(text.charAt(i)) && !isSpace(text.charAt(i - 1))) {
        return i;
      }
    }
    // In END_OF_TEXT, too, a character that is no letter follows a letter, but END_OF_TEXT is one
    // token, so this loop never cuts within it. The text may end with only the beginning of
    // END_OF_TEXT, so no cut is made within the last 13 characters, as many as END_OF_TEXT has.
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
   * {@return whether GPT-2's tokenizer takes a character for white space; a no-break space is one}
   */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /**
   * Encodes a text in which {@link Tokenizer#END_OF_TEXT} is one token.
   *
   * @param text the text
   * @param endOfText the token of {@link Tokenizer#END_OF_TEXT}
   * @param encoder returns the tokens of a text that does not contain {@link Tokenizer#END_OF_TEXT}
   * @return the tokens
   */
  static int[] encode(String text, int endOfText, Function<String, IntStream> encoder) {
    return Arrays.stream(MARKER.split(text, -1))
        .flatMapToInt(part -> IntStream.concat(IntStream.of(endOfText), encoder.apply(part)))
        .skip(1)
        .toArray();
  }
}
