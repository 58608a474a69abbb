package grafs.run;

import grafs.data.Preparation;
import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
import grafs.nas.Verification;
import grafs.train.AdamSettings;
import grafs.train.OptimizerSettings;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.util.List;

/**
 * The size of an experiment, with all its hyperparameters. {@code paper} has those of the paper's
 * code (automl/GRAFS); {@code quick} and {@code smoke} differ in those that the README lists.
 *
 * @param name {@code smoke}, {@code quick} or {@code paper}, or what a changed scale is called
 * @param trainExamples the training images used, a random subset, 0 for all; for a text, the blocks
 *     of an epoch, from random positions, both in a search and in a training
 * @param testExamples the test images used, a random subset; for a text, the number of blocks from
 *     its start; 0 for all
 * @param search the settings of the search
 * @param epochs the epochs of each training that compares activations
 * @param batchSize the batch size of these trainings
 * @param accumulation the number of batches whose gradients are averaged in a step of these
 *     trainings
 * @param weights the optimizer of these trainings
 * @param seeds how often each training is repeated, with another seed
 * @param preparation how images are prepared
 */
public record Scale(
    String name,
    int trainExamples,
    int testExamples,
    SearchSettings search,
    int epochs,
    int batchSize,
    int accumulation,
    OptimizerSettings weights,
    int seeds,
    Preparation preparation) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public Scale {
    if (trainExamples < 0 || testExamples < 0) {
      throw new IllegalArgumentException(
          "a scale takes 0 examples, for all, or more, not %d and %d"
              .formatted(trainExamples, testExamples));
    }
    if (epochs < 1 || batchSize < 1 || accumulation < 1 || seeds < 1) {
      throw new IllegalArgumentException(
          "a scale has at least 1 epoch, a batch of 1, 1 batch a step and 1 seed, not %d, %d, %d and %d"
              .formatted(epochs, batchSize, accumulation, seeds));
    }
  }

  /** Verification of this kit, which follows the paper's search; the paper has none. */
  private static final Verification PAPER = new Verification(5, 10, 3);

  private static final Verification SMOKE = new Verification(1, 1, 2);

  private static final SgdSettings SGD = sgd(Decay.CONSTANT);

  /**
   * The learning rate at which ReLU trains ResNet-20 best at {@code quick}, of four from 0.01 to
   * 0.32. At another one, functions that suit it better than ReLU would pass verification, though
   * they are no better at rates of their own.
   */
  private static final SgdSettings QUICK_SGD = SGD.withLearningRate(0.032);

  /**
   * The same for vision transformers: the best rate of GELU in ViT-Ti, of four from 1e-4 to 3.2e-3.
   */
  private static final AdamSettings QUICK_ADAM = adam(0).withLearningRate(3.2e-4);

  private static final List<Scale> RESNET =
      List.of(
          resnet("smoke", 256, 200, small(3, 32, SGD, 4, SMOKE), 1, 32, 1),
          resnet("quick", 4000, 2000, small(6, 64, QUICK_SGD, 47, quick(2)), 4, 64, 2),
          resnet("paper", 0, 0, SearchSettings.paper(SGD).verification(PAPER), 200, 128, 5));

  private static final SearchSettings VIT_SEARCH =
      SearchSettings.paper(adam(0))
          .batchSize(128)
          .accumulation(4)
          .alphaLearningRate(0.09)
          .verification(PAPER);

  private static final List<Scale> VIT =
      List.of(
          vit("smoke", 128, 100, small(3, 32, adam(0), 3, SMOKE), 1, 32, 1),
          vit("quick", 2000, 1000, small(6, 64, QUICK_ADAM, 23, quick(3)), 6, 64, 2),
          vit("paper", 0, 0, VIT_SEARCH, 500, 512, 5));

  /**
   * An epoch of a text is 10 iterations at {@code paper}, after which the paper's code scores the
   * network: 10 · 160 · 4 blocks in a search, 10 · 40 · 16 in a training.
   */
  private static final SearchSettings GPT_SEARCH =
      SearchSettings.paper(adamW(0))
          .warmStartEpochs(10)
          .epochs(100)
          .shrinking(new Shrinking(Shrinking.Unit.STEP, 200))
          .batchSize(4)
          .accumulation(160)
          .alphaLearningRate(1e-3)
          .verification(PAPER);

  private static final List<Scale> GPT =
      List.of(
          gpt("smoke", 48, 16, small(3, 8, adamW(0), 6, SMOKE), 1, 8, 1),
          gpt("quick", 1200, 256, small(6, 16, adamW(0), 75, quick(4)), 8, 16, 2),
          gpt("paper", 6400, 3200, GPT_SEARCH, 1000, 16, 5));

  private static SgdSettings sgd(Decay decay) {
    return new SgdSettings(0.1, 0.9, 1e-4, decay);
  }

  /** Adam without weight decay; the learning rate falls to 0. */
  private static AdamSettings adam(double clip) {
    return new AdamSettings(1e-3, 0.9, 0.999, 0, 0, clip, 0);
  }

  private static AdamSettings adamW(double warmUp) {
    return new AdamSettings(1e-3, 0.9, 0.99, 0.1, warmUp, 1, 0.1);
  }

  private static Scale resnet(
      String name, int train, int test, SearchSettings search, int epochs, int batch, int seeds) {
    SgdSettings weights = sgd(Decay.STEPS).withLearningRate(search.weights().learningRate());
    return new Scale(
        name, train, test, search, epochs, batch, 1, weights, seeds, Preparation.CROP_AND_FLIP);
  }

  private static Scale vit(
      String name, int train, int test, SearchSettings search, int epochs, int batch, int seeds) {
    AdamSettings weights = adam(5).withLearningRate(search.weights().learningRate());
    Preparation how = name.equals("quick") ? Preparation.HALVED : Preparation.TRIVIAL_AUGMENT;
    return new Scale(name, train, test, search, epochs, batch, 1, weights, seeds, how);
  }

  private static Scale gpt(
      String name, int train, int test, SearchSettings search, int epochs, int batch, int seeds) {
    int accumulation = name.equals("paper") ? 40 : 1;
    AdamSettings weights = adamW(0.01);
    Preparation none = Preparation.CROP_AND_FLIP;
    return new Scale(name, train, test, search, epochs, batch, accumulation, weights, seeds, none);
  }

  /**
   * Verifies 3 functions with 3 seeds. {@code epochs} is about half of those of the trainings that
   * compare activations.
   */
  private static Verification quick(int epochs) {
    return new Verification(3, epochs, 3);
  }

  /**
   * The settings of a short search. As there are few epochs, operations are dropped between steps,
   * not between epochs, and α's learning rate is high.
   *
   * @param steps the search step after which the first operations are dropped
   */
  private static SearchSettings small(
      int epochs, int batch, OptimizerSettings weights, int steps, Verification verification) {
    return SearchSettings.paper(weights)
        .epochs(epochs)
        .batchSize(batch)
        .accumulation(1)
        .alphaLearningRate(0.3)
        .shrinking(new Shrinking(Shrinking.Unit.STEP, steps))
        .verification(verification);
  }

  /**
   * Changes the search.
   *
   * @param other the settings of the search
   * @return this scale with them
   */
  public Scale with(SearchSettings other) {
    return with(name, other, weights);
  }

  /**
   * Takes another learning rate for the trainings that compare activations.
   *
   * @param other what to call the scale with it
   * @param rate the highest learning rate, positive
   * @return the scale with it; its search stays as it is
   */
  public Scale with(String other, double rate) {
    return with(other, search, weights.withLearningRate(rate));
  }

  private Scale with(String called, SearchSettings how, OptimizerSettings rule) {
    return new Scale(
        called,
        trainExamples,
        testExamples,
        how,
        epochs,
        batchSize,
        accumulation,
        rule,
        seeds,
        preparation);
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
    return of(PaperModel.Family.RESNET, name);
  }

  /**
   * Looks up a scale of the experiments with vision transformers.
   *
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Scale vit(String name) {
    return of(PaperModel.Family.VIT, name);
  }

  /**
   * Looks up a scale of the experiments with GPT.
   *
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Scale gpt(String name) {
    return of(PaperModel.Family.GPT, name);
  }

  /**
   * Looks up a scale of a family's experiments.
   *
   * @param family the family of networks
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Scale of(PaperModel.Family family, String name) {
    List<Scale> scales = all(family);
    return scales.stream()
        .filter(scale -> scale.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no scale '%s'; the scales are %s"
                        .formatted(
                            name, String.join(", ", scales.stream().map(Scale::name).toList()))));
  }

  /** {@return the scales of a family} */
  static List<Scale> all(PaperModel.Family family) {
    return switch (family) {
      case RESNET -> RESNET;
      case VIT -> VIT;
      case GPT -> GPT;
    };
  }
}
