package grafs.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.cell.ActivationCells;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Grid;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Optimizer;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import grafs.train.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The architect on a small network with activation cells. */
class ArchitectOfCellsTest {

  /** A high learning rate, so that the step is long and what it does to α counts. */
  private static final SgdSettings SGD = new SgdSettings(0.5, 0.9, 1e-3, Decay.COSINE);

  private static final Block RELU = Activations.of("relu").get();

  private static final int SIZE = 64;

  /** A network after some steps, with the batches of the next one. */
  private static final class Fixture implements AutoCloseable {

    final ActivationCells cells =
        new ActivationCells(
            CellSpace.paper(), ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, RELU);
    final Learner learner = learner(cells);
    final ArchitectureParameters alpha =
        new ArchitectureParameters(cells.space(), learner.manager(), 1);
    final Optimizer sgd = SGD.optimizer(learner.weights(), 1000);
    final Optimizer alphas = new SgdSettings(1, 0, 0, Decay.COSINE).optimizer(alpha.arrays(), 1000);
    final List<Batch> training = batches(2);
    final List<Batch> validation = batches(3);
    final Tally tally = new Tally(learner.manager());

    Fixture() {
      new CellWarmStart(100, 0.1, 0).fit(cells.space(), alpha, Relaxation.SOFTMAX, RELU, null);
      for (int step = 0; step < 3; step++) {
        weightStep();
      }
    }

    private List<Batch> batches(long seed) {
      List<Batch> batches = new ArrayList<>();
      Rings.batches(2, SIZE, seed).epoch(learner.manager(), 0).forEach(batches::add);
      return batches;
    }

    void weightStep() {
      alpha.freeze(true);
      training.forEach(batch -> backpropagate(batch, tally));
      alpha.freeze(false);
      sgd.step(training.size());
    }

    void backpropagate(Batch batch, Tally tally) {
      learner.backpropagate(batch, tally, () -> cells.relax(weights()), cells::backward);
    }

    private CellWeights weights() {
      CellWeights weights = Relaxation.SOFTMAX.weights(alpha, 1, null);
      return alpha.frozen() ? weights.hold() : weights;
    }

    List<Architect.Loss> losses(List<Batch> batches) {
      return batches.stream()
          .map(batch -> (Architect.Loss) () -> backpropagate(batch, tally))
          .toList();
    }

    Architect architect(Architect.Order order) {
      return new Architect(order, alphas, sgd, learner.buffers().values());
    }

    /** ∇α, unary before binary. */
    float[] gradient(Architect.Order order) {
      architect(order).backward(losses(training), losses(validation));
      return flat(alpha.unary().getGradient(), alpha.binary().getGradient());
    }

    /** The validation loss after a step of the weights, with α moved. */
    double unrolled(float[] direction, double h) {
      int split = (int) alpha.unary().size();
      NDManager manager = learner.manager();
      for (int i = 0; i < direction.length; i++) {
        NDArray array = i < split ? alpha.unary() : alpha.binary();
        float[] one = new float[(int) array.size()];
        one[i < split ? i : i - split] = (float) (h * direction[i]);
        try (NDArray move = manager.create(one, array.getShape())) {
          array.addi(move);
        }
      }
      weightStep();
      try (Tally loss = new Tally(manager)) {
        validation.forEach(batch -> backpropagate(batch, loss));
        return loss.score().loss();
      }
    }

    List<float[]> everything() {
      List<float[]> all = new ArrayList<>();
      learner.weights().values().forEach(array -> all.add(array.toFloatArray()));
      learner.buffers().values().forEach(array -> all.add(array.toFloatArray()));
      sgd.state().values().forEach(array -> all.add(array.toFloatArray()));
      return all;
    }

    @Override
    public void close() {
      training.forEach(Batch::close);
      validation.forEach(Batch::close);
      learner.close();
    }
  }

