package grafs.run;

import ai.djl.ndarray.types.Shape;
import grafs.data.BatchSource;
import grafs.data.TextDataset;
import grafs.data.TextSet;

/**
 * A text to continue; an example is a block of tokens.
 *
 * @param data the text
 * @param context the tokens of a block, the most that the network sees at once
 */
record TextTask(TextDataset data, int context) implements Task {

  /** The network sees blocks to test with in batches of this size; no result depends on it. */
  private static final int TEST_BATCH = 32;

  /**
   * Throws if a part of the text is shorter than a block, before anything is trained on the others.
   *
   * @param scale sets α's share of the text to train on
   * @throws IllegalArgumentException with the length that is enough
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
      long enough = (long) Math.ceil((context + 1.0) * all / Math.max(1, part.size()));
      throw new IllegalArgumentException(
          "%s has %d tokens, of which %d are %s: too few for blocks of %d at scale %s. Take a text of about %d tokens or more, or shorter blocks"
              .formatted(data.name(), all, part.size(), what, context, scale.name(), enough));
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
   * Batches of {@code examples} blocks per epoch; for 0, of as many as fit in the text end to end.
   */
  private BatchSource blocks(TextSet text, int examples, int batch, long seed) {
    long blocks = examples == 0 ? (text.size() - 1) / context : examples;
    return text.training(batch, context, Math.toIntExact(Math.max(1, blocks / batch)), seed);
  }
}
