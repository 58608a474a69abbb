package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.util.PairList;
import grafs.cell.FunctionBlock;
import java.util.List;
import java.util.function.Supplier;

/**
 * A residual block of {@link ResNet} (He et al. 2016, <em>Deep Residual Learning for Image
 * Recognition</em>, section 4.2). It computes act(bn(conv(act(bn(conv(x))))) + shortcut(x)) with
 * 3×3 convolutions (conv), batch norm (bn), an activation (act), and a shortcut without parameters
 * (option A in that paper). Input [batch, channels, height, width]; output [batch, filters, height
 * / stride, width / stride], rounded up. The stride is 1 or 2.
 */
final class ResidualBlock extends Sequence {

  private final int filters;
  private final int stride;

  ResidualBlock(int filters, int stride, Supplier<? extends Block> activation) {
    this.filters = filters;
    this.stride = stride;
    add("conv1", conv3x3(filters, stride));
    add("bn1", batchNorm());
    add("act1", activation.get());
    add("conv2", conv3x3(filters, 1));
    add("bn2", batchNorm());
    add("act2", activation.get());
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
    // In DJL the momentum is the weight of the old running statistics, in PyTorch it is the weight
    // of the new batch's statistics. So 0.9 in DJL equals PyTorch's default of 0.1.
    return BatchNorm.builder().optEpsilon(1e-5f).optMomentum(0.9f).build();
  }

  /**
   * Sets Kaiming normal initialisation for a block, and returns the block. The weights are then
   * drawn from N(0, 2 / fan-in), where fan-in is the number of inputs from which one output is
   * computed. DJL provides this as an option of its Xavier initializer.
   */
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
    List<Block> blocks = children.values();
    int last = blocks.size() - 1;
    // A FunctionBlock, the block of an activation that a search has found, frees its input early if
    // it is given OWNED. This is safe because no other block reads that input. DJL's own blocks
    // ignore OWNED.
    NDList y = through(store, inputs, training, FunctionBlock.OWNED, blocks.subList(0, last));
    NDArray sum = y.singletonOrThrow().add(shortcut(inputs.singletonOrThrow()));
    return blocks.get(last).forward(store, new NDList(sum), training, FunctionBlock.OWNED);
  }

  /**
   * Returns x if the stride is 1. If it is 2, returns every second row and column of x, padded to
   * the block's number of filters with channels of zeros, half of them before and half after the
   * channels of x.
   */
  private NDArray shortcut(NDArray x) {
    if (stride == 1) {
      return x;
    }
    long added = filters - x.getShape().get(1);
    NDArray sliced = x.get(new NDIndex(":, :, ::{}, ::{}", stride, stride));
    // The padding is a pair (before, after) for each dimension, from the last one to the first.
    return sliced.pad(new Shape(0, 0, 0, 0, added / 2, added - added / 2), 0);
  }
}
