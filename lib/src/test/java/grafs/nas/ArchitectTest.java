package grafs.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import grafs.train.Adam;
import grafs.train.Optimizer;
import grafs.train.Sgd;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The architect on quadratic bilevel problems in float64. */
class ArchitectTest {

  private static final long SEED = new Random().nextLong();
  private static final int WEIGHTS = 5;
  private static final int ALPHAS = 3;
  private static final Tracker RATE = step -> 0.2f / (1 + step);

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private record Kind(String name, Function<PairList<String, NDArray>, Optimizer> optimizer) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Kind> kinds() {
    return Stream.of(
        new Kind("SGD", weights -> new Sgd(weights, RATE, 0, 0)),
        new Kind("momentum and decay", weights -> new Sgd(weights, RATE, 0.9, 0.05)),
        new Kind("Adam", weights -> new Adam(weights, RATE, 0.9, 0.999, 0.05)),
        new Kind("AdamW", weights -> Adam.decoupled(weights, RATE, 0.5, 0.95, 0.05)));
  }

  /**
   * L_train(w, α) = mean over b of ½·wᵀ·A_b·w + wᵀ·B_b·α, and L_val(w, α) = ½‖w − c‖² + wᵀ·E·α +
   * ½‖α‖².
   */
  private final class Quadratic {
    final NDArray w = leaf(1, WEIGHTS);
    final NDArray alpha = leaf(2, ALPHAS);
    final NDArray[] a = {normal(3, WEIGHTS, WEIGHTS), normal(4, WEIGHTS, WEIGHTS)};
    final NDArray[] b = {normal(5, WEIGHTS, ALPHAS), normal(6, WEIGHTS, ALPHAS)};
    final NDArray c = normal(7, WEIGHTS);
    final NDArray e = normal(8, WEIGHTS, ALPHAS);
    final NDArray half = manager.create(0.5);
    final Optimizer weights;
    final Optimizer alphas;
    final List<Architect.Loss> training;
    final List<Architect.Loss> validation;

    /** Some steps are taken already, so that the optimizer has a past. */
    Quadratic(Kind kind, int past) {
      weights = kind.optimizer().apply(named("w", w));
      alphas = new Sgd(named("alpha", alpha), Tracker.fixed(1), 0, 0);
      training = List.of(() -> backward(train(0)), () -> backward(train(1)));
      validation = List.of(this::validate, this::validate);
      for (int step = 0; step < past; step++) {
        alpha.setRequiresGradient(false);
        training.forEach(Architect.Loss::backward);
        alpha.setRequiresGradient(true);
        weights.step(2);
      }
    }

    private NDArray normal(long stream, long... shape) {
      return manager.create(gaussians(stream, (int) new Shape(shape).size()), new Shape(shape));
    }

    private NDArray leaf(long stream, long size) {
      NDArray leaf = normal(stream, size);
      leaf.setRequiresGradient(true);
      return leaf;
    }

    private Supplier<NDArray> train(int batch) {
      return () -> w.dot(a[batch].matMul(w)).mul(half).add(w.dot(b[batch].matMul(alpha)));
    }

    NDArray loss() {
      return w.sub(c)
          .square()
          .sum()
          .add(alpha.square().sum())
          .mul(half)
          .add(w.dot(e.matMul(alpha)));
    }

    private void validate() {
      backward(this::loss);
    }

    double[] gradient(Architect.Order order) {
      new Architect(order, alphas, weights, List.of()).backward(training, validation);
      return alpha.getGradient().toDoubleArray();
    }

    /** L_val(w′(α), α), by taking the step. */
    double unrolled(int component, double move) {
      double[] moved = alpha.toDoubleArray();
      moved[component] += move;
      alpha.set(moved);
      training.forEach(Architect.Loss::backward);
      weights.step(2);
      return loss().getDouble();
    }
  }

