package grafs.train;

import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.HingeLoss;
import ai.djl.training.loss.L1Loss;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import java.lang.reflect.Field;
import java.util.Optional;

/**
 * Describes which labels a loss requires: the shape of the labels, and the values that they may
 * have. {@link Learner}, which computes the loss of a network, checks the shapes by these rules,
 * and {@link DatasetCheck} checks shapes and values of a whole data set. DJL's losses do not check
 * labels. For example, a softmax cross-entropy that requires class indices takes each 0 and 1 of
 * one-hot labels for an index.
 */
enum LabelRule {
  /**
   * The labels are class indices, one for each example, or in a text one for each token. DJL's
   * softmax cross-entropy requires them by default.
   */
  INDEX("the index of a class", "an index from 0 to one below the network's number of outputs"),
  /**
   * The label of an example is a probability for each class. Softmax cross-entropy with dense
   * labels, such as one-hot labels, requires this.
   */
  SHARES("a number for each class", "a number from 0 to 1"),
  /**
   * The label of an example is a probability for each output of the network, mostly 0 or 1. Sigmoid
   * binary cross-entropy requires this.
   */
  YES_OR_NO("a number for each output", "a number from 0 to 1"),
  /**
   * The label of an example is −1 or 1 for each output of the network. Hinge loss requires this.
   */
  SIGN("a number for each output", "-1 or 1"),
  /**
   * The label of an example is a finite number for each output of the network. The losses of
   * regressions, {@link SquaredError} and DJL's L1 and L2 loss, require this.
   */
  NUMBERS("a number for each output", "finite"),
  /** The labels are finite numbers in any shape. This is the rule for losses not named above. */
  ANY("a number", "finite");

  /** Describes the label that each example needs, for messages. */
  private final String shape;

  /** Describes the valid values of a label, for messages. */
  private final String range;

  LabelRule(String shape, String range) {
    this.shape = shape;
    this.range = range;
  }

  /**
   * Returns the rule for the labels of a loss.
   *
   * @param loss a loss
   * @return the rule; {@link #ANY} unless the loss is DJL's softmax cross-entropy, sigmoid binary
   *     cross-entropy, hinge loss, L1 loss or L2 loss, or {@link SquaredError}
   */
  static LabelRule of(Loss loss) {
    if (loss instanceof SoftmaxCrossEntropyLoss) {
      return isSparse(loss) ? INDEX : SHARES;
    }
    if (loss instanceof SigmoidBinaryCrossEntropyLoss) {
      return YES_OR_NO;
    }
    if (loss instanceof SquaredError || loss instanceof L1Loss || loss instanceof L2Loss) {
      return NUMBERS;
    }
    return loss instanceof HingeLoss ? SIGN : ANY;
  }

  /**
   * Tells whether a loss requires class indices. DJL keeps this in a private field, which is read
   * by reflection.
   *
   * @param loss a {@link SoftmaxCrossEntropyLoss}
   */
  private static boolean isSparse(Loss loss) {
    try {
      Field field = SoftmaxCrossEntropyLoss.class.getDeclaredField("sparseLabel");
      field.setAccessible(true);
      return field.getBoolean(loss);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "this version of DJL has no field SoftmaxCrossEntropyLoss.sparseLabel, by which the kit"
              + " finds which labels the loss needs: take DJL 0.36.0",
          e);
    }
  }

  /**
   * Checks that a batch has as many numbers in its labels as the loss requires for the network's
   * output.
   *
   * @param output the shape of the output, such as {@code [batch, classes]} or {@code [batch,
   *     tokens, classes]}
   * @param labels the shape of the labels
   * @throws IllegalArgumentException if the labels have more or fewer numbers. The message says
   *     what the loss requires. If labels seem to be one-hot in place of class indices, or the
   *     reverse, it also says what to change
   */
  void requireShape(Shape output, Shape labels) {
    long classes = output.get(output.dimension() - 1);
    long expected = this == INDEX ? output.size() / classes : output.size();
    if (this == ANY || labels.size() == expected) {
      return;
    }
    String remedy = "";
    if (this == INDEX && labels.size() == output.size()) {
      remedy =
          ". These labels may be one-hot. Convert them to indices, as by labels.argMax(-1), or in a"
              + " CsvDataset by addCategoricalLabel(name, map, false); or take the loss of one-hot"
              + " labels: new SoftmaxCrossEntropyLoss(\"loss\", 1, -1, false, true)";
    } else if (this == SHARES && labels.size() == output.size() / classes) {
      remedy = ". These labels may be indices: their loss is Loss.softmaxCrossEntropyLoss()";
    }
    throw new IllegalArgumentException(
        "labels of shape %s do not fit a network's output of shape %s: for each example, the loss needs %s%s"
            .formatted(labels, output, shape, remedy));
  }

  /**
   * Checks the value of one number of a label.
   *
   * @param label the number
   * @param classes the size of the last dimension of the network's output; for class indices this
   *     is the number of classes
   * @return a description of what is wrong, such as {@code 10, but must be …}; empty if the label
   *     is valid
   */
  Optional<String> fault(double label, long classes) {
    boolean right =
        switch (this) {
          case INDEX -> label == Math.rint(label) && label >= 0 && label < classes;
          case SHARES, YES_OR_NO -> label >= 0 && label <= 1;
          case SIGN -> Math.abs(label) == 1;
          case NUMBERS, ANY -> true;
        };
    if (right && Double.isFinite(label)) {
      return Optional.empty();
    }
    // The message shows whole numbers without decimals, and a float32 label with the few digits of
    // a float: 0.1, not 0.10000000149011612.
    boolean whole = label == Math.rint(label);
    String number = label == (float) label ? "" + (float) label : "" + label;
    String shown = whole ? "%.0f".formatted(label) : number;
    String outputs = classes == 1 ? " output" : " outputs";
    String why = this == INDEX ? ": the network has " + classes + outputs : "";
    String remedy = this == INDEX && !whole ? "; for a regression take new SquaredError()" : "";
    return Optional.of(shown + ", but must be " + range + why + remedy);
  }
}
