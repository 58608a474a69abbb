package grafs.data;

import java.nio.file.Path;

/** Turns text into tokens, numbers from 0 on, and back. */
public interface Tokenizer {

  /** What separates the documents of a text, as in GPT-2's and in TinyStories' files. */
  String END_OF_TEXT = "<|endoftext|>";

  /** {@return a name that no tokenizer of other tokens has; fit for a file's name} */
  String name();

  /** {@return the number of tokens there are} */
  int vocabulary();

  /**
   * Encodes a text.
   *
   * @param text the text; {@link #END_OF_TEXT} in it is one token
   * @return its tokens
   * @throws DataException if something in it has no token; the message says what
   */
  int[] encode(String text);

  /**
   * Decodes tokens.
   *
   * @param tokens tokens of this tokenizer
   * @return their text
   * @throws DataException if one is no token of this tokenizer
   */
  String decode(long... tokens);

  /**
   * {@return GPT-2's byte-pair encoding (Radford et al. 2019): 50 257 tokens, and 47 more that
   * stand for nothing, since the paper's networks have 50 304}
   */
  static Tokenizer gpt2() {
    return Gpt2Tokenizer.INSTANCE;
  }

  /**
   * Makes every character of a text a token, in the order of their Unicode numbers, with one more
   * for {@link #END_OF_TEXT} if the text has it.
   *
   * @param text a text with every character that there will be
   * @return a tokenizer
   */
  static Tokenizer characters(String text) {
    return CharacterTokenizer.of(text);
  }

  /**
   * Makes every character of some files a token, as {@link #characters(String)} does of a text;
   * they may be larger than memory.
   *
   * @param texts UTF-8 texts with every character that there will be
   * @return a tokenizer
   * @throws DataException if one cannot be read or is not UTF-8
   */
  static Tokenizer characters(Path... texts) {
    return CharacterTokenizer.of(texts);
  }
}
