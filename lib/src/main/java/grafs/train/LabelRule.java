package grafs.train;

import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.HingeLoss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import java.lang.reflect.Field;
import java.util.Optional;

/**
 * The labels that a loss requires. DJL's losses do not check them: given one-hot labels, for
 * example, a softmax cross-entropy of indices takes each 0 and 1 for the index of a class.
 */
enum LabelRule {
  /** The index of a class for each example, as DJL's softmax cross-entropy takes it by default. */
  INDEX("the index of a class", "an index from 0 to one below the network's number of outputs"),
  /** A probability for each class, as the softmax cross-entropy of dense labels takes it. */
  SHARES("a number for each class", "a number from 0 to 1"),
  /** A probability for each output, 0 or 1 as a rule, as sigmoid binary cross-entropy takes it. */
  YES_OR_NO("a number for each output", "a number from 0 to 1"),
  /** The sign of each output, as hinge loss takes it. */
  SIGN("a number for each output", "-1 or 1"),
  /** Any finite number, for regressions and for losses that are not known here. */
  ANY("a number", "finite");

  private final String shape;
  private final String range;

  LabelRule(String shape, String range) {
    this.shape = shape;
    this.range = range;
  }

  /**
   * Returns the rule of a loss.
   *
   * @param loss a loss
   * @return the rule; {@link #ANY} except for DJL's softmax cross-entropy, sigmoid binary
   *     cross-entropy and hinge loss
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

  private static boolean isSparse(Loss loss) {
    try {
      Field field = SoftmaxCrossEntropyLoss.class.getDeclaredField("sparseLabel");
      field.setAccessible(true);
      return field.getBoolean(loss);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this DJL keeps a loss's kind of labels elsewhere: " + e, e);
    }
  }

  /**
   * Compares the shape of a batch's labels with that of the network's output.
   *
   * @param output {@code [batch, classes]} or {@code [batch, tokens, classes]}
   * @param labels the labels' shape
   * @throws IllegalArgumentException if they do not fit; says what to do
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
          "; they look one-hot: give indices, such as labels.argMax(-1), or of a CsvDataset"
              + " addCategoricalLabel(name, map, false); or take the loss of such labels, new"
              + " SoftmaxCrossEntropyLoss(\"loss\", 1, -1, false, true)";
    } else if (this == SHARES && labels.size() == output.size() / classes) {
      remedy = "; they look like indices, for which Loss.softmaxCrossEntropyLoss() is";
    }
    throw new IllegalArgumentException(
        "labels of shape %s do not fit an output of shape %s: the loss needs %s%s"
            .formatted(labels, output, shape, remedy));
  }

  /**
   * Says what is wrong with a label.
   *
   * @param label the number
   * @param classes the number of the network's outputs
   * @return what is wrong, or empty if nothing is
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
