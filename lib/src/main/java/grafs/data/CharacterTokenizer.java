package grafs.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A tokenizer with one token per Unicode character that occurs in given texts; made by {@link
 * Tokenizer#characters}. Tokens are numbered from 0 in the order of the characters' code points.
 * The string {@link #END_OF_TEXT} separates the documents of a text. If the texts contain it, the
 * whole string is one more token, the last one, and its own characters do not count as characters
 * of the texts.
 *
 * @param characters the code points that have a token, in ascending order
 * @param ends whether {@link #END_OF_TEXT} is a token
 */
record CharacterTokenizer(int[] characters, boolean ends) implements Tokenizer {

  /**
   * The characters of a text are collected in a bit set that has one bit for each code point. The
   * bit at this index, the first one that is no code point, is set if {@link #END_OF_TEXT} occurs.
   */
  private static final int MARKER = Character.MAX_CODE_POINT + 1;

  private CharacterTokenizer(BitSet seen) {
    this(seen.stream().filter(c -> c < MARKER).toArray(), seen.get(MARKER));
  }

  static CharacterTokenizer of(String text) {
    BitSet seen = new BitSet();
    see(text, seen);
    return new CharacterTokenizer(seen);
  }

  /**
   * Makes a tokenizer of the characters of UTF-8 files. The files are read in parts, so that they
   * may be larger than memory.
   */
  static CharacterTokenizer of(Path... texts) {
    BitSet seen = new BitSet();
    for (Path text : texts) {
      try {
        TextParts.read(text, part -> see(part, seen));
      } catch (IOException e) {
        throw new DataException("The text " + text + " could not be read: " + e, e);
      }
    }
    return new CharacterTokenizer(seen);
  }

  /**
   * Sets in {@code seen} the bits of the characters of a text, without those of {@link
   * #END_OF_TEXT}. If the text contains that string, sets the bit {@link #MARKER} as well.
   */
  private static void see(String text, BitSet seen) {
    text.replace(END_OF_TEXT, "").codePoints().forEach(seen::set);
    if (text.contains(END_OF_TEXT)) {
      seen.set(MARKER);
    }
  }

  @Override
  public String name() {
    return "characters-%d-%s"
        .formatted(
            vocabulary(), DigestUtils.sha256Hex(Arrays.toString(characters)).substring(0, 16));
  }

  @Override
  public int vocabulary() {
    return characters.length + (ends ? 1 : 0);
  }

  @Override
  public int[] encode(String text) {
    return ends
        ? TextParts.encode(text, characters.length, part -> part.codePoints().map(this::token))
        : text.codePoints().map(this::token).toArray();
  }

  private int token(int character) {
    int token = Arrays.binarySearch(characters, character);
    if (token < 0) {
      throw new DataException(
          "The text has the character '%s' (U+%04X), which is none of this tokenizer's %d: make the tokenizer from a text that has this character too"
              .formatted(Character.toString(character), character, characters.length));
    }
    return token;
  }

  @Override
  public String decode(long... tokens) {
    return Arrays.stream(tokens).mapToObj(this::text).collect(Collectors.joining());
  }

  private String text(long token) {
    if (token < 0 || token >= vocabulary()) {
      throw new DataException(
          "There is no token %d: this tokenizer's tokens are 0 to %d"
              .formatted(token, vocabulary() - 1));
    }
    return token == characters.length ? END_OF_TEXT : Character.toString(characters[(int) token]);
  }
}
