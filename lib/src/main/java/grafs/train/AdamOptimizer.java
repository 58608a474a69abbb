package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;

/**
 * Adam (Kingma and Ba 2015), with decoupled weight decay AdamW (Loshchilov and Hutter 2019), as
 * {@code torch.optim.AdamW}: for the learning rate η and step t,
 *
 * <pre>
 * w ← w − η·λ·w
 * m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²
 * w ← w − η/(1 − β₁ᵗ)·m / (√(v / (1 − β₂ᵗ)) + ε),  ε = 1e-8
 * </pre>
 *
 * <p>Only matrices decay, not biases and the like, which have one dimension.
 */
public final class AdamOptimizer extends WeightOptimizer {

  private static final String MEAN = "mean";
  private static final String VARIANCE = "variance";
  private static final double EPSILON = 1e-8;

  private final float beta1;
  private final float beta2;
  private final float weightDecay;

  /**
   * Creates an optimizer at rest.
   *
   * @param weights the weights by name
   * @param learningRate the learning rate η of each step, from step 1
   * @param beta1 β₁, how much of the mean stays in a step
   * @param beta2 β₂, how much of the variance stays in a step
   * @param weightDecay the decay's factor λ, 0 for Adam
   * @param clip the largest norm of all gradients together, above which they are scaled down; 0 for
   *     any
   */
  public AdamOptimizer(
      PairList<String, NDArray> weights,
      Tracker learningRate,
      double beta1,
      double beta2,
      double weightDecay,
      double clip) {
    super(weights, learningRate, clip, MEAN, VARIANCE);
    this.beta1 = (float) beta1;
    this.beta2 = (float) beta2;
    this.weightDecay = (float) weightDecay;
  }

  @Override
  protected void move(String name, NDArray weight, NDArray gradient, float rate, float scale) {
    weight
        .getNDArrayInternal()
        .adamUpdate(
            new NDList(weight, gradient, state(MEAN, name), state(VARIANCE, name)),
            new NDList(weight),
            rate,
            corrected(rate, steps()),
            weight.getShape().dimension() < 2 ? 0 : weightDecay,
            scale,
            -1,
            beta1,
            beta2,
            epsilon(steps()),
            true,
            true);
  }

  /**
   * The factor of m/(√v + ε′) with the bias of both averages taken out: η·√(1 − β₂ᵗ) / (1 − β₁ᵗ).
   */
  private float corrected(float rate, int step) {
    return (float) (rate * Math.sqrt(1 - Math.pow(beta2, step)) / (1 - Math.pow(beta1, step)));
  }

  /** ε′ = ε·√(1 − β₂ᵗ), which added to √v is ε added after the bias correction. */
  private float epsilon(int step) {
    return (float) (EPSILON * Math.sqrt(1 - Math.pow(beta2, step)));
  }

  /**
   * The derivative of the whole step: both averages depend on the gradient, the scale √v too.
   *
   * <pre>ds/dg = ηₜ·( (1 − β₁)/(√v + ε′) − (1 − β₂)·g·m / (√v·(√v + ε′)²) )</pre>
   *
   * <p>It is taken as 0 where a weight has not had a gradient yet, v = 0. There the step is all but
   * a jump, and (1 − β₁)·ηₜ/ε′ says nothing about gradients larger than ε′.
   */
  @Override
  protected NDArray derivative(String name, NDArray weight, NDArray gradient, float rate) {
    NDArray mean = state(MEAN, name).mul(beta1).add(gradient.mul(1 - beta1));
    NDArray root = state(VARIANCE, name).mul(beta2).add(gradient.square().mul(1 - beta2)).sqrt();
    NDArray scale = root.add(epsilon(steps() + 1));
    NDArray turn = gradient.mul(1 - beta2).div(root.maximum(Float.MIN_NORMAL)).mul(mean).div(scale);
    NDArray had = root.gt(0).toType(root.getDataType(), false);
    return turn.neg().add(1 - beta1).div(scale).mul(corrected(rate, steps() + 1)).mul(had);
  }
}
