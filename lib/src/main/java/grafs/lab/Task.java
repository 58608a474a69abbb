package grafs.lab;

import ai.djl.ndarray.types.Shape;
import grafs.data.BatchSource;

/** What a network is to learn: images to classify, or a text to continue. */
public sealed interface Task permits ImageTask, TextTask {

  /** The two parts of the training examples, for bilevel search. */
  record Parts(BatchSource weights, BatchSource alpha) {}

  /** {@return the data set's name, under which results are reported} */
  String name();

  /** {@return what tells this data from other data of the same name} */
  String fingerprint();

  /** {@return the shape of a batch of one example} */
  Shape input();

  /** {@return the number of classes, or of tokens in the vocabulary} */
  int outputs();

  /**
   * Serves examples to train on.
   *
   * @param scale how many
   * @param seed of their order and augmentation
   * @return batches of {@code scale.batchSize()}
   */
  BatchSource training(Scale scale, long seed);

  /**
   * Serves the examples to test with, always the same.
   *
   * @param scale how many
   * @return batches; what is measured does not depend on their size
   */
  BatchSource test(Scale scale);

  /**
   * Serves the two parts of the examples to train on.
   *
   * @param scale how many
   * @param seed of the split, and of the order and augmentation within
   * @return batches of {@code scale.search().batchSize()}, as many in both
   */
  Parts parts(Scale scale, long seed);

  /**
   * Serves the part for α as it is, to score networks with that learned from the other part.
   *
   * @param scale how many
   * @param seed of the split
   * @return batches, always the same
   */
  BatchSource validation(Scale scale, long seed);
}
