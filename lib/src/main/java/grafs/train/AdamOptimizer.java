package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import java.util.List;

/**
 * The optimizer Adam (Kingma and Ba 2015) with decoupled weight decay, called AdamW (Loshchilov and
 * Hutter 2019), as {@code torch.optim.AdamW} computes it. For weights w with gradient g, learning
 * rate η, weight decay λ, and the running means m of g and v of g², step t is
 *
 * <pre>
 * w ← w − η·λ·w
 * m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²
 * w ← w − η/(1 − β₁ᵗ)·m / (√(v / (1 − β₂ᵗ)) + ε),  ε = 1e-8
 * </pre>
 *
 * <p>Weight decay applies to weights of two or more dimensions. For biases and the weights of norms
 * λ is 0.
 */
final class AdamOptimizer extends WeightOptimizer {

  /** The name of the state array m. */
  private static final String MEAN = "mean";

  /** The name of the state array v. */
  private static final String VARIANCE = "variance";

  private static final double EPSILON = 1e-8;

  private final float beta1;
  private final float beta2;
  private final float weightDecay;

  /**
   * Creates an optimizer whose state arrays are 0.
   *
   * @param weights the weights by name
   * @param learningRate a function from the number of a step, counted from 1, to the learning rate
   *     η
   * @param settings the settings, of which only β₁, β₂, λ and the largest norm of the gradient are
   *     used
   */
  AdamOptimizer(PairList<String, NDArray> weights, Tracker learningRate, AdamSettings settings) {
    super(weights, learningRate, settings.clip(), List.of(MEAN, VARIANCE));
    beta1 = (float) settings.beta1();
    beta2 = (float) settings.beta2();
    weightDecay = (float) settings.weightDecay();
  }

  @Override
  protected void move(String name, NDArray weight, NDArray gradient, float rate, float scale) {
    NDList inputs = new NDList(weight, gradient, state(MEAN, name), state(VARIANCE, name));
    NDList updated = new NDList(weight);
    float corrected = corrected(rate, steps());
    float decay = weight.getShape().dimension() < 2 ? 0 : weightDecay;
    float eps = epsilon(steps());
    weight
        .getNDArrayInternal()
        .adamUpdate(
            inputs, updated, rate, corrected, decay, scale, -1, beta1, beta2, eps, true, true);
  }

  /**
   * Returns the learning rate with both bias corrections, η′ = η·√(1 − β₂ᵗ) / (1 − β₁ᵗ). With η′
   * and the result ε′ of {@link #epsilon}, the last formula of the class comment becomes w ← w −
   * η′·m / (√v + ε′).
   */
  private float corrected(float rate, int step) {
    return (float) (rate * Math.sqrt(1 - Math.pow(beta2, step)) / (1 - Math.pow(beta1, step)));
  }

  /**
   * Returns ε′ = ε·√(1 − β₂ᵗ). Adding ε′ to √v, which is not bias-corrected, has the same effect as
   * adding ε to the bias-corrected root √(v / (1 − β₂ᵗ)).
   */
  private float epsilon(int step) {
    return (float) (EPSILON * Math.sqrt(1 - Math.pow(beta2, step)));
  }

  /**
   * Returns the derivative of the next step s = η′·m / (√v + ε′) with respect to the gradient g, on
   * which m and v depend. Here η′ is the result of {@link #corrected}, and ε′ the result of {@link
   * #epsilon}. The derivative is
   *
   * <pre>ds/dg = η′·( (1 − β₁)/(√v + ε′) − (1 − β₂)·g·m / (√v·(√v + ε′)²) )</pre>
   *
   * <p>Where v is 0, because all gradients so far were 0, this method returns 0 instead. The exact
   * derivative, (1 − β₁)·η′/ε′, is huge there, but s has this slope only for gradients about as
   * small as ε′.
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
