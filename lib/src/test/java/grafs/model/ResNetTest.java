package grafs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.nn.core.Prelu;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import grafs.SharedFolder;
import grafs.data.ImageDataset;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link ResNet}: its logits with the weights of a network that was trained with PyTorch, its
 * number of parameters, initial weights and batch norm.
 */
class ResNetTest {

  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  private ResNet relu(int depth) {
    ResNet net = ResNet.of(depth, 10, Activations.of("relu"));
    net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
    return net;
  }

  private NDArray logits(Block net, NDArray images) {
    return net.forward(new ParameterStore(manager, false), new NDList(images), false)
        .singletonOrThrow();
  }

  @Test
  void independentlyTrainedWeightsGiveTheirLogitsAndAccuracy() {
    Path weights = SharedFolder.require("oracles/resnet20-cifar10.safetensors");
    Path sample = SharedFolder.require("oracles/resnet20-logits-sample64.safetensors");
    Path folder = SharedFolder.require("data/cifar-10-jpeg");
    ResNet net = relu(20);
    SafeTensors.load(weights, net.stateDict());
    float[] expected = SafeTensors.read(sample, manager).get("logits").toFloatArray();
    int right = 0;
    int seen = 0;
    double error = 0;
    for (Batch batch :
        ImageDataset.load(folder.toString()).test().evaluation(250).epoch(manager, 0)) {
      try (batch) {
        float[] logits = logits(net, batch.getData().head()).toFloatArray();
        for (long label : batch.getLabels().head().toLongArray()) {
          int from = seen % 250 * 10;
          int best = 0;
          for (int c = 0; c < 10; c++) {
            best = logits[from + c] > logits[from + best] ? c : best;
            if (seen < 64) {
              error = Math.max(error, Math.abs(logits[from + c] - expected[seen * 10 + c]));
            }
          }
          right += best == label ? 1 : 0;
          seen++;
        }
      }
    }
    System.out.printf("largest logit error %.2e; %d of %d right%n", error, right, seen);
    assertTrue(error <= 1e-4, "logits differ by " + error);
    assertEquals(1626, right);
    assertEquals(2000, seen);
  }

  @Test
  void sizesAreTheOriginals() {
    assertEquals(269_722, relu(20).parameterCount());
    assertEquals(853_018, relu(56).parameterCount());
    assertThrows(IllegalArgumentException.class, () -> relu(21));
    assertThrows(IllegalArgumentException.class, () -> relu(2));
    assertThrows(IllegalStateException.class, () -> ResNet.of(20, 10, Prelu::new).parameterCount());
  }

  @Test
  void initialWeightsAreKaimingNormal() {
    for (Map.Entry<String, Parameter> entry : relu(20).stateDict().entrySet()) {
      Shape shape = entry.getValue().getShape();
      if (shape.dimension() == 4 && shape.size() > 9000) {
        double fanIn = shape.size() / (double) shape.get(0);
        NDArray w = entry.getValue().getArray();
        double variance = w.square().mean().getFloat() * fanIn / 2;
        // The variance of n normally distributed numbers has a relative standard error of sqrt(2 /
        // n), here at most 1.5 %.
        assertEquals(1, variance, 0.08, entry.getKey());
      }
    }
  }

  @Test
  void runningStatisticsTakeATenthOfEachBatch() {
    // With PyTorch's default momentum of 0.1, the new running statistics are 0.9 times the old ones
    // (mean 0, variance 1) plus 0.1 times those of the batch (mean 3). The batch norm here must
    // compute the same.
    Block norm = ResidualBlock.batchNorm();
    norm.initialize(manager, DataType.FLOAT32, new Shape(2, 1, 1, 2));
    NDArray batch = manager.create(new float[] {1, 2, 3, 6}, new Shape(2, 1, 1, 2));
    norm.forward(new ParameterStore(manager, false), new NDList(batch), true);
    ParameterList parameters = norm.getParameters();
    assertEquals(0.3f, parameters.get("runningMean").getArray().getFloat(), 1e-6f);
    // The batch's unbiased variance is 14/3: the sum of the squared deviations from the mean is 14,
    // divided by 4 − 1.
    assertEquals(0.9f + 0.1f * 14 / 3, parameters.get("runningVar").getArray().getFloat(), 1e-6f);
  }

  @Test
  void otherInputIsRefused() {
    ResNet net = ResNet.of(20, 10, Activations.of("relu"));
    assertThrows(
        IllegalArgumentException.class,
        () -> net.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 28, 28)));
  }
}
