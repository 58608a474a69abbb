package grafs.run;

import ai.djl.ndarray.types.Shape;
import grafs.data.BatchSource;
import grafs.data.TextDataset;
import grafs.data.TextSet;

/**
 * The {@link Task} of continuing a text: predicting each next token. An example is a block of
 * consecutive tokens. Batches have tokens {@code [batch, context]} and labels {@code [batch,
 * context]}; the label of a token is the next token. A {@link Scale}, a set of hyperparameters,
 * says how many blocks are used, and the batch size.
 *
 * @param data the text, as training text and test text
 * @param context the number of tokens in a block, which the network sees at once
 */
record TextTask(TextDataset data, int context) implements Task {

  /** The batch size for scoring. It does not change a score, which is a mean over examples. */
  private static final int TEST_BATCH = 32;

  /**
   * Checks, before any training, that each part of the text has more tokens than a block: the two
   * parts of the training text in a search, and the test text.
   *
   * @param scale sets the share of the training text that trains α in a search; α are the
   *     parameters by which the search chooses operations
   * @throws IllegalArgumentException if a part is too short; the message says how many times as
   *     long the text has to be
   */
  void requireLength(Scale scale) {
    TextSet.Split parts = split(scale);
    requireLength("to search α on", parts.validation(), scale);
    requireLength("to search the weights on", parts.train(), scale);
    requireLength("to validate with", data.validation(), scale);
  }

  private void requireLength(String what, TextSet part, Scale scale) {
    if (part.size() <= context) {
      long all = data.train().size() + data.validation().size();
      // The message gives a factor, not a number of tokens. A task that heldOut() made has only a
      // part of the user's text, but the user has to lengthen the whole text. The factor is the
      // same for the part and for the whole text.
      double longer = Math.ceil(100 * (context + 1.0) / Math.max(1, part.size())) / 100;
      throw new IllegalArgumentException(
          "%s has %d tokens, of which %d are %s: too few for blocks of %d at scale %s. Take a text about %s times as long, or shorter blocks"
              .formatted(data.name(), all, part.size(), what, context, scale.name(), longer));
    }
  }

  @Override
  public String name() {
    return data.name();
  }

  @Override
  public String fingerprint() {
    return "%s; %s; %d tokens by %s, blocks of %d"
        .formatted(
            data.train().fingerprint(),
            data.validation().fingerprint(),
            outputs(),
            data.tokenizer().name(),
            context);
  }

  @Override
  public Shape input(Scale scale) {
    return new Shape(1, context);
  }

  @Override
  public int outputs() {
    return data.tokenizer().vocabulary();
  }

  @Override
  public TextTask heldOut() {
    TextSet.Split parts = data.train().split(HELD_OUT);
    return new TextTask(
        new TextDataset(
            Task.heldOutName(data.name()), data.tokenizer(), parts.train(), parts.validation()),
        context);
  }

  @Override
  public BatchSource training(Scale scale, long seed) {
    return blocks(data.train(), scale.trainExamples(), scale.batchSize(), seed);
  }

  @Override
  public BatchSource test(Scale scale) {
    return data.validation().evaluation(TEST_BATCH, context, most(scale));
  }

  @Override
  public Parts parts(Scale scale, long seed) {
    TextSet.Split parts = split(scale);
    int batch = scale.search().batchSize();
    return new Parts(
        blocks(parts.train(), scale.trainExamples(), batch, seed),
        blocks(parts.validation(), scale.trainExamples(), batch, seed + 1));
  }

  @Override
  public BatchSource validation(Scale scale, long seed) {
    return split(scale).validation().evaluation(TEST_BATCH, context, most(scale));
  }

  private TextSet.Split split(Scale scale) {
    return data.train().split(scale.search().alphaShare());
  }

  private static int most(Scale scale) {
    return scale.testExamples() == 0 ? Integer.MAX_VALUE : scale.testExamples();
  }

  /**
   * Returns batches of blocks at random positions of a text.
   *
   * @param examples the number of blocks in an epoch; 0 for as many as fit in the text end to end
   */
  private BatchSource blocks(TextSet text, int examples, int batch, long seed) {
    long blocks = examples == 0 ? (text.size() - 1) / context : examples;
    return text.training(batch, context, Math.toIntExact(Math.max(1, blocks / batch)), seed);
  }
}
