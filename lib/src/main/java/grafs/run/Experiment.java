package grafs.run;

import ai.djl.TrainingDivergedException;
import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.data.ImageDataset;
import grafs.data.TextDataset;
import grafs.model.Activations;
import grafs.model.Network;
import grafs.model.SafeTensors;
import grafs.nas.BlackBoxSearch;
import grafs.nas.Search;
import grafs.nas.SearchResult;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One of the networks of arXiv 2408.06820 (section 4), the data that it is trained on, and all
 * hyperparameters. {@link #search} searches for an activation function for the network, and {@link
 * #train} trains the network with a given activation. {@link RunStore} does the same and keeps the
 * results on disk.
 *
 * <p>For a search, the training examples are split in two parts. One part trains the network's
 * weights. The other trains α, the numbers by which the search chooses the operations of the
 * function.
 *
 * @param model the network
 * @param task the data: images to classify, or a text to continue
 * @param scale the hyperparameters, such as the number of examples, epochs and the learning rate
 */
public record Experiment(PaperModel model, Task task, Scale scale) {

  /** The name of the file with the weights of a training. */
  static final String WEIGHTS = "weights.safetensors";

  /**
   * Checks that network, data and scale fit together.
   *
   * @throws IllegalArgumentException if the network takes images and the data are a text, or the
   *     other way round; if the text is too short for the blocks of tokens that the network takes;
   *     or if the scale belongs to another family of networks ({@link PaperModel.Family})
   */
  public Experiment {
    boolean text = model.family() == PaperModel.Family.GPT;
    if (text != task instanceof TextTask) {
      throw new IllegalArgumentException(
          "%s takes %s, but %s has none: take other data or another network"
              .formatted(model, text ? "a text" : "images", task.name()));
    }
    for (PaperModel.Family other : PaperModel.Family.values()) {
      if (other != model.family() && Scale.all(other).contains(scale)) {
        throw new IllegalArgumentException(
            "%s is not trained at the scale %s of %s: take Scale.of(PaperModel.Family.%s, \"%s\")"
                .formatted(
                    model, scale.name(), other.networks().get(0), model.family(), scale.name()));
      }
    }
    if (task instanceof TextTask ofText) {
      ofText.requireLength(scale);
    }
  }

  /**
   * Creates an experiment on images.
   *
   * @param model a network for images
   * @param data the images; {@link ImageDataset#asRgb32} converts them to three channels of 32×32
   *     pixels
   * @param scale the hyperparameters
   * @return the experiment
   * @throws IllegalArgumentException if the images cannot be converted, or if network, data and
   *     scale do not fit together
   */
  public static Experiment of(PaperModel model, ImageDataset data, Scale scale) {
    return new Experiment(model, new ImageTask(data), scale);
  }

  /**
   * Creates an experiment on a text.
   *
   * @param model a network for texts
   * @param data the text
   * @param context the number of tokens in a block, which the network sees at once
   * @param scale the hyperparameters
   * @return the experiment
   * @throws IllegalArgumentException if network, data and scale do not fit together
   */
  public static Experiment of(PaperModel model, TextDataset data, int context, Scale scale) {
    return new Experiment(model, new TextTask(data, context), scale);
  }

  /**
   * Returns this experiment with another network, for example to test whether a function that was
   * found for this network is good in a larger one too.
   *
   * @param other the other network
   * @return the experiment with the other network
   * @throws IllegalArgumentException if the other network does not fit the data and the scale
   */
  public Experiment with(PaperModel other) {
    return new Experiment(other, task, scale);
  }

  /**
   * Returns this experiment at another scale.
   *
   * @param other the other scale
   * @return the experiment at the other scale
   * @throws IllegalArgumentException if the other scale belongs to another family of networks
   */
  public Experiment with(Scale other) {
    return new Experiment(model, task, other);
  }

  /**
   * The record of one training with one activation function.
   *
   * @param activation the activation's name in tables and plots
   * @param seed the seed of the initial weights, the order of examples and their augmentation
   * @param epochs one record per epoch; NaN in all scores if the training diverged
   */
  public record Run(String activation, long seed, List<Training.Epoch> epochs) {

    /**
     * Copies the list of epochs.
     *
     * @throws IllegalArgumentException if there is no epoch
     */
    public Run {
      if (epochs == null || epochs.isEmpty()) {
        throw new IllegalArgumentException("a training has at least 1 epoch, and here is none");
      }
      epochs = List.copyOf(epochs);
    }

    /**
     * {@return the score on the test examples after the last epoch; NaN if the training diverged}
     */
    public Score test() {
      return epochs.get(epochs.size() - 1).test();
    }

    /** {@return whether the training diverged: its last test loss is infinite or NaN} */
    public boolean diverged() {
      return !Double.isFinite(test().loss());
    }

    /** {@return the test accuracy after the last epoch, 0 to 1; NaN if the training diverged} */
    public double accuracy() {
      return test().accuracy();
    }
  }

  /**
   * Searches for an activation function. In the first epochs (the warm start), the network has the
   * default activation of its family, such as ReLU in a ResNet. No checkpoints are saved.
   *
   * @param space the search space: the operations that a function may consist of
   * @param seed the seed of the initial weights, α, the split of the examples and their order
   * @param listener receives progress reports
   * @return the function found, with the record of the search
   * @throws TrainingDivergedException if the search diverges; the message says where and why
   */
  public SearchResult search(CellSpace space, long seed, Progress.Listener listener) {
    return search(space, seed, null, listener);
  }

  /**
   * Searches for an activation function, or resumes an interrupted search from its checkpoint.
   *
   * @param folder the run's folder on disk, where checkpoints and tables of the epochs are kept;
   *     null to keep nothing
   */
  SearchResult search(CellSpace space, long seed, RunFolder folder, Progress.Listener listener) {
    Cells cells = new Cells(space, Activations.of(model.family().standard()).get());
    Task.Parts parts = task.parts(scale, seed);
    try (Learner learner = learner(cells, seed)) {
      Search search = new Search(scale.search(), cells, learner, listener);
      return folder == null
          ? search.run(parts.weights(), parts.alpha(), seed)
          : search.run(
              parts.weights(),
              parts.alpha(),
              seed,
              folder.checkpoint(),
              new EpochTables(folder.path()).ofSearch(space));
    }
  }

  /**
   * Trains the network from scratch. The training examples are not split as for a search. No
   * checkpoints are saved.
   *
   * @param name the activation's name in tables and plots
   * @param activation makes the block of an activation; called once for each place of an activation
   *     in the network
   * @param seed the seed of the initial weights, the order of examples and their augmentation
   * @param listener receives progress reports
   * @return the record of the training; if the training diverged, with NaN in all scores
   */
  public Run train(
      String name, Supplier<? extends Block> activation, long seed, Progress.Listener listener) {
    return train(name, activation, seed, null, listener);
  }

  /**
   * Trains the network from scratch, or resumes an interrupted training from its checkpoint. The
   * training examples are not split as for a search.
   *
   * @param folder the run's folder on disk, where checkpoints, tables of the epochs and, unless the
   *     training diverges, the final weights are kept; null to keep nothing
   */
  Run train(
      String name,
      Supplier<? extends Block> activation,
      long seed,
      RunFolder folder,
      Progress.Listener listener) {
    try (Learner learner = learner(activation, seed)) {
      Training training =
          new Training(
              learner,
              scale.weights(),
              task.training(scale, seed),
              task.test(scale),
              scale.epochs(),
              scale.accumulation(),
              listener);
      String title = name + ", seed " + seed;
      List<Training.Epoch> epochs =
          folder == null
              ? training.run(title)
              : training.run(
                  title, folder.checkpoint(), new EpochTables(folder.path()).ofTraining());
      if (folder != null) {
        SafeTensors.save(folder.path().resolve(WEIGHTS), ((Network) learner.block()).stateDict());
      }
      return new Run(name, seed, epochs);
    } catch (TrainingDivergedException diverged) {
      // Divergence is a result of a training like any other. As an exception it would end a
      // comparison of several activations.
      listener.note(diverged.getMessage());
      Score none = new Score(Double.NaN, Double.NaN, 0);
      Stream<Training.Epoch> epochs =
          IntStream.rangeClosed(1, scale.epochs())
              .mapToObj(e -> new Training.Epoch(e, none, none, 0));
      return new Run(name, seed, epochs.toList());
    }
  }

  /**
   * Searches for an activation function without gradients of α, as a baseline for the
   * gradient-based search. For each function that a strategy proposes, the network is trained
   * briefly from scratch and scored. The training uses the part of the training examples that
   * trains the weights in the gradient-based search, and the batch size and optimizer of that
   * search. The score is computed on the other part of the training examples.
   *
   * @param strategy proposes the next function from the scores so far
   * @param space the search space: the operations that a function may consist of
   * @param trials the number of functions to try, at least 1
   * @param epochs the number of epochs of each training
   * @param seed the seed of the initial weights, the proposals, the split of the examples and their
   *     order
   * @param listener receives the progress of each training
   * @return the function with the best score
   * @throws IllegalArgumentException if the number of functions or epochs is less than 1
   * @throws TrainingDivergedException if the training diverged with every function
   */
  public Expression search(
      BlackBoxSearch.Strategy strategy,
      CellSpace space,
      int trials,
      int epochs,
      long seed,
      Progress.Listener listener) {
    Cells cells = new Cells(space, Activations.of(model.family().standard()).get());
    try (Learner learner = learner(cells, seed)) {
      Training training =
          new Training(
              learner,
              scale.search().weights(),
              task.parts(scale, seed).weights(),
              task.validation(scale, seed),
              epochs,
              scale.search().accumulation(),
              listener);
      return new BlackBoxSearch(strategy, space, seed).run(trials, cells, training);
    }
  }

  /**
   * {@return a {@link Learner}: the network with the given activation and initial weights, and its
   * loss; the caller closes it}
   */
  Learner learner(Supplier<? extends Block> activation, long seed) {
    Network network = model.network(task, scale, activation);
    return new Learner(network, Loss.softmaxCrossEntropyLoss(), task.input(scale), seed);
  }
}
