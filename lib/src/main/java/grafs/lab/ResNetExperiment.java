package grafs.lab;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import grafs.cell.ActivationCells;
import grafs.cell.CellSpace;
import grafs.cell.DiscreteActivation;
import grafs.cell.Grid;
import grafs.data.BatchSource;
import grafs.data.ImageDataset;
import grafs.data.ImageSet;
import grafs.model.Activations;
import grafs.model.ResNet;
import grafs.search.BilevelSearch;
import grafs.search.BlackBoxSearch;
import grafs.search.SearchResult;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The paper's first experiment: search an activation for ResNet-20, train with it, compare (arXiv
 * 2408.06820, section 4.1).
 *
 * @param data the images, 3×32×32
 * @param scale how large the experiment is
 */
public record ResNetExperiment(ImageDataset data, Scale scale) {

  private static final int DEPTH = 20;
  private static final String DEFAULT_ACTIVATION = "relu";

  /**
   * The subsets are the same for all seeds, so that runs differ only in their weights and order.
   */
  private static final long SUBSET_SEED = 0;

  /** The network sees test images in batches of this size; no result depends on it. */
  private static final int TEST_BATCH = 250;

  /**
   * One training with one activation function.
   *
   * @param activation the activation's name
   * @param seed the seed of weights, shuffling and augmentation
   * @param epochs one record an epoch
   */
  public record Run(String activation, long seed, List<Training.Epoch> epochs) {

    /** {@return the test accuracy after the last epoch, 0 to 1; NaN if the training diverged} */
    public double accuracy() {
      return epochs.get(epochs.size() - 1).test().accuracy();
    }
  }

  /** {@return the training images used} */
  public ImageSet trainImages() {
    return subset(data.train(), scale.trainImages());
  }

  /** {@return the test images used} */
  public ImageSet testImages() {
    return subset(data.test(), scale.testImages());
  }

  private static ImageSet subset(ImageSet images, int count) {
    return count == 0 || count >= images.size() ? images : images.subset(count, SUBSET_SEED);
  }

  /**
   * Searches an activation function, starting from ReLU.
   *
   * @param space the search space
   * @param seed the seed of weights, α, the split and the order of images
   * @param listener hears of progress
   * @return what was found
   */
  public SearchResult search(CellSpace space, long seed, Progress.Listener listener) {
    return search(space, seed, null, listener);
  }

  /**
   * Searches an activation function, or goes on with a search that was broken off: see {@link
   * BilevelSearch#run(grafs.data.BatchSource, grafs.data.BatchSource, long, Path,
   * java.util.function.Consumer)}.
   *
   * @param space the search space
   * @param seed the seed of weights, α, the split and the order of images
   * @param folder where the search's state is kept in {@code checkpoint/}, and the function written
   *     to {@code activation.json}; null for neither
   * @param listener hears of progress
   * @return what was found
   */
  public SearchResult search(CellSpace space, long seed, Path folder, Progress.Listener listener) {
    Block relu = Activations.of(DEFAULT_ACTIVATION).get();
    ActivationCells cells =
        new ActivationCells(space, ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, relu);
    ImageSet.Split halves = trainImages().split(seed);
    int batch = scale.search().batchSize();
    try (Learner learner = learner(cells, seed)) {
      SearchResult result =
          new BilevelSearch(scale.search(), cells, learner, relu, listener)
              .run(
                  halves.weights().training(batch, seed),
                  halves.architecture().training(batch, seed + 1),
                  seed,
                  folder == null ? null : folder.resolve("checkpoint"),
                  epoch -> {});
      if (folder != null) {
        result.found().write(folder.resolve("activation.json"));
      }
      return result;
    }
  }

  /**
   * Trains ResNet-20 from scratch on all training images.
   *
   * @param name what to call the activation in tables and plots
   * @param activation makes the activation's blocks
   * @param seed the seed of weights, shuffling and augmentation
   * @param listener hears of progress
   * @return the training's record
   */
  public Run train(
      String name, Supplier<? extends Block> activation, long seed, Progress.Listener listener) {
    try (Learner learner = learner(activation, seed)) {
      List<Training.Epoch> epochs =
          Training.run(
              name + ", seed " + seed,
              learner,
              scale.weights(),
              trainImages().training(scale.batchSize(), seed),
              testImages().evaluation(TEST_BATCH),
              scale.epochs(),
              listener);
      return new Run(name, seed, epochs);
    } catch (ArithmeticException diverged) {
      // A function that cannot be trained is a result, not the end of a comparison.
      System.out.println(diverged.getMessage());
      Score none = new Score(Double.NaN, Double.NaN, 0);
      return new Run(
          name,
          seed,
          IntStream.rangeClosed(1, scale.epochs())
              .mapToObj(e -> new Training.Epoch(e, none, none, 0))
              .toList());
    }
  }

  /**
   * Makes the proxy by which a black-box search tries functions: ResNet-20 is trained briefly from
   * scratch on the half of the training images that {@link #search} trains weights on, with the
   * search's batch size and optimizer, and scored by its accuracy on the other half. All functions
   * start from the same weights and see the same batches.
   *
   * @param epochs the epochs of each training
   * @param seed the seed of weights, the split and the order of images
   * @param listener hears of the progress of each training
   * @return the evaluator
   */
  public BlackBoxSearch.Evaluator evaluator(int epochs, long seed, Progress.Listener listener) {
    ImageSet.Split halves = trainImages().split(seed);
    BatchSource weights = halves.weights().training(scale.search().batchSize(), seed);
    BatchSource validation = halves.architecture().evaluation(TEST_BATCH);
    return new BlackBoxSearch.Evaluator() {
      @Override
      public int steps() {
        return epochs * weights.batchesPerEpoch();
      }

      @Override
      public double score(DiscreteActivation function) {
        try (Learner learner = learner(function, seed)) {
          List<Training.Epoch> training =
              Training.run(
                  "trial of " + function.text(),
                  learner,
                  scale.search().weights(),
                  weights,
                  validation,
                  epochs,
                  listener);
          return training.get(epochs - 1).test().accuracy();
        }
      }
    };
  }

  private Learner learner(Supplier<? extends Block> activation, long seed) {
    ResNet network = ResNet.of(DEPTH, data.classNames().size(), activation);
    return new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, 3, 32, 32), seed);
  }
}