  private static Learner learner(ActivationCells cells) {
    SequentialBlock block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(16).build())
            .add(BatchNorm.builder().build())
            .add(cells.get())
            .add(Linear.builder().setUnits(16).build())
            .add(cells.get())
            .add(Linear.builder().setUnits(2).build());
    return new Learner(block, Loss.softmaxCrossEntropyLoss(), new Shape(64, 2), 1);
  }

  private static float[] flat(NDArray first, NDArray second) {
    float[] a = first.toFloatArray();
    float[] b = second.toFloatArray();
    float[] flat = new float[a.length + b.length];
    System.arraycopy(a, 0, flat, 0, a.length);
    System.arraycopy(b, 0, flat, a.length, b.length);
    return flat;
  }

  private static double dot(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> (double) a[i] * b[i]).sum();
  }

  @Test
  void secondOrderIsTheSlopeOfTheUnrolledLoss() {
    float[] second;
    float[] first;
    try (Fixture fixture = new Fixture()) {
      second = fixture.gradient(Architect.Order.SECOND);
    }
    try (Fixture fixture = new Fixture()) {
      first = fixture.gradient(Architect.Order.FIRST);
    }
    // Along the difference of both gradients they disagree the most.
    float[] direction = new float[first.length];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = second[i] - first[i];
    }
    double length = Math.sqrt(dot(direction, direction));
    for (int i = 0; i < direction.length; i++) {
      direction[i] /= (float) length;
    }
    double h = 0.02;
    double up;
    double down;
    try (Fixture fixture = new Fixture()) {
      up = fixture.unrolled(direction, h);
    }
    try (Fixture fixture = new Fixture()) {
      down = fixture.unrolled(direction, -h);
    }
    double slope = (up - down) / (2 * h);
    String told =
        "slope %s, second order %s, first order %s"
            .formatted(slope, dot(second, direction), dot(first, direction));
    assertEquals(slope, dot(second, direction), 0.05 * length, told);
    assertTrue(Math.abs(slope - dot(first, direction)) > 0.5 * length, told);
  }

  @Test
  void secondOrderStepLeavesTheNetworkAsItWas() {
    try (Fixture fixture = new Fixture()) {
      List<float[]> before = fixture.everything();
      float[] alpha = fixture.alpha.unary().toFloatArray();
      fixture
          .architect(Architect.Order.SECOND)
          .step(fixture.losses(fixture.training), fixture.losses(fixture.validation));
      List<float[]> after = fixture.everything();
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), after.get(i), 0);
      }
      for (NDArray weight : fixture.learner.weights().values()) {
        assertEquals(0, weight.getGradient().abs().sum().getFloat());
      }
      assertTrue(alpha[0] != fixture.alpha.unary().toFloatArray()[0], "α moved");
    }
  }

  @Test
  void arraysDoNotPileUp() {
    try (Fixture fixture = new Fixture()) {
      Architect architect = fixture.architect(Architect.Order.SECOND);
      int arrays = 0;
      for (int step = 0; step < 10; step++) {
        architect.step(fixture.losses(fixture.training), fixture.losses(fixture.validation));
        fixture.weightStep();
        int now = fixture.learner.manager().getManagedArrays().size();
        assertTrue(step < 2 || now == arrays, "from " + arrays + " to " + now + " arrays");
        arrays = now;
      }
    }
  }

  @Test
  void searchesBySecondOrderWithAccumulation() {
    SearchSettings settings =
        new SearchSettings(
            1,
            3,
            Shrinking.geometric(1),
            SIZE,
            new SgdSettings(0.2, 0.9, 1e-4, Decay.COSINE),
            0.02,
            new CellWarmStart(100, 0.1, 0),
            Relaxation.SOFTMAX,
            Architect.Order.SECOND,
            2);
    List<Progress> heard = new ArrayList<>();
    SearchResult first = search(settings, heard::add);
    // Seven batches make three steps of two and one of one, in each of four epochs.
    assertEquals(4 + 3 * 2 * 4, heard.get(heard.size() - 1).total());
    assertEquals(heard.get(heard.size() - 1).total(), heard.get(heard.size() - 1).done());
    assertEquals(7 * SIZE, first.epochs().get(0).train().examples());
    assertEquals(7 * SIZE, first.epochs().get(0).validation().examples());
    assertTrue(
        first.epochs().get(0).train().loss() < first.warmStart().get(0).loss(),
        "the loss falls: " + first);
    SearchResult second = search(settings, Progress.Listener.NONE);
    assertEquals(first.found(), second.found());
    assertEquals(first.epochs().get(2).train(), second.epochs().get(2).train());
  }

  private static SearchResult search(SearchSettings settings, Progress.Listener listener) {
    ActivationCells cells =
        new ActivationCells(
            CellSpace.paper(), ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, RELU);
    try (Learner learner = learner(cells)) {
      return new BilevelSearch(settings, cells, learner, RELU, listener)
          .run(Rings.batches(7, SIZE, 4), Rings.batches(7, SIZE, 5), 1);
    }
  }
}
