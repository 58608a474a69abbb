package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;

/**
 * Adam (Kingma and Ba 2015) as DJL's: for the learning rate η and step t,
 *
 * <pre>
 * G = g + λ·w
 * m ← β₁·m + (1 − β₁)·G,  v ← β₂·v + (1 − β₂)·G²
 * w ← w − ηₜ·m / (√v + ε),  ηₜ = η·√(1 − β₂ᵗ) / (1 − β₁ᵗ),  ε = 1e-8
 * </pre>
 *
 * <p>or with decoupled weight decay (AdamW; Loshchilov and Hutter 2019): G = g, and w ← w − η·λ·w
 * first.
 */
public final class Adam extends Optimizer {

  private static final String MEAN = "mean";
  private static final String VARIANCE = "variance";
  private static final float EPSILON = 1e-8f;

  private final float beta1;
  private final float beta2;
  private final float weightDecay;
  private final Decay decay;

  /** How weights decay. */
  private enum Decay {
    /** By an L2 penalty in the gradient. */
    PENALTY,
    /** Apart from the gradient. */
    DECOUPLED,
    /** Apart from the gradient, and only where there are two dimensions or more. */
    DECOUPLED_MATRICES
  }

  /**
   * Creates an optimizer at rest, with weight decay as an L2 penalty.
   *
   * @param weights the weights by name
   * @param learningRate the learning rate η of each step, from step 1
   * @param beta1 β₁, how much of the mean stays in a step
   * @param beta2 β₂, how much of the variance stays in a step
   * @param weightDecay the penalty's factor λ
   */
  public Adam(
      PairList<String, NDArray> weights,
      Tracker learningRate,
      double beta1,
      double beta2,
      double weightDecay) {
    this(weights, learningRate, beta1, beta2, weightDecay, 0, Decay.PENALTY);
  }

  private Adam(
      PairList<String, NDArray> weights,
      Tracker learningRate,
      double beta1,
      double beta2,
      double weightDecay,
      double clip,
      Decay decay) {
    super(weights, learningRate, clip, MEAN, VARIANCE);
    this.beta1 = (float) beta1;
    this.beta2 = (float) beta2;
    this.weightDecay = (float) weightDecay;
    this.decay = decay;
  }

  /**
   * Creates an optimizer at rest, with decoupled weight decay: AdamW.
   *
   * @param weights the weights by name
   * @param learningRate the learning rate η of each step, from step 1
   * @param beta1 β₁, how much of the mean stays in a step
   * @param beta2 β₂, how much of the variance stays in a step
   * @param weightDecay the decay's factor λ
   * @return the optimizer
   */
  public static Adam decoupled(
      PairList<String, NDArray> weights,
      Tracker learningRate,
      double beta1,
      double beta2,
      double weightDecay) {
    return new Adam(weights, learningRate, beta1, beta2, weightDecay, 0, Decay.DECOUPLED);
  }

  /**
   * Creates an AdamW at rest as transformers are trained with: biases and the like, arrays of one
   * dimension, do not decay, and gradients are clipped.
   *
   * @param weights the weights by name
   * @param learningRate the learning rate η of each step, from step 1
   * @param beta1 β₁, how much of the mean stays in a step
   * @param beta2 β₂, how much of the variance stays in a step
   * @param weightDecay the decay's factor λ
   * @param clip the largest norm of all gradients together, above which they are scaled down; 0 for
   *     any
   * @return the optimizer
   */
  public static Adam ofTransformers(
      PairList<String, NDArray> weights,
      Tracker learningRate,
      double beta1,
      double beta2,
      double weightDecay,
      double clip) {
    return new Adam(
        weights, learningRate, beta1, beta2, weightDecay, clip, Decay.DECOUPLED_MATRICES);
  }

  @Override
  protected void move(String name, NDArray weight, NDArray gradient, float rate, float scale) {
    boolean spared = decay == Decay.DECOUPLED_MATRICES && weight.getShape().dimension() < 2;
    weight
        .getNDArrayInternal()
        .adamUpdate(
            new NDList(weight, gradient, state(MEAN, name), state(VARIANCE, name)),
            new NDList(weight),
            rate,
            corrected(rate, steps()),
            spared ? 0 : weightDecay,
            scale,
            -1,
            beta1,
            beta2,
            EPSILON,
            true,
            decay != Decay.PENALTY);
  }

  /** The learning rate of a step with the bias of both averages taken out of it. */
  private float corrected(float rate, int step) {
    return (float) (rate * Math.sqrt(1 - Math.pow(beta2, step)) / (1 - Math.pow(beta1, step)));
  }

  /**
   * The derivative of the whole step: both averages depend on the gradient, the scale √v too.
   *
   * <pre>ds/dg = ηₜ·( (1 − β₁)/(√v + ε) − (1 − β₂)·G·m / (√v·(√v + ε)²) )</pre>
   *
   * <p>It is taken as 0 where a weight has not had a gradient yet, v = 0. There the step is all but
   * a jump, and (1 − β₁)·ηₜ/ε says nothing about gradients larger than ε.
   */
  @Override
  protected NDArray derivative(String name, NDArray weight, NDArray gradient, float rate) {
    NDArray g =
        decay != Decay.PENALTY ? gradient : gradient.add(weight.stopGradient().mul(weightDecay));
    NDArray mean = state(MEAN, name).mul(beta1).add(g.mul(1 - beta1));
    NDArray root = state(VARIANCE, name).mul(beta2).add(g.square().mul(1 - beta2)).sqrt();
    NDArray scale = root.add(EPSILON);
    NDArray turn = g.mul(1 - beta2).div(root.maximum(Float.MIN_NORMAL)).mul(mean).div(scale);
    NDArray had = root.gt(0).toType(root.getDataType(), false);
    return turn.neg().add(1 - beta1).div(scale).mul(corrected(rate, steps() + 1)).mul(had);
  }
}
