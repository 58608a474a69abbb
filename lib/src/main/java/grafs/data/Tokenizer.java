package grafs.data;

import java.nio.file.Path;

/** Turns text into tokens, numbers from 0 on, and back. */
public interface Tokenizer {

  /** The separator of a text's documents, as in the files of GPT-2 and TinyStories. */
  String END_OF_TEXT = "<|endoftext|>";

  /** {@return a name that identifies the tokens; it can be part of a file's name} */
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
   * {@return GPT-2's byte-pair encoding (Radford et al. 2019): 50 257 tokens, and 47 unused ones,
   * since the paper's networks have 50 304}
   */
  static Tokenizer gpt2() {
    return Gpt2Tokenizer.INSTANCE;
  }

  /**
   * Makes every character of a text a token, in the order of their Unicode numbers, with one more
   * for {@link #END_OF_TEXT} if the text has it.
   *
   * @param text a text that has all characters to be encoded later
   * @return a tokenizer
   */
  static Tokenizer characters(String text) {
    return CharacterTokenizer.of(text);
  }

  /**
   * Makes every character of some files a token, as {@link #characters(String)} does of a text;
   * they may be larger than memory.
   *
   * @param texts UTF-8 texts that have all characters to be encoded later
   * @return a tokenizer
   * @throws DataException if one cannot be read or is not UTF-8
   */
  static Tokenizer characters(Path... texts) {
    return CharacterTokenizer.of(texts);
  }
}
