package grafs.lab;

import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
import grafs.train.AdamSettings;
import grafs.train.OptimizerSettings;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How large an experiment is: a record of numbers, nothing else.
 *
 * @param name {@code smoke}, {@code quick} or {@code paper}
 * @param trainExamples the training images used, a random subset; of a text, the blocks of an
 *     epoch, from random places; 0 for all
 * @param testExamples the test images used, a random subset; of a text, the blocks from its start;
 *     0 for all
 * @param search the numbers of the search
 * @param epochs the epochs of each training that compares activations
 * @param batchSize the batch size of these trainings
 * @param weights the optimizer of these trainings
 * @param seeds how often each training is repeated, with another seed
 */
public record Scale(
    String name,
    int trainExamples,
    int testExamples,
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
              search(3, 32, sgd(0.05, Decay.COSINE), 0.3, 4),
              1,
              32,
              sgd(0.05, Decay.COSINE),
              1),
          new Scale(
              "quick",
              4000,
              2000,
              search(6, 64, sgd(0.05, Decay.COSINE), 0.3, 47),
              4,
              64,
              sgd(0.1, Decay.COSINE),
              2),
          new Scale(
              "paper",
              0,
              0,
              SearchSettings.paper(sgd(0.1, Decay.STEPS)),
              200,
              128,
              sgd(0.1, Decay.STEPS),
              5));

  /**
   * The vision transformers' scales. {@code paper} has the optimizer that the paper's text gives
   * and ResNet's epochs; the others are this kit's.
   */
  private static final List<Scale> VIT =
      List.of(
          vit("smoke", 128, 100, 3, 32, 5e-4, 1, 1),
          vit("quick", 2000, 1000, 5, 64, 5e-4, 3, 1),
          vit("paper", 0, 0, 50, 128, 1e-4, 200, 5));

  /**
   * GPT's scales. {@code paper} has nanoGPT's optimizer; how long it trains is this kit's reading,
   * as the other scales are.
   */
  private static final List<Scale> GPT =
      List.of(
          gpt("smoke", 64, 16, 3, 8, 1, 1),
          gpt("quick", 1600, 256, 6, 16, 6, 2),
          gpt("paper", 64_000, 2_000, 50, 64, 100, 5));

  private static SgdSettings sgd(double learningRate, Decay decay) {
    return new SgdSettings(learningRate, MOMENTUM, WEIGHT_DECAY, decay);
  }

  private static Scale vit(
      String name,
      int trainExamples,
      int testExamples,
      int searchEpochs,
      int batchSize,
      double learningRate,
      int epochs,
      int seeds) {
    OptimizerSettings adam = new AdamSettings(learningRate, 0.9, 0.999, 0, 0.05, 0, 0.1);
    SearchSettings search =
        name.equals("paper")
            ? SearchSettings.paper(adam).batchSize(batchSize).accumulation(1)
            : search(searchEpochs, batchSize, adam, 0.3, 3 * trainExamples / 4 / batchSize);
    return new Scale(name, trainExamples, testExamples, search, epochs, batchSize, adam, seeds);
  }

  private static Scale gpt(
      String name,
      int trainExamples,
      int testExamples,
      int searchEpochs,
      int batchSize,
      int epochs,
      int seeds) {
    OptimizerSettings adam = new AdamSettings(1e-3, 0.9, 0.95, 0.1, 0.05, 1, 0.1);
    SearchSettings search =
        name.equals("paper")
            ? SearchSettings.paper(adam).batchSize(batchSize).accumulation(1)
            : search(searchEpochs, batchSize, adam, 0.3, 3 * trainExamples / 4 / batchSize);
    return new Scale(name, trainExamples, testExamples, search, epochs, batchSize, adam, seeds);
  }

  /**
   * A short search. As there are few epochs, operations are dropped by steps, and α moves fast.
   *
   * @param steps the steps of an epoch, after which shrinking begins
   */
  private static SearchSettings search(
      int epochs, int batchSize, OptimizerSettings weights, double alphaRate, int steps) {
    return SearchSettings.paper(weights)
        .epochs(epochs)
        .batchSize(batchSize)
        .accumulation(1)
        .alphaLearningRate(alphaRate)
        .shrinking(new Shrinking(Shrinking.Unit.STEP, steps));
  }

  /**
   * Changes the search.
   *
   * @param other the numbers of the search
   * @return this scale with them
   */
  public Scale with(SearchSettings other) {
    return new Scale(name, trainExamples, testExamples, other, epochs, batchSize, weights, seeds);
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
    return named(name, RESNET);
  }

  /**
   * Looks up a scale of the experiments with vision transformers.
   *
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Scale vit(String name) {
    return named(name, VIT);
  }

  /**
   * Looks up a scale of the experiments with GPT.
   *
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Scale gpt(String name) {
    return named(name, GPT);
  }

  /**
   * Looks up a scale of a family's experiments.
   *
   * @param family the family of networks
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Scale of(Model.Family family, String name) {
    return switch (family) {
      case RESNET -> resnet(name);
      case VIT -> vit(name);
      case GPT -> gpt(name);
    };
  }

  private static Scale named(String name, List<Scale> scales) {
    return scales.stream()
        .filter(scale -> scale.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no scale '"
                        + name
                        + "'; the scales are "
                        + scales.stream().map(Scale::name).collect(Collectors.joining(", "))));
  }
}
