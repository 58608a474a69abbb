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
import java.util.HexFormat;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Cuts texts into parts whose tokens, one part's after the other's, are those of the whole. */
final class TextParts {

  /** Characters read at once. */
  private static final int CHUNK = 1 << 20;

  private static final Pattern MARKER = Pattern.compile(Pattern.quote(Tokenizer.END_OF_TEXT));

  /** What is done with a part. */
  interface Use {
    void of(String part) throws IOException;
  }

  private TextParts() {}

  /**
   * Reads a text, which may be larger than memory.
   *
   * @param text a UTF-8 text
   * @param use is given its parts in order, of up to two million characters each
   * @return the SHA-256 of what was read
   * @throws DataException if the text is not UTF-8, or has no place to cut for too long
   */
  static Checksum read(Path text, Use use) throws IOException {
    MessageDigest digest = Checksum.digest("SHA-256");
    char[] chunk = new char[CHUNK];
    String rest = "";
    // Not Files.newBufferedReader's lines: line ends are part of the text.
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
    return new Checksum("SHA-256", HexFormat.of().formatHex(digest.digest()));
  }

  /**
   * Where a text can be cut so that its parts have the tokens that the whole has: before the last
   * blank that follows something else, since no token of GPT-2's goes on after such a place; where
   * there is none, as in Chinese, after the last word, since none goes on from a letter to what is
   * not one. 0 if there is no such place.
   */
  private static int boundary(String text) {
    for (int i = text.length() - 1; i > 0; i--) {
      if (Character.isWhitespace(text.charAt(i)) && !Character.isWhitespace(text.charAt(i - 1))) {
        return i;
      }
    }
    // The marker has letters too, and its end may still be to come.
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

  /** {@return a text's tokens, of which one is for {@link Tokenizer#END_OF_TEXT}} */
  static int[] encode(String text, int endOfText, Function<String, IntStream> encoder) {
    String[] documents = MARKER.split(text, -1);
    return IntStream.range(0, documents.length)
        .boxed()
        .flatMapToInt(
            i ->
                IntStream.concat(
                    i == 0 ? IntStream.empty() : IntStream.of(endOfText),
                    encoder.apply(documents[i])))
        .toArray();
  }
}
