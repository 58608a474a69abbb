package grafs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.util.PairList;
import grafs.data.DatasetBatches;
import grafs.model.Activations;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link Learner}, which computes loss and gradients of a network: scoring in training mode,
 * accuracy, labels that the loss does not accept, interruption, the message if memory is exhausted,
 * and resetting the network.
 */
class LearnerTest {

  /**
   * Returns the learner of a network with batch normalisation between two linear layers, for 5
   * inputs and 3 classes.
   */
  private static Learner learner() {
    Block network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(4).build())
            .add(BatchNorm.builder().build())
            .add(Linear.builder().setUnits(3).build());
    return new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, 5), 1);
  }

  /** Returns 16 examples of 5 random numbers, all of class 0. */
  private static Batch batch(Learner learner) {
    NDArray x = learner.manager().randomNormal(3, 2, new Shape(16, 5), DataType.FLOAT32);
    ArrayDataset data =
        new ArrayDataset.Builder()
            .setData(x)
            .optLabels(learner.manager().zeros(new Shape(16)))
            .setSampling(16, false)
            .build();
    return DatasetBatches.inOrder(data, 16).epoch(learner.manager(), 0).iterator().next();
  }

  /**
   * A forward pass, with or without a backward pass, over a batch. It adds the batch's loss and
   * correct predictions to the running sums {@code tally}.
   */
  private interface Pass {
    void run(Batch batch, RunningScore tally);
  }

  private static double loss(Learner learner, Batch batch, Pass pass) {
    try (RunningScore tally = new RunningScore(learner.manager())) {
      pass.run(batch, tally);
      return tally.score().loss();
    }
  }

  /** Returns the running means of batch normalisation. */
  private static float[] statistics(Learner learner) {
    return learner.buffers().valueAt(0).toFloatArray();
  }

  @Test
  void scoringAsInTrainingGivesTrainingsLossAndChangesNothing() {
    try (Learner learner = learner()) {
      Batch batch = batch(learner);
      float[] before = statistics(learner);
      double scored = learner.evaluateAsInTraining(batch).loss();
      assertArrayEquals(before, statistics(learner));
      assertEquals(loss(learner, batch, learner::backpropagate), scored, 1e-6);
      assertNotEquals(before[0], statistics(learner)[0], 1e-6f, "the statistics can move");
      assertNotEquals(learner.evaluate(List.of(batch)).loss(), scored, 1e-3);
    }
  }

  /**
   * The loss of a regression whose network predicts a normal distribution for each example: the
   * negative log-likelihood of the label, without its constant term. The network's output, {@code
   * [batch, 2]}, is the mean and the logarithm of the standard deviation; the labels are {@code
   * [batch]}.
   */
  private static final class NormalLikelihood extends Loss {

    NormalLikelihood() {
      super("NormalLikelihood");
    }

    @Override
    public NDArray evaluate(NDList labels, NDList outputs) {
      NDArray mean = outputs.head().get(":, 0");
      NDArray logSigma = outputs.head().get(":, 1");
      return labels.head().sub(mean).div(logSigma.exp()).square().mul(0.5).add(logSigma).mean();
    }
  }

  @Test
  void onlyClassIndicesGiveAnAccuracy() {
    Block network = Linear.builder().setUnits(2).build();
    try (Learner learner = new Learner(network, new NormalLikelihood(), new Shape(1, 5), 1)) {
      Batch indices = batch(learner);
      Batch numbers = batch(learner);
      assertTrue(learner.evaluateAsInTraining(indices).accuracy() >= 0);
      NDArray labels = numbers.getLabels().head();
      for (float label : new float[] {0.5f, -1, 2}) {
        labels.set(new NDIndex("7"), label);
        Score score = learner.evaluateAsInTraining(numbers);
        assertTrue(Double.isFinite(score.loss()), "loss " + score.loss());
        assertEquals(Double.NaN, score.accuracy(), "with the label " + label);
        assertEquals(-score.loss(), score.value());
      }
      assertEquals(Double.NaN, learner.evaluate(List.of(numbers, indices)).accuracy());
    }
  }

  @Test
  void aRegressionNeedsALabelForEachOutput() {
    for (Loss loss : List.of(new SquaredError(), Loss.l1Loss(), Loss.l2Loss())) {
      Block network = Linear.builder().setUnits(2).build();
      try (Learner learner = new Learner(network, loss, new Shape(1, 5), 1)) {
        List<Batch> batches = List.of(batch(learner));
        String said =
            assertThrows(IllegalArgumentException.class, () -> learner.evaluate(batches))
                .getMessage();
        assertTrue(said.contains("labels of shape (16) do not fit"), said);
        assertTrue(said.contains("the loss needs a number for each output"), said);
      }
    }
  }

  @Test
  void aFractionInPlaceOfAClassIndexIsShownAsWritten() {
    LabelRule rule = LabelRule.of(Loss.softmaxCrossEntropyLoss());
    for (double label : new double[] {0.1f, 0.1}) {
      String said = rule.fault(label, 2).orElseThrow();
      assertTrue(said.startsWith("0.1, but must be an index from 0"), said);
      assertTrue(said.endsWith("for a regression take new SquaredError()"), said);
    }
    assertTrue(rule.fault(2, 2).orElseThrow().endsWith("the network has 2 outputs"));
  }

  @Test
  void scoringEndsWhenItsThreadIsInterrupted() {
    try (Learner learner = learner()) {
      Batch batch = batch(learner);
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, () -> learner.evaluate(List.of(batch)));
    }
  }

  /**
   * Returns the learner of a network that throws PyTorch's error for exhausted GPU memory if a
   * batch has more than three examples.
   */
  private static Learner small() {
    Block network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(3).build())
            .addSingleton(
                x -> {
                  if (x.getShape().get(0) > 3) {
                    throw new EngineException("CUDA out of memory. Tried to allocate 20.00 GiB");
                  }
                  return x;
                });
    return new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, 5), 1);
  }

  @Test
  void aBatchThatDoesNotFitIsSaidWithWhatToDo() {
    try (Learner learner = small();
        Batch batch = batch(learner);
        RunningScore tally = new RunningScore(learner.manager())) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> learner.backpropagate(batch, tally));
      assertTrue(
          e.getMessage()
              .matches(
                  "a batch of 16 examples does not fit into the memory of cpu\\(\\): take a smaller"
                      + " batchSize .*"),
          e.getMessage());
      assertTrue(e.getCause().getMessage().contains("20.00 GiB"));
    }
  }

  /**
   * Tests that {@link Learner#restart} sets gradients to 0, even the NaN gradients of a diverged
   * training.
   */
  @Test
  void restartingClearsGradients() {
    Block network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(4).build())
            .add(Activations.of("xielu").get())
            .add(Linear.builder().setUnits(3).build());
    try (Learner learner =
            new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, 5), 1);
        Batch batch = batch(learner)) {
      learner.restart(1);
      batch.getData().head().muli(Float.NaN);
      loss(learner, batch, learner::backpropagate);
      assertTrue(Float.isNaN(gradients(learner)[0]));
      learner.restart(1);
      assertArrayEquals(new float[learner.weights().size()], gradients(learner));
    }
  }

  /** A block that multiplies its input by a parameter that has a value, but no initializer. */
  private static final class Scale extends AbstractBlock {

    private final Parameter factor =
        addParameter(Parameter.builder().setName("factor").setType(Parameter.Type.OTHER).build());

    Scale(NDArray value) {
      factor.setArray(value);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
      return new NDList(in.head().mul(factor.getArray()));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return shapes;
    }
  }

  @Test
  void restartingSetsAParameterWithoutAnInitializerToItsFirstValue() {
    try (NDManager manager = NDManager.newBaseManager();
        Learner learner =
            new Learner(
                new Scale(manager.create(new float[] {3})), Loss.l2Loss(), new Shape(1, 5), 1)) {
      NDArray factor = learner.weights().valueAt(0);
      factor.stopGradient().addi(1);
      learner.restart(2);
      assertArrayEquals(new float[] {3}, factor.toFloatArray());
    }
  }

  /** Returns the first number of each weight's gradient. */
  private static float[] gradients(Learner learner) {
    float[] first = new float[learner.weights().size()];
    for (int w = 0; w < first.length; w++) {
      try (NDArray gradient = learner.weights().valueAt(w).getGradient()) {
        first[w] = gradient.toFloatArray()[0];
      }
    }
    return first;
  }
}
