package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import java.util.List;

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
 * <p>Weight decay applies to weights of two or more dimensions, not to biases and norms.
 */
final class AdamOptimizer extends WeightOptimizer {

  private static final String MEAN = "mean";
  private static final String VARIANCE = "variance";
  private static final double EPSILON = 1e-8;

  private final float beta1;
  private final float beta2;
  private final float weightDecay;

  /**
   * Creates an optimizer with all state zero.
   *
   * @param weights the weights by name
   * @param learningRate the learning rate η of each step, from step 1
   * @param settings β₁, β₂, λ and the clipping norm
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
   * Returns the factor of m/(√v + ε′) that corrects the bias of both averages: η·√(1 − β₂ᵗ) / (1 −
   * β₁ᵗ).
   */
  private float corrected(float rate, int step) {
    return (float) (rate * Math.sqrt(1 - Math.pow(beta2, step)) / (1 - Math.pow(beta1, step)));
  }

  /**
   * Returns ε′ = ε·√(1 − β₂ᵗ): added to √v, it has the effect of ε added after the bias correction.
   */
  private float epsilon(int step) {
    return (float) (EPSILON * Math.sqrt(1 - Math.pow(beta2, step)));
  }

  /**
   * Returns the derivative of the whole step s with respect to the gradient g, on which both m and
   * √v depend.
   *
   * <pre>ds/dg = ηₜ·( (1 − β₁)/(√v + ε′) − (1 − β₂)·g·m / (√v·(√v + ε′)²) )</pre>
   *
   * <p>It is set to 0 for weights whose gradients were all 0 so far, v = 0. There the step is
   * almost a jump: its derivative (1 − β₁)·ηₜ/ε′ holds only for gradients smaller than ε′.
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
