package grafs.run;

import grafs.data.ImageDataset;
import grafs.data.TextDataset;
import grafs.data.Tokenizer;

/**
 * Says where the data of a {@link Task}, on which a network is trained and tested, can be loaded
 * from. Another process or machine, to which a {@link RunRequest} is sent, can load them too, if it
 * has the same files.
 *
 * @param data a data set's name, a folder of images or a text file, as {@link ImageDataset#load}
 *     and {@link TextDataset#load} take them
 * @param tokens the kind of tokens of a text; null for images
 * @param context the number of tokens in a block, which the network sees at once; 0 for images
 * @param heldOut whether a fifth of the training examples takes the place of the test examples
 *     ({@link Task#heldOut})
 */
public record TaskSource(String data, Tokens tokens, int context, boolean heldOut) {

  /**
   * {@return the source of the same data with {@code heldOut} set: networks are scored on a fifth
   * of the training examples, on which they are not trained}
   */
  public TaskSource withHeldOut() {
    return new TaskSource(data, tokens, context, true);
  }

  /** The kinds of tokens of a text. */
  public enum Tokens {
    /** Each character is a token. */
    CHARACTERS,
    /** The tokens are those of GPT-2's byte-pair encoding. */
    GPT2
  }

  /**
   * Returns the source that the notebooks use: images as they are; texts in blocks of 64
   * characters, or in blocks of 256 GPT-2 tokens at the scale {@code paper}. A {@link Scale} is a
   * set of hyperparameters.
   *
   * @param family the family of networks
   * @param scale the scale's name
   * @param data a data set's name, a folder or a file
   * @return the source
   */
  public static TaskSource of(PaperModel.Family family, String scale, String data) {
    if (family != PaperModel.Family.GPT) {
      return new TaskSource(data, null, 0, false);
    }
    return scale.equals("paper")
        ? new TaskSource(data, Tokens.GPT2, 256, false)
        : new TaskSource(data, Tokens.CHARACTERS, 64, false);
  }

  /**
   * Loads the data.
   *
   * @return the task
   * @throws grafs.data.DataException if files are missing or damaged; the message says which files
   *     to put where
   * @throws IllegalArgumentException if images cannot be converted to three channels of 32×32
   *     pixels
   */
  public Task load() {
    Task all =
        tokens == null ? new ImageTask(ImageDataset.load(data)) : new TextTask(text(), context);
    return heldOut ? all.heldOut() : all;
  }

  private TextDataset text() {
    return tokens == Tokens.GPT2
        ? TextDataset.load(data, Tokenizer.gpt2())
        : TextDataset.characters(data);
  }
}
