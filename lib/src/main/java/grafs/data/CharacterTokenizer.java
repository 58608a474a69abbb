package grafs.data;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Characters as tokens; the end of a text, where there is one, comes after them. */
final class CharacterTokenizer implements Tokenizer {

  /** Unicode code points, sorted. */
  private final int[] characters;

  private final boolean ends;

  private CharacterTokenizer(int[] characters, boolean ends) {
    this.characters = characters;
    this.ends = ends;
  }

  static CharacterTokenizer of(String text) {
    boolean ends = text.contains(END_OF_TEXT);
    IntStream own = text.replace(END_OF_TEXT, "").codePoints();
    return new CharacterTokenizer(own.distinct().sorted().toArray(), ends);
  }

  @Override
  public String name() {
    return "characters-%d-%08x".formatted(vocabulary(), Arrays.hashCode(characters));
  }

  @Override
  public int vocabulary() {
    return characters.length + (ends ? 1 : 0);
  }

  @Override
  public OptionalInt endOfText() {
    return ends ? OptionalInt.of(characters.length) : OptionalInt.empty();
  }

  @Override
  public int[] encode(String text) {
    IntStream.Builder tokens = IntStream.builder();
    int from = 0;
    while (ends && text.indexOf(END_OF_TEXT, from) >= 0) {
      int end = text.indexOf(END_OF_TEXT, from);
      text.substring(from, end).codePoints().map(this::token).forEach(tokens::add);
      tokens.add(characters.length);
      from = end + END_OF_TEXT.length();
    }
    text.substring(from).codePoints().map(this::token).forEach(tokens::add);
    return tokens.build().toArray();
  }

  private int token(int character) {
    int token = Arrays.binarySearch(characters, character);
    if (token < 0) {
      throw new DataException(
          "The character '%s' (U+%04X) is not among the tokenizer's %d: make it of a text that has it"
              .formatted(Character.toString(character), character, characters.length));
    }
    return token;
  }

  @Override
  public String decode(long... tokens) {
    StringBuilder text = new StringBuilder();
    for (long token : tokens) {
      if (token < 0 || token >= vocabulary()) {
        throw new DataException(
            "There is no token %d, they go from 0 to %d".formatted(token, vocabulary() - 1));
      }
      if (token == characters.length) {
        text.append(END_OF_TEXT);
      } else {
        text.appendCodePoint(characters[(int) token]);
      }
    }
    return text.toString();
  }
}
