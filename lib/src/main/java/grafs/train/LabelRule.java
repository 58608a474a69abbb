package grafs.train;

import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.HingeLoss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import java.lang.reflect.Field;
import java.util.Optional;

/**
 * The labels that a loss requires: their shape, and the values they may have. {@link Learner} and
 * {@link DatasetCheck} check labels by it, because DJL's losses do not: a softmax cross-entropy
 * that requires class indices, for example, takes each 0 and 1 of one-hot labels for an index.
 */
enum LabelRule {
  /**
   * A class index for each example, in a text for each token, which DJL's softmax cross-entropy
   * requires by default.
   */
  INDEX("the index of a class", "an index from 0 to one below the network's number of outputs"),
  /** A probability for each class, which softmax cross-entropy with dense labels requires. */
  SHARES("a number for each class", "a number from 0 to 1"),
  /** A probability for each output, mostly 0 or 1, which sigmoid binary cross-entropy requires. */
  YES_OR_NO("a number for each output", "a number from 0 to 1"),
  /** −1 or 1 for each output, which hinge loss requires. */
  SIGN("a number for each output", "-1 or 1"),
  /** Finite numbers in any shape, for regressions and all other losses. */
  ANY("a number", "finite");

  /** What the loss needs for an example, for messages. */
  private final String shape;

  /** What a label may be, for messages. */
  private final String range;

  LabelRule(String shape, String range) {
    this.shape = shape;
    this.range = range;
  }

  /**
   * Returns the rule for the labels of a loss.
   *
   * @param loss a loss
   * @return the rule; {@link #ANY} unless it is DJL's softmax cross-entropy, sigmoid binary
   *     cross-entropy or hinge loss
   */
  static LabelRule of(Loss loss) {
    if (loss instanceof SoftmaxCrossEntropyLoss) {
      return isSparse(loss) ? INDEX : SHARES;
    }
    if (loss instanceof SigmoidBinaryCrossEntropyLoss) {
      return YES_OR_NO;
    }
    return loss instanceof HingeLoss ? SIGN : ANY;
  }

  /** Whether a loss requires class indices; DJL keeps this in a private field. */
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
   * Checks that a batch's labels are as many as the loss requires for the network's output.
   *
   * @param output the shape of the output, such as {@code [batch, classes]} or {@code [batch,
   *     tokens, classes]}
   * @param labels the shape of the labels
   * @throws IllegalArgumentException if they are more or fewer; the message says what the loss
   *     requires and, for one-hot labels in place of class indices or the reverse, what to change
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
   * Checks the value of a label.
   *
   * @param label the value
   * @param classes the size of the last dimension of the network's output, for class indices the
   *     number of classes
   * @return a description of what is wrong, such as {@code 10, but must be …}; empty if the label
   *     is valid
   */
  Optional<String> fault(double label, long classes) {
    boolean right =
        switch (this) {
          case INDEX -> label == Math.rint(label) && label >= 0 && label < classes;
          case SHARES, YES_OR_NO -> label >= 0 && label <= 1;
          case SIGN -> Math.abs(label) == 1;
          case ANY -> true;
        };
    if (right && Double.isFinite(label)) {
      return Optional.empty();
    }
    // Whole numbers are shown without decimals.
    String shown = label == Math.rint(label) ? "%.0f".formatted(label) : "" + label;
    String outputs = classes == 1 ? " output" : " outputs";
    String why = this == INDEX ? ": the network has " + classes + outputs : "";
    return Optional.of(shown + ", but must be " + range + why);
  }
}
