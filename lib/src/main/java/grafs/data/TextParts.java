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

/**
 * Cuts texts into parts in such a way that the tokens of the parts, concatenated, are those of the
 * whole text.
 */
final class TextParts {

  /** Characters read at once. */
  private static final int CHUNK = 1 << 20;

  private static final Pattern MARKER = Pattern.compile(Pattern.quote(Tokenizer.END_OF_TEXT));

  private TextParts() {}

  /**
   * Reads a text, which may be larger than memory.
   *
   * @param text a UTF-8 text
   * @param use receives its parts in order, of up to two million characters each
   * @return the SHA-256 of what was read
   * @throws DataException if the text is not UTF-8, or has over a million characters in a row
   *     between which it cannot be cut
   */
  static Checksum read(Path text, PartFile.Use<String> use) throws IOException {
    MessageDigest digest = Checksum.digest("SHA-256");
    char[] chunk = new char[CHUNK];
    String rest = "";
    // The text is not read line by line, which would lose the line ends.
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
              "The text %s has a stretch of %s characters without a blank and without the end of a word: cut it into lines"
                  .formatted(text, DataException.grouped(rest.length())));
        }
      }
    } catch (CharacterCodingException e) {
      throw new DataException("The text " + text + " is not UTF-8; convert it first", e);
    }
    use.of(rest);
    return Checksum.of(digest);
  }

  /**
   * Returns where a text can be cut without changing its tokens: before the last blank that follows
   * a character that is no blank, since no token of GPT-2's spans such a place; in a text without
   * blanks, as in Chinese, after the last letter that precedes a character that is no letter, since
   * no token spans that either. 0 if there is no such place.
   */
  private static int boundary(String text) {
    for (int i = text.length() - 1; i > 0; i--) {
      if (Character.isWhitespace(text.charAt(i)) && !Character.isWhitespace(text.charAt(i - 1))) {
        return i;
      }
    }
    // Not within END_OF_TEXT, which has letters too and may be incomplete at the end of this text.
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
   * {@return a text's tokens; each {@link Tokenizer#END_OF_TEXT} becomes the token {@code
   * endOfText}}
   */
  static int[] encode(String text, int endOfText, Function<String, IntStream> encoder) {
    return Arrays.stream(MARKER.split(text, -1))
        .flatMapToInt(part -> IntStream.concat(IntStream.of(endOfText), encoder.apply(part)))
        .skip(1)
        .toArray();
  }
}
