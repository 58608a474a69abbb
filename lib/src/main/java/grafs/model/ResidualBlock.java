package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.util.PairList;
import grafs.cell.FunctionBlock;
import java.util.function.Supplier;

/**
 * The building block of He et al. 2016, section 4.2: act(bn(conv(act(bn(conv(x))))) + shortcut(x)),
 * with 3×3 convolutions and the parameter-free shortcut of option A.
 */
final class ResidualBlock extends AbstractBlock {

  private final int filters;
  private final int stride;
  final Block conv1;
  final Block bn1;
  final Block act1;
  final Block conv2;
  final Block bn2;
  final Block act2;

  ResidualBlock(int filters, int stride, Supplier<? extends Block> activation) {
    this.filters = filters;
    this.stride = stride;
    conv1 = addChildBlock("conv1", conv3x3(filters, stride));
    bn1 = addChildBlock("bn1", batchNorm());
    act1 = addChildBlock("act1", activation.get());
    conv2 = addChildBlock("conv2", conv3x3(filters, 1));
    bn2 = addChildBlock("bn2", batchNorm());
    act2 = addChildBlock("act2", activation.get());
  }

  static Block conv3x3(int filters, int stride) {
    Conv2d conv =
        Conv2d.builder()
            .setKernelShape(new Shape(3, 3))
            .setFilters(filters)
            .optStride(new Shape(stride, stride))
            .optPadding(new Shape(1, 1))
            .optBias(false)
            .build();
    return kaiming(conv);
  }

  static Block batchNorm() {
    // DJL's momentum is the weight of the old running statistics; PyTorch's, 0.1, is that of the
    // new batch.
    return BatchNorm.builder().optEpsilon(1e-5f).optMomentum(0.9f).build();
  }

  /** Kaiming normal initialisation: N(0, 2 / fan-in), which DJL has under Xavier's name. */
  static Block kaiming(Block block) {
    block.setInitializer(
        new XavierInitializer(
            XavierInitializer.RandomType.GAUSSIAN, XavierInitializer.FactorType.IN, 2),
        Parameter.Type.WEIGHT);
    return block;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList y = conv1.forward(store, inputs, training);
    y = bn1.forward(store, y, training);
    y = act1.forward(store, y, training, FunctionBlock.OWNED);
    y = conv2.forward(store, y, training);
    y = bn2.forward(store, y, training);
    NDArray sum = y.singletonOrThrow().add(shortcut(inputs.singletonOrThrow()));
    return act2.forward(store, new NDList(sum), training, FunctionBlock.OWNED);
  }

  /**
   * Returns x, or where the block's stride is 2, every second row and column of x with zeros for
   * the added channels, half of them before and half after those of x.
   */
  private NDArray shortcut(NDArray x) {
    if (stride == 1) {
      return x;
    }
    long added = filters - x.getShape().get(1);
    NDArray sliced = x.get(new NDIndex(":, :, ::{}, ::{}", stride, stride));
    // Padding is given from the last dimension to the first, as (before, after).
    return sliced.pad(new Shape(0, 0, 0, 0, added / 2, added - added / 2), 0);
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    Shape[] shapes = inputShapes;
    for (Block child : getChildren().values()) {
      child.initialize(manager, type, shapes);
      shapes = child.getOutputShapes(shapes);
    }
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return conv1.getOutputShapes(inputShapes);
  }
}
