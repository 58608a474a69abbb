package grafs.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.util.function.Supplier;

/**
 * The residual network for CIFAR of He, Zhang, Ren and Sun, <em>Deep Residual Learning for Image
 * Recognition</em> (CVPR 2016), section 4.2: a 3×3 convolution, three stages of n residual blocks
 * of 16, 32 and 64 filters on 32×32, 16×16 and 8×8, global average pooling and a linear layer; 6n +
 * 2 layers with weights. Shortcuts are parameter-free (option A).
 *
 * <p>Input [batch, 3, height, width], 32×32 in the paper; output the logits [batch, classes].
 *
 * <p>The parameters' names are {@code conv1.weight}, {@code bn1.weight}, {@code bn1.bias}, {@code
 * bn1.running_mean}, {@code bn1.running_var}, {@code layer1.0.conv1.weight}, …, {@code
 * linear.weight}, {@code linear.bias}, as in <a
 * href="https://github.com/akamaster/pytorch_resnet_cifar10">akamaster/pytorch_resnet_cifar10</a>;
 * an activation's parameter is {@code act1.…} or {@code layer1.0.act1.…}.
 */
public final class ResNet extends Network {

  private static final int CHANNELS = 3;
  private static final int STAGES = 3;
  private static final int FILTERS = 16;

  private ResNet(int depth, int classes, Supplier<? extends Block> activation) {
    super("ResNet-%d for %d classes".formatted(depth, classes), "[batch, 3, height, width]");
    add("conv1", ResidualBlock.conv3x3(FILTERS, 1));
    add("bn1", ResidualBlock.batchNorm());
    add("act1", activation.get());
    for (int s = 0; s < STAGES; s++) {
      for (int b = 0; b < (depth - 2) / (2 * STAGES); b++) {
        int stride = s > 0 && b == 0 ? 2 : 1;
        add("layer" + (s + 1) + "." + b, new ResidualBlock(FILTERS << s, stride, activation));
      }
    }
    // [batch, 64, height / 4, width / 4] to [batch, 64].
    add("pool", Pool.globalAvgPool2dBlock());
    add("linear", ResidualBlock.kaiming(Linear.builder().setUnits(classes).build()));
  }

  /**
   * Creates a network, not yet initialized.
   *
   * <p>Weights are initialised from Kaiming's normal distribution, N(0, 2 / fan-in); the linear
   * layer's bias is 0.
   *
   * @param depth the layers with weights, 6n + 2: 20, 32, 44, 56 or 110 in the paper
   * @param classes the number of classes
   * @param activation makes each of the depth − 1 activations, in the order in which the input
   *     passes them; the output of each has the shape of its input
   * @return the network
   * @throws IllegalArgumentException if the depth is not 6n + 2, or there is no class
   */
  public static ResNet of(int depth, int classes, Supplier<? extends Block> activation) {
    if (depth < 8 || (depth - 2) % 6 != 0) {
      throw new IllegalArgumentException(
          "There is no CIFAR ResNet-" + depth + ": its depth is 6n + 2, such as 20, 32, 44, 56");
    }
    if (classes < 1) {
      throw new IllegalArgumentException("A network has at least 1 class, not " + classes);
    }
    return new ResNet(depth, classes, activation);
  }

  @Override
  boolean takes(Shape shape) {
    return shape.dimension() == 4 && shape.get(1) == CHANNELS;
  }
}