  private static double[] gaussians(long stream, int size) {
    Random random = new Random(SEED + stream);
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  private static PairList<String, NDArray> named(String name, NDArray array) {
    PairList<String, NDArray> named = new PairList<>();
    named.add(name, array);
    return named;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void secondOrderIsTheGradientOfTheUnrolledLoss(Kind kind) {
    for (int past : new int[] {0, 1, 4}) {
      double[] gradient = new Quadratic(kind, past).gradient(Architect.Order.SECOND);
      double[] first = new Quadratic(kind, past).gradient(Architect.Order.FIRST);
      double scale = 0;
      double apart = 0;
      double h = 1e-6;
      for (int i = 0; i < ALPHAS; i++) {
        double up = new Quadratic(kind, past).unrolled(i, h);
        double down = new Quadratic(kind, past).unrolled(i, -h);
        double expected = (up - down) / (2 * h);
        assertEquals(
            expected,
            gradient[i],
            1e-6 * (1 + Math.abs(expected)),
            "component " + i + " after " + past + " steps, seed " + SEED);
        scale = Math.max(scale, Math.abs(expected));
        apart = Math.max(apart, Math.abs(expected - first[i]));
      }
      assertTrue(apart > 1e-3 * scale, "first order is something else, seed " + SEED);
    }
  }

  @Test
  void secondOrderOfMomentumIsTheKnownAnswer() {
    Quadratic problem = new Quadratic(new Kind("", w -> new Sgd(w, RATE, 0.9, 0.05)), 3);
    Quadratic stepped = new Quadratic(new Kind("", w -> new Sgd(w, RATE, 0.9, 0.05)), 3);
    float rate = RATE.getNewValue(4);
    double[] found = problem.gradient(Architect.Order.SECOND);
    stepped.training.forEach(Architect.Loss::backward);
    stepped.weights.step(2);
    // E^T w' + α − ξ·B^T·(w' − c + E·α), B the mean over the batches
    NDArray w = stepped.w.stopGradient();
    NDArray alpha = stepped.alpha.stopGradient();
    NDArray b = stepped.b[0].add(stepped.b[1]).mul(stepped.half);
    NDArray change = w.sub(stepped.c).add(stepped.e.matMul(alpha));
    NDArray known =
        stepped
            .e
            .transpose()
            .matMul(w)
            .add(alpha)
            .sub(b.transpose().matMul(change).mul(manager.create((double) rate)));
    assertArrayEquals(known.toDoubleArray(), found, 1e-9, "seed " + SEED);
  }

  @Test
  void firstOrderTakesTheMeanOfTheValidationGradients() {
    Quadratic problem = new Quadratic(kinds().findFirst().orElseThrow(), 0);
    NDArray known =
        problem.e.transpose().matMul(problem.w.stopGradient()).add(problem.alpha.stopGradient());
    assertArrayEquals(
        known.toDoubleArray(), problem.gradient(Architect.Order.FIRST), 1e-12, "seed " + SEED);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aStepLeavesEverythingButAlphaAsItWas(Kind kind) {
    for (Architect.Order order : Architect.Order.values()) {
      Quadratic problem = new Quadratic(kind, 2);
      double[] w = problem.w.toDoubleArray();
      double[] alpha = problem.alpha.toDoubleArray();
      List<double[]> state =
          problem.weights.state().values().stream().map(NDArray::toDoubleArray).toList();
      new Architect(order, problem.alphas, problem.weights, List.of())
          .step(problem.training, problem.validation);
      assertArrayEquals(w, problem.w.toDoubleArray(), 0);
      assertEquals(2, problem.weights.steps());
      List<double[]> after =
          problem.weights.state().values().stream().map(NDArray::toDoubleArray).toList();
      for (int i = 0; i < state.size(); i++) {
        assertArrayEquals(state.get(i), after.get(i), 0);
      }
      assertArrayEquals(new double[WEIGHTS], problem.w.getGradient().toDoubleArray());
      assertArrayEquals(new double[ALPHAS], problem.alpha.getGradient().toDoubleArray());
      assertTrue(alpha[0] != problem.alpha.getDouble(0), "α moved");
    }
  }

  @Test
  void alternatingStepsSolveTheProblem() {
    // L_train = ½‖w − α‖² has w*(α) = α, so L_val = ½‖w − c‖² is least at α = c. First order sees
    // no gradient at all.
    NDArray c = manager.create(new double[] {1, -2, 0.5});
    for (Architect.Order order : Architect.Order.values()) {
      NDArray w = manager.zeros(c.getShape(), c.getDataType());
      NDArray alpha = manager.zeros(c.getShape(), c.getDataType());
      w.setRequiresGradient(true);
      alpha.setRequiresGradient(true);
      Optimizer weights = new Sgd(named("w", w), Tracker.fixed(0.5f), 0.5, 0);
      Optimizer alphas = new Sgd(named("alpha", alpha), Tracker.fixed(0.5f), 0, 0);
      Architect architect = new Architect(order, alphas, weights, List.of());
      Architect.Loss training = () -> backward(() -> half(w.sub(alpha)));
      // α is in the graph, for first order to have a gradient, but of no effect.
      Architect.Loss validation = () -> backward(() -> half(w.sub(c)).add(half(alpha.sub(alpha))));
      for (int step = 0; step < 300; step++) {
        architect.step(List.of(training), List.of(validation));
        alpha.setRequiresGradient(false);
        training.backward();
        alpha.setRequiresGradient(true);
        weights.step();
      }
      double[] expected = order == Architect.Order.SECOND ? c.toDoubleArray() : new double[3];
      assertArrayEquals(expected, alpha.toDoubleArray(), 1e-6, order.toString());
    }
  }

  private NDArray half(NDArray difference) {
    return difference.square().sum().mul(manager.create(0.5));
  }

  private static void backward(Supplier<NDArray> loss) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      collector.backward(loss.get());
    }
  }
}
