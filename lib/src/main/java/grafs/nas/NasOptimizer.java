package grafs.nas;

import ai.djl.training.dataset.Batch;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.train.Learner;
import java.util.List;

/**
 * An optimizer of a network's activation function, by gradient ({@link GradientOptimizer}) or as
 * black-box search ({@link BlackBoxOptimizer}). It is run step by step:
 *
 * <pre>{@code
 * for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
 *   for (var step : split.epoch(learner.manager(), epoch)) {
 *     try (step) {
 *       nas.step(step.weights(), step.alpha());
 *     }
 *   }
 *   nas.endEpoch();
 *   System.out.println(epoch + " " + nas.found());
 * }
 * }</pre>
 */
public interface NasOptimizer extends AutoCloseable {

  /**
   * DrNAS with the paper's techniques.
   *
   * @param settings the numbers; their relaxation is replaced
   * @param cells the cells that the network was built with
   * @param learner the network
   * @param stepsPerEpoch the steps of an epoch
   * @param seed the seed of α, β and all draws
   * @return the optimizer
   */
  static GradientOptimizer drnas(
      SearchSettings settings, Cells cells, Learner learner, int stepsPerEpoch, long seed) {
    return new GradientOptimizer(
        settings.relaxation(Relaxation.DRNAS), cells, learner, stepsPerEpoch, seed, List.of());
  }

  /**
   * DARTS, with the paper's other techniques.
   *
   * @param settings the numbers; their relaxation is replaced
   * @param cells the cells that the network was built with
   * @param learner the network
   * @param stepsPerEpoch the steps of an epoch
   * @param seed the seed of α and β
   * @return the optimizer
   */
  static GradientOptimizer darts(
      SearchSettings settings, Cells cells, Learner learner, int stepsPerEpoch, long seed) {
    return new GradientOptimizer(
        settings.relaxation(Relaxation.SOFTMAX), cells, learner, stepsPerEpoch, seed, List.of());
  }

  /**
   * Takes one step.
   *
   * @param weights batches of the part of the training set for the weights
   * @param alpha batches of the part for α
   * @throws ai.djl.TrainingDivergedException if a loss or gradient is not finite; says where and
   *     why
   */
  void step(List<Batch> weights, List<Batch> alpha);

  /** Ends an epoch. If the settings drop candidate operations by epochs, it is done here. */
  void endEpoch();

  /** {@return the function that the search would end with now} */
  Expression found();

  @Override
  void close();
}
