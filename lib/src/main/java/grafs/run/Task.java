package grafs.run;

import ai.djl.ndarray.types.Shape;
import grafs.data.BatchSource;

/** What a network is to learn: images to classify, or a text to continue. */
public sealed interface Task permits ImageTask, TextTask {

  /** The two parts of the training examples, for bilevel search. */
  record Parts(BatchSource weights, BatchSource alpha) {}

  /** {@return the data set's name, under which results are reported} */
  String name();

  /** {@return a fingerprint, by which data sets of the same name are told apart} */
  String fingerprint();

  /**
   * Returns what the network takes.
   *
   * @param scale says how images are prepared
   * @return the shape of a batch of one example
   */
  Shape input(Scale scale);

  /** {@return the number of classes, or of tokens in the vocabulary} */
  int outputs();

  /** The share of the training examples that {@link #heldOut} holds out. */
  double HELD_OUT = 0.2;

  /**
   * Makes a task for choosing hyperparameters, such as a learning rate, without using the test
   * examples.
   *
   * @return four fifths of the training examples to train on, and the others to test with
   */
  Task heldOut();

  /**
   * Names the data of {@link #heldOut}.
   *
   * @param data the data set's name
   * @return the name under which its results are reported
   */
  static String heldOutName(String data) {
    return data + ", held out";
  }

  /**
   * Serves examples to train on.
   *
   * @param scale sets the batch size and how many examples are used
   * @param seed the seed of their order and augmentation
   * @return batches of {@code scale.batchSize()}
   */
  BatchSource training(Scale scale, long seed);

  /**
   * Serves the examples to test with, always the same.
   *
   * @param scale sets how many examples are used
   * @return batches; what is measured does not depend on their size
   */
  BatchSource test(Scale scale);

  /**
   * Serves the two parts of the examples to train on.
   *
   * @param scale sets the batch size and how many examples are used
   * @param seed the seed of the split, and of the order and augmentation within the parts
   * @return batches of {@code scale.search().batchSize()}, as many in both
   */
  Parts parts(Scale scale, long seed);

  /**
   * Serves the part for α without augmentation, to score networks trained on the other part.
   *
   * @param scale sets how many examples are used
   * @param seed the seed of the split
   * @return batches, always the same
   */
  BatchSource validation(Scale scale, long seed);
}
