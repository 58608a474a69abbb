package grafs.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.util.function.Supplier;

/**
 * The residual network for CIFAR of He, Zhang, Ren and Sun, <em>Deep Residual Learning for Image
 * Recognition</em> (CVPR 2016), section 4.2. It consists of a 3×3 convolution with batch norm and
 * activation, three stages of n residual blocks each, global average pooling, and a linear layer.
 * The stages have 16, 32 and 64 filters; the second and third halve height and width. The depth, 6n
 * + 2, counts the convolutions and the linear layer. The shortcuts, which add the input of a
 * residual block to its output, have no parameters (option A in that paper).
 *
 * <p>Input: images [batch, 3, height, width], 32×32 in that paper. Output: logits [batch, classes].
 *
 * <p>The names of the parameters are {@code conv1.weight}, {@code bn1.weight}, {@code bn1.bias},
 * {@code bn1.running_mean}, {@code bn1.running_var}, {@code layer1.0.conv1.weight}, …, {@code
 * linear.weight}, {@code linear.bias}, as in <a
 * href="https://github.com/akamaster/pytorch_resnet_cifar10">akamaster/pytorch_resnet_cifar10</a>.
 * If activations have parameters, the names of these begin with {@code act1.} for the activation
 * before the first block, and with the block's path for an activation in a block, such as {@code
 * layer1.0.act1.}.
 */
public final class ResNet extends Network {

  private static final int CHANNELS = 3;
  private static final int STAGES = 3;

  /** The number of filters in the first stage; each further stage doubles it. */
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
    // From [batch, 64, height / 4, width / 4] to [batch, 64].
    add("pool", Pool.globalAvgPool2dBlock());
    add("linear", ResidualBlock.kaiming(Linear.builder().setUnits(classes).build()));
  }

  /**
   * Creates a network, not yet initialized.
   *
   * <p>The weights of convolutions and of the linear layer are drawn from N(0, 2 / fan-in) (Kaiming
   * normal), where fan-in is the number of inputs from which one output is computed. The linear
   * layer's bias is 0.
   *
   * @param depth the number of convolutions and linear layers, 6n + 2 for n ≥ 1: 20, 32, 44, 56 or
   *     110 in He et al. 2016
   * @param classes the number of classes
   * @param activation called depth − 1 times, in the order of the forward pass; returns a new
   *     activation, a DJL block whose output has the same shape as its input
   * @return the network
   * @throws IllegalArgumentException if the depth is not 6n + 2 for n ≥ 1, or the number of classes
   *     is less than 1
   * @throws NullPointerException if the factory of activations returns null
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
