package grafs.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
public final class ResNet extends AbstractNetwork {

  private static final int CHANNELS = 3;
  private static final int STAGES = 3;
  private static final int FILTERS = 16;

  private final int depth;
  private final int classes;
  private final Block conv1;
  private final Block bn1;
  private final Block act1;
  private final List<List<ResidualBlock>> stages = new ArrayList<>();
  private final Block linear;

  private ResNet(int depth, int classes, Supplier<? extends Block> activation) {
    super(activation);
    this.depth = depth;
    this.classes = classes;
    conv1 = addChildBlock("conv1", ResidualBlock.conv3x3(FILTERS, 1));
    bn1 = addChildBlock("bn1", ResidualBlock.batchNorm());
    act1 = addChildBlock("act1", activation());
    for (int s = 0; s < STAGES; s++) {
      List<ResidualBlock> stage = new ArrayList<>();
      for (int b = 0; b < (depth - 2) / (2 * STAGES); b++) {
        ResidualBlock block =
            new ResidualBlock(FILTERS << s, s > 0 && b == 0 ? 2 : 1, this::activation);
        stage.add(addChildBlock("layer" + (s + 1) + "." + b, block));
      }
      stages.add(stage);
    }
    linear =
        addChildBlock("linear", ResidualBlock.kaiming(Linear.builder().setUnits(classes).build()));
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

  /**
   * Returns the number of layers with weights.
   *
   * @return 6n + 2
   */
  public int depth() {
    return depth;
  }

  /**
   * Returns the number of logits.
   *
   * @return the number of classes
   */
  public int classes() {
    return classes;
  }

  @Override
  String title() {
    return "ResNet-%d for %d classes".formatted(depth, classes);
  }

  @Override
  void name(StateDict dict) {
    dict.put("conv1", conv1).put("bn1", bn1).put("act1", act1);
    for (int s = 0; s < STAGES; s++) {
      for (int b = 0; b < stages.get(s).size(); b++) {
        ResidualBlock block = stages.get(s).get(b);
        String place = "layer" + (s + 1) + "." + b + ".";
        dict.put(place + "conv1", block.conv1)
            .put(place + "bn1", block.bn1)
            .put(place + "act1", block.act1)
            .put(place + "conv2", block.conv2)
            .put(place + "bn2", block.bn2)
            .put(place + "act2", block.act2);
      }
    }
    dict.put("linear", linear);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList y = conv1.forward(store, inputs, training);
    y = bn1.forward(store, y, training);
    y = act1.forward(store, y, training);
    for (List<ResidualBlock> stage : stages) {
      for (ResidualBlock block : stage) {
        y = block.forward(store, y, training);
      }
    }
    // [batch, 64, height / 4, width / 4] to [batch, 64].
    y = new NDList(Pool.globalAvgPool2d(y.singletonOrThrow()));
    return linear.forward(store, y, training);
  }

  @Override
  protected void beforeInitialize(Shape... inputShapes) {
    super.beforeInitialize(inputShapes);
    if (inputShapes.length != 1
        || inputShapes[0].dimension() != 4
        || inputShapes[0].get(1) != CHANNELS) {
      throw new IllegalArgumentException(
          "ResNet takes one input [batch, 3, height, width], not " + Arrays.toString(inputShapes));
    }
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    Shape[] shapes = inputShapes;
    for (Block child : getChildren().values()) {
      if (child == linear) {
        shapes = new Shape[] {new Shape(inputShapes[0].get(0), shapes[0].get(1))};
      }
      child.initialize(manager, type, shapes);
      shapes = child.getOutputShapes(shapes);
    }
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), classes)};
  }
}
