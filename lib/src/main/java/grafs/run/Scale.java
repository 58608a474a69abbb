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
 * All hyperparameters of an {@link Experiment} and the number of its examples. Each family of
 * networks has three scales: {@code paper} has the numbers of the paper's code (automl/GRAFS);
 * {@code quick} is for experiments of minutes, and {@code smoke} for tests. README.md lists the
 * numbers in which these two differ. A search takes the scale's {@code search}; the other settings
 * are those of the trainings that compare activations. An example is an image or, for a text, a
 * block of consecutive tokens.
 *
 * @param name {@code smoke}, {@code quick} or {@code paper}, or the name of a changed scale
 * @param trainExamples the number of training images, drawn at random, in a search and in a
 *     training; 0 for all. For a text, the number of blocks in an epoch, at random positions; 0 for
 *     as many as fit in the text end to end
 * @param testExamples the number of test images, drawn at random, or of blocks from the start of
 *     the test text; 0 for all
 * @param search the settings of the search and of its verification, in which the functions that it
 *     found and the default activation are trained briefly, to keep the default unless a function
 *     is clearly better
 * @param epochs the number of epochs of a training
 * @param batchSize the number of examples in a batch of a training
 * @param accumulation the number of batches whose mean gradient one step of a training uses
 * @param weights the optimizer of a training, with its learning rate
 * @param seeds the number of trainings with each activation, each with another seed
 * @param preparation how images are augmented and normalised, and whether they are halved; ignored
 *     for a text
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
   * @throws IllegalArgumentException if a number is out of its range; the message shows it
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

  /**
   * The verification of found functions at {@code paper}: 5 functions, 10 epochs, 3 seeds. It is an
   * addition of this library: the paper's search does not verify.
   */
  private static final Verification PAPER = new Verification(5, 10, 3);

  private static final Verification SMOKE = new Verification(1, 1, 2);

  private static final SgdSettings SGD = sgd(Decay.CONSTANT);

  /**
   * The optimizer of ResNets at {@code quick}. Of four learning rates from 0.01 to 0.32, this is
   * the one at which ReLU trains ResNet-20 best there. At another rate, functions could pass
   * verification that are better than ReLU at that rate only, and not with each at its own best
   * rate.
   */
  private static final SgdSettings QUICK_SGD = SGD.withLearningRate(0.032);

  /**
   * The optimizer of vision transformers at {@code quick}. Of four learning rates from 1e-4 to
   * 3.2e-3, this is the one at which GELU trains ViT-Ti best there.
   */
  private static final AdamSettings QUICK_ADAM = adam(0).withLearningRate(3.2e-4);

  /**
   * The optimizer of GPTs at {@code quick}. The warm-up is a tenth of the steps. The paper's code,
   * which has far more steps, takes a hundredth in trainings and none in searches. With a hundredth
   * of the steps of a training at {@code quick}, and at this learning rate, the loss of miniGPT
   * stays high in one training of ten with ReLU and in six of ten with xIELU. Of three learning
   * rates from 1e-3 to 1e-2, this is the one at which GELU trains miniGPT best.
   */
  private static final AdamSettings QUICK_ADAMW = adamW(0.1).withLearningRate(3.2e-3);

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
   * The search on GPTs at {@code paper}. The paper's code scores the network after every ten steps,
   * which are an epoch here. So an epoch has 10 · 160 · 4 blocks in a search and 10 · 40 · 16 in a
   * training: ten steps of 160 or 40 batches with 4 or 16 blocks.
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
          gpt("quick", 1200, 256, small(6, 16, QUICK_ADAMW, 75, quick(4)), 8, 16, 2),
          gpt("paper", 6400, 3200, GPT_SEARCH, 1000, 16, 5));

  private static SgdSettings sgd(Decay decay) {
    return new SgdSettings(0.1, 0.9, 1e-4, decay);
  }

  /**
   * Adam without weight decay; the learning rate falls to 0.
   *
   * @param clip the largest norm of all gradients together; 0 for no limit
   */
  private static AdamSettings adam(double clip) {
    return new AdamSettings(1e-3, 0.9, 0.999, 0, 0, clip, 0);
  }

  /**
   * AdamW, as the paper's code trains GPTs; the learning rate falls to a tenth.
   *
   * @param warmUp the share of the steps, from the first, in which the learning rate rises from 0
   */
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
    AdamSettings weights = name.equals("quick") ? QUICK_ADAMW : adamW(0.01);
    // Texts ignore it, but a scale needs one.
    Preparation none = Preparation.CROP_AND_FLIP;
    return new Scale(name, train, test, search, epochs, batch, accumulation, weights, seeds, none);
  }

  /**
   * The verification at {@code quick}: 3 functions, 3 seeds.
   *
   * @param epochs the number of epochs of its trainings, about half of that of the trainings that
   *     compare activations
   */
  private static Verification quick(int epochs) {
    return new Verification(3, epochs, 3);
  }

  /**
   * The settings of a short search. There are few epochs, so operations are dropped between steps,
   * not between epochs, and α, the parameters by which the search chooses operations, have a high
   * learning rate.
   *
   * @param steps the step of the search after which the first operations are dropped, counted from
   *     0 at the beginning of the search
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
   * Returns this scale with other settings of the search.
   *
   * @param other the settings of the search
   * @return the changed scale, of the same name
   */
  public Scale with(SearchSettings other) {
    return with(name, other, weights);
  }

  /**
   * Returns this scale with another learning rate in the trainings that compare activations.
   *
   * @param other the name of the changed scale
   * @param rate the learning rate, positive; where the rate changes during a training, the highest
   *     one
   * @return the changed scale; its search keeps its own learning rate
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
   * Looks up a scale of the experiments with ResNets.
   *
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is no scale of that name; the message lists the names
   */
  public static Scale resnet(String name) {
    return of(PaperModel.Family.RESNET, name);
  }

  /**
   * Looks up a scale of the experiments with vision transformers.
   *
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is no scale of that name; the message lists the names
   */
  public static Scale vit(String name) {
    return of(PaperModel.Family.VIT, name);
  }

  /**
   * Looks up a scale of the experiments with GPTs.
   *
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is no scale of that name; the message lists the names
   */
  public static Scale gpt(String name) {
    return of(PaperModel.Family.GPT, name);
  }

  /**
   * Looks up a scale of the experiments with a family of networks.
   *
   * @param family the family
   * @param name {@code smoke}, {@code quick} or {@code paper}
   * @return the scale
   * @throws IllegalArgumentException if there is no scale of that name; the message lists the names
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

  /** {@return the three scales of a family, the smallest first} */
  static List<Scale> all(PaperModel.Family family) {
    return switch (family) {
      case RESNET -> RESNET;
      case VIT -> VIT;
      case GPT -> GPT;
    };
  }
}
