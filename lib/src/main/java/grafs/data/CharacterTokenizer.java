package grafs.data;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
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
    Characters all = new Characters();
    text.chars().forEach(c -> all.add((char) c));
    return all.tokenizer();
  }

  /** Makes the tokens of files, which are read once and not held. */
  static CharacterTokenizer of(Path... texts) {
    Characters all = new Characters();
    char[] chunk = new char[1 << 16];
    for (Path text : texts) {
      try (Reader reader = Files.newBufferedReader(text, StandardCharsets.UTF_8)) {
        for (int read = reader.read(chunk); read >= 0; read = reader.read(chunk)) {
          for (int i = 0; i < read; i++) {
            all.add(chunk[i]);
          }
        }
      } catch (CharacterCodingException e) {
        throw new DataException("The text " + text + " is not UTF-8; convert it first", e);
      } catch (IOException e) {
        throw new DataException("The text " + text + " could not be read: " + e, e);
      }
      all.endText();
    }
    return all.tokenizer();
  }

  /** The characters seen so far, without those of {@link #END_OF_TEXT}. */
  private static final class Characters {

    final BitSet codePoints = new BitSet();
    boolean ends;

    /** How many of the marker's characters were the last ones. */
    private int matched;

    private char highSurrogate;

    void add(char c) {
      if (c == END_OF_TEXT.charAt(matched)) {
        matched++;
        if (matched == END_OF_TEXT.length()) {
          ends = true;
          matched = 0;
        }
        return;
      }
      endText();
      if (c == END_OF_TEXT.charAt(0)) {
        matched = 1;
      } else if (Character.isHighSurrogate(c)) {
        highSurrogate = c;
      } else {
        codePoints.set(Character.isLowSurrogate(c) ? Character.toCodePoint(highSurrogate, c) : c);
      }
    }

    /** What began like the marker and was none is text. */
    void endText() {
      END_OF_TEXT.substring(0, matched).chars().forEach(codePoints::set);
      matched = 0;
    }

    CharacterTokenizer tokenizer() {
      endText();
      return new CharacterTokenizer(codePoints.stream().toArray(), ends);
    }
  }

  @Override
  public String name() {
    byte[] all = Arrays.toString(characters).getBytes(StandardCharsets.UTF_8);
    return "characters-%d-%s"
        .formatted(
            vocabulary(), HexFormat.of().formatHex(Checksum.digest("SHA-256").digest(all), 0, 8));
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
