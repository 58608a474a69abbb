package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** Computes a discrete function operation by operation; its β may be parameters or constants. */
final class ActivationBlock extends AbstractBlock {

  private final DiscreteActivation function;
  private final Parameter beta;

  ActivationBlock(DiscreteActivation function, boolean learnable) {
    this.function = function;
    int count = function.betas().length;
    beta =
        count == 0 || !learnable
            ? null
            : addParameter(
                Parameter.builder()
                    .setName("beta")
                    .setType(Parameter.Type.OTHER)
                    .optShape(new Shape(count))
                    .optInitializer(
                        (manager, shape, type) ->
                            manager.create(function.betas()).toType(type, false))
                    .build());
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    NDArray own = null;
    if (beta != null) {
      own = store.getValue(beta, x.getDevice(), training);
    } else if (function.betas().length > 0) {
      own = x.getManager().create(function.betas()).toType(x.getDataType(), false);
    }
    return new NDList(function.evaluate(x, own));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}
