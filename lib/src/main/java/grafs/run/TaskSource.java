package grafs.run;

import grafs.data.ImageDataset;
import grafs.data.TextDataset;
import grafs.data.Tokenizer;

/**
 * Where a task's data are, in words that another process or machine understands too.
 *
 * @param data a data set's name, or a folder of images or a text file, as for {@link
 *     ImageDataset#load} and {@link TextDataset#load}
 * @param tokens what a text's tokens are; null for images
 * @param context the tokens that a network sees at once; 0 for images
 * @param heldOut whether the task is {@link Task#heldOut} of these data
 */
public record TaskSource(String data, Tokens tokens, int context, boolean heldOut) {

  /**
   * Says where the data of a task are that tests with the test examples.
   *
   * @param data a data set's name, a folder or a file
   * @param tokens what a text's tokens are; null for images
   * @param context the tokens that a network sees at once; 0 for images
   */
  public TaskSource(String data, Tokens tokens, int context) {
    this(data, tokens, context, false);
  }

  /** {@return the source of {@link Task#heldOut} of the same data} */
  public TaskSource withHeldOut() {
    return new TaskSource(data, tokens, context, true);
  }

  /** What the tokens of a text are. */
  public enum Tokens {
    /** Its characters. */
    CHARACTERS,
    /** GPT-2's byte pairs. */
    GPT2
  }

  /**
   * Says where the notebooks' experiments have their data: images as they are; texts in blocks of
   * 64 characters, at the scale {@code paper} of 256 of GPT-2's tokens.
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
   * @throws grafs.data.DataException if they are not here; the message says what to put where
   */
  public Task load() {
    Task all = loadAll();
    return heldOut ? all.heldOut() : all;
  }

  private Task loadAll() {
    if (tokens == null) {
      return new ImageTask(ImageDataset.load(data).asRgb32());
    }
    TextDataset text =
        tokens == Tokens.GPT2
            ? TextDataset.load(data, Tokenizer.gpt2())
            : TextDataset.characters(data);
    return new TextTask(text, context);
  }
}
