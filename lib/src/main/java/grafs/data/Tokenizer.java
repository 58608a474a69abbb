package grafs.data;

import java.nio.file.Path;

/**
 * Turns a text into tokens and back. A token is a number from 0 to {@link #vocabulary()} − 1 that
 * stands for a piece of text; a language model reads and predicts tokens.
 */
public interface Tokenizer {

  /**
   * The string that separates the documents of a text, as for GPT-2 and in the data set
   * TinyStories.
   */
  String END_OF_TEXT = "<|endoftext|>";

  /**
   * {@return a name that identifies this mapping of text to tokens, fit to be part of a file name}
   */
  String name();

  /** {@return the number of different tokens, including unused ones} */
  int vocabulary();

  /**
   * Encodes a text.
   *
   * @param text the text; {@link #END_OF_TEXT} in it is one token; but a tokenizer of {@linkplain
   *     #characters characters} has that token only if the text that it was made from contains
   *     {@link #END_OF_TEXT}
   * @return the tokens of the text
   * @throws DataException if a character has no token; the message says which one
   */
  int[] encode(String text);

  /**
   * Decodes tokens.
   *
   * @param tokens tokens, from 0 to {@link #vocabulary()} − 1
   * @return their text, to which unused tokens add nothing
   * @throws DataException if a number is not in that range
   */
  String decode(long... tokens);

  /**
   * {@return GPT-2's byte-pair encoding (Radford et al. 2019), with 50 257 tokens; 47 unused ones
   * are added, since the networks of the paper (arXiv 2408.06820) have 50 304 outputs}
   */
  static Tokenizer gpt2() {
    return Gpt2Tokenizer.INSTANCE;
  }

  /**
   * Makes a tokenizer with one token for each different character (Unicode code point) of a text,
   * in the order of the code points; and a last one for {@link #END_OF_TEXT}, if the text has it.
   *
   * @param text a text with all characters that the tokenizer will have to encode
   * @return the tokenizer
   */
  static Tokenizer characters(String text) {
    return CharacterTokenizer.of(text);
  }

  /**
   * Makes a tokenizer of the characters of some files, as {@link #characters(String)} does of a
   * text. The files may be larger than memory.
   *
   * @param texts UTF-8 files with all characters that the tokenizer will have to encode
   * @return the tokenizer
   * @throws DataException if a file cannot be read or is not UTF-8
   */
  static Tokenizer characters(Path... texts) {
    return CharacterTokenizer.of(texts);
  }
}
