package grafs.run;

import grafs.data.ImageDataset;
import grafs.data.TextDataset;
import grafs.data.Tokenizer;

/**
 * Where to load a task's data from, in a form that another process or machine can use.
 *
 * @param data a data set's name, or a folder of images or a text file, as for {@link
 *     ImageDataset#load} and {@link TextDataset#load}
 * @param tokens the kind of tokens of a text; null for images
 * @param context the context length in tokens; 0 for images
 * @param heldOut whether the task is {@link Task#heldOut} of these data
 */
public record TaskSource(String data, Tokens tokens, int context, boolean heldOut) {

  /**
   * Creates the source of a task that is scored on the test examples.
   *
   * @param data a data set's name, a folder or a file
   * @param tokens the kind of tokens of a text; null for images
   * @param context the context length in tokens; 0 for images
   */
  public TaskSource(String data, Tokens tokens, int context) {
    this(data, tokens, context, false);
  }

  /** {@return the source of {@link Task#heldOut} of the same data} */
  public TaskSource withHeldOut() {
    return new TaskSource(data, tokens, context, true);
  }

  /** The kinds of tokens. */
  public enum Tokens {
    /** Its characters. */
    CHARACTERS,
    /** GPT-2's byte pairs. */
    GPT2
  }

  /**
   * Chooses the source of the notebooks' experiments: images unchanged; texts in blocks of 64
   * characters, or of 256 GPT-2 tokens at the scale {@code paper}.
   *
   * @param family the family of networks
   * @param scale the scale's name
   * @param data a data set's name, a folder or a file
   * @return the source
   */
  public static TaskSource of(PaperModel.Family family, String scale, String data) {
    if (family != PaperModel.Family.GPT) {
      return new TaskSource(data, null, 0);
    }
    return scale.equals("paper")
        ? new TaskSource(data, Tokens.GPT2, 256)
        : new TaskSource(data, Tokens.CHARACTERS, 64);
  }

  /**
   * Loads the data.
   *
   * @return the task
   * @throws grafs.data.DataException if the data are missing; the message says which files to put
   *     where
   */
  public Task load() {
    Task all;
    if (tokens == null) {
      all = new ImageTask(ImageDataset.load(data));
    } else {
      TextDataset text =
          tokens == Tokens.GPT2
              ? TextDataset.load(data, Tokenizer.gpt2())
              : TextDataset.characters(data);
      all = new TextTask(text, context);
    }
    return heldOut ? all.heldOut() : all;
  }
}
