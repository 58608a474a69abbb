package grafs.lab;

import grafs.search.Architect;
import grafs.search.CellWarmStart;
import grafs.search.Relaxation;
import grafs.search.SearchSettings;
import grafs.search.Shrinking;
import grafs.train.OptimizerSettings;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How large an experiment is: a record of numbers, nothing else.
 *
 * @param name {@code smoke}, {@code quick} or {@code paper}
 * @param trainImages the training images used, a random subset; 0 for all
 * @param testImages the test images used, a random subset; 0 for all
 * @param search the numbers of the search
 * @param epochs the epochs of each training that compares activations
 * @param batchSize the batch size of these trainings
 * @param weights the optimizer of these trainings
 * @param seeds how often each training is repeated, with another seed
 */
public record Scale(
    String name,
    int trainImages,
    int testImages,
    SearchSettings search,
    int epochs,
    int batchSize,
    OptimizerSettings weights,
    int seeds) {

  private static final double MOMENTUM = 0.9;
  private static final double WEIGHT_DECAY = 1e-4;

  /**
   * ResNet-20's scales. {@code paper} follows the paper's repository; the others are this kit's.
   */
  private static final List<Scale> RESNET =
      List.of(
          new Scale(
              "smoke",
              256,
              200,
              new SearchSettings(
                  1,
                  3,
                  Shrinking.geometric(1),
                  32,
                  sgd(0.05, Decay.COSINE),
                  0.03,
                  CellWarmStart.DEFAULT,
                  Relaxation.SOFTMAX,
                  Architect.Order.FIRST,
                  1),
              1,
              32,
              sgd(0.05, Decay.COSINE),
              1),
          new Scale(
              "quick",
              4000,
              2000,
              new SearchSettings(
                  1,
                  6,
                  Shrinking.geometric(1),
                  64,
                  sgd(0.05, Decay.COSINE),
                  0.03,
                  CellWarmStart.DEFAULT,
                  Relaxation.SOFTMAX,
                  Architect.Order.FIRST,
                  1),
              4,
              64,
              sgd(0.1, Decay.COSINE),
              2),
          new Scale(
              "paper",
              0,
              0,
              new SearchSettings(
                  1,
                  50,
                  Shrinking.geometric(2),
                  64,
                  sgd(0.1, Decay.STEPS),
                  6e-4,
                  CellWarmStart.DEFAULT,
                  Relaxation.SOFTMAX,
                  Architect.Order.FIRST,
                  2),
              200,
              128,
              sgd(0.1, Decay.STEPS),
              5));

  private static SgdSettings sgd(double learningRate, Decay decay) {
    return new SgdSettings(learningRate, MOMENTUM, WEIGHT_DECAY, decay);
  }

  /**
   * Changes the search.
   *
   * @param other the numbers of the search
   * @return this scale with them
   */
  public Scale with(SearchSettings other) {
    return new Scale(name, trainImages, testImages, other, epochs, batchSize, weights, seeds);
  }

  /**
   * Looks up a scale of the ResNet experiments.
   *
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is none of that name; the message lists those there
   *     are
   */
  public static Scale resnet(String name) {
    return RESNET.stream()
        .filter(scale -> scale.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no scale '"
                        + name
                        + "'; the scales are "
                        + RESNET.stream().map(Scale::name).collect(Collectors.joining(", "))));
  }
}
