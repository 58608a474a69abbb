package grafs.run;

import ai.djl.ndarray.types.Shape;
import grafs.data.BatchSource;

/**
 * The data that an {@link Experiment} trains a network on: images to classify or a text to
 * continue. An example is an image or a block of consecutive tokens. Training examples train
 * networks; test examples only score them. A search for an activation function splits the training
 * examples in two parts. One part trains the network's weights. The other trains α, the numbers by
 * which the search chooses the operations of the function. A {@link Scale}, a set of
 * hyperparameters, says how many examples are used and sets the batch size.
 */
public sealed interface Task permits ImageTask, TextTask {

  /**
   * The two parts of the training examples in a search.
   *
   * @param weights batches of the part that trains the network's weights
   * @param alpha batches of the part that trains α
   */
  record Parts(BatchSource weights, BatchSource alpha) {}

  /** {@return the data set's name in tables and messages} */
  String name();

  /**
   * {@return a text that identifies the content of the data, since other data may have the same
   * name}
   */
  String fingerprint();

  /**
   * Returns the shape of the network's input.
   *
   * @param scale says whether images are halved in height and width
   * @return the shape of a batch of one example: {@code [1, channels, height, width]}, or {@code
   *     [1, tokens]} for a text
   */
  Shape input(Scale scale);

  /**
   * {@return the number of the network's outputs: one for each class, or for each token of the
   * vocabulary}
   */
  int outputs();

  /** The share of the training examples that {@link #heldOut} uses as test examples. */
  double HELD_OUT = 0.2;

  /**
   * Makes a task for choosing hyperparameters, such as a learning rate, without the test examples.
   *
   * @return a task with four fifths of the training examples to train on, and the rest as test
   *     examples
   */
  Task heldOut();

  /**
   * Returns the name of the data of {@link #heldOut}.
   *
   * @param data the name of the whole data set
   * @return that name with {@code ", held out"} added
   */
  static String heldOutName(String data) {
    return data + ", held out";
  }

  /**
   * Returns batches of the training examples.
   *
   * @param scale sets the batch size and the number of examples
   * @param seed the seed of the order and the augmentation
   * @return batches of {@code scale.batchSize()} examples
   */
  BatchSource training(Scale scale, long seed);

  /**
   * Returns batches of the test examples, always the same and without augmentation.
   *
   * @param scale sets the number of examples
   * @return batches of a size that the task chooses; scores do not depend on the size
   */
  BatchSource test(Scale scale);

  /**
   * Returns batches of the two parts of the training examples.
   *
   * @param scale sets the batch size, the share of each part, and the number of examples
   * @param seed the seed of the order and the augmentation, and of how images are split
   * @return batches of {@code scale.search().batchSize()} examples; if the part for α has fewer
   *     images than a batch, its only batch has all of them. The part for α usually has fewer
   *     images, and so fewer batches in an epoch, than the part for the weights. For texts, both
   *     parts have equally many batches, unless the scale asks for as many blocks as fit in each
   *     part
   */
  Parts parts(Scale scale, long seed);

  /**
   * Returns batches of the part of the training examples for α, without augmentation, to score
   * networks that were trained on the other part.
   *
   * @param scale sets the number of examples
   * @param seed the seed by which images are split
   * @return batches, always the same
   */
  BatchSource validation(Scale scale, long seed);
}
