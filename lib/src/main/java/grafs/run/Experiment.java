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
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A network on a task at a scale: an activation function can be searched for it, and it can be
 * trained with one (arXiv 2408.06820, section 4).
 *
 * @param model the network
 * @param task what it learns
 * @param scale how large the experiment is
 */
public record Experiment(PaperModel model, Task task, Scale scale) {

  private static final String WEIGHTS = "weights.safetensors";

  /**
   * Checks that network, task and scale go together.
   *
   * @throws IllegalArgumentException if the network takes images and the task has none, or the
   *     other way round, if the text is too short for the network's blocks, or if the scale is that
   *     of another family of networks
   */
  public Experiment {
    boolean text = model.family() == PaperModel.Family.GPT;
    if (text != task instanceof TextTask) {
      throw new IllegalArgumentException(
          "%s takes %s, but %s has none".formatted(model, text ? "a text" : "images", task.name()));
    }
    for (PaperModel.Family other : PaperModel.Family.values()) {
      if (other != model.family() && Scale.all(other).contains(scale)) {
        throw new IllegalArgumentException(
            "%s is not trained at the scale %s of %s: take that of its own family"
                .formatted(model, scale.name(), other.networks().get(0)));
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
   * @param data the images; the networks see them {@linkplain ImageDataset#asRgb32 as three
   *     channels of 32×32}
   * @param scale how large the experiment is
   * @return the experiment
   * @throws IllegalArgumentException if the images cannot take that form
   */
  public static Experiment of(PaperModel model, ImageDataset data, Scale scale) {
    return new Experiment(model, new ImageTask(data), scale);
  }

  /**
   * Creates an experiment on a text.
   *
   * @param model a network for texts
   * @param data the text
   * @param context the tokens that the network sees at once
   * @param scale how large the experiment is
   * @return the experiment
   */
  public static Experiment of(PaperModel model, TextDataset data, int context, Scale scale) {
    return new Experiment(model, new TextTask(data, context), scale);
  }

  /**
   * Takes another network, to see whether a function that was found for this one helps there too.
   *
   * @param other the network
   * @return the experiment with it
   */
  public Experiment with(PaperModel other) {
    return new Experiment(other, task, scale);
  }

  /**
   * Returns this experiment at another scale.
   *
   * @param other the scale
   * @return the experiment at it
   */
  public Experiment with(Scale other) {
    return new Experiment(model, task, other);
  }

  /**
   * One training with one activation function.
   *
   * @param activation the activation's name
   * @param seed the seed of weights, order and augmentation
   * @param epochs one record per epoch
   */
  public record Run(String activation, long seed, List<Training.Epoch> epochs) {

    /**
     * Copies the epochs.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Run {
      epochs = List.copyOf(epochs);
      if (epochs.isEmpty()) {
        throw new IllegalArgumentException("a training has an epoch");
      }
    }

    /** {@return the test score after the last epoch; NaN if the training diverged} */
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
   * Searches an activation function, starting from the family's default.
   *
   * @param space the search space
   * @param seed the seed of weights, α, the split and the order of examples
   * @param listener receives progress
   * @return what was found
   */
  public SearchResult search(CellSpace space, long seed, Progress.Listener listener) {
    return search(space, seed, null, epoch -> {}, listener);
  }

  /**
   * Searches an activation function, or resumes an interrupted search from its checkpoint.
   *
   * @param space the search space
   * @param seed the seed of weights, α, the split and the order of examples
   * @param folder the folder whose {@code checkpoint/} holds the search's state; null for no
   *     checkpoint
   * @param epochs receives every epoch, first those done before the interruption
   * @param listener receives progress
   * @return what was found
   */
  public SearchResult search(
      CellSpace space,
      long seed,
      Path folder,
      Consumer<SearchResult.Epoch> epochs,
      Progress.Listener listener) {
    Cells cells = new Cells(space, Activations.of(model.family().standard()).get());
    Task.Parts parts = task.parts(scale, seed);
    Path state = folder == null ? null : folder.resolve("checkpoint");
    try (Learner learner = learner(cells, seed)) {
      return new Search(scale.search(), cells, learner, listener)
          .run(parts.weights(), parts.alpha(), seed, state, epochs);
    }
  }

  /**
   * Trains the network from scratch on all training examples.
   *
   * @param name what to call the activation in tables and plots
   * @param activation makes the activation's blocks
   * @param seed the seed of weights, order and augmentation
   * @param listener receives progress
   * @return the training's record
   */
  public Run train(
      String name, Supplier<? extends Block> activation, long seed, Progress.Listener listener) {
    return train(name, activation, seed, null, epoch -> {}, listener);
  }

  /**
   * Trains the network from scratch, or resumes an interrupted training from its checkpoint.
   *
   * @param name what to call the activation in tables and plots
   * @param activation makes the activation's blocks
   * @param seed the seed of weights, order and augmentation
   * @param folder the folder whose {@code checkpoint/} holds the training's state and which
   *     receives the final weights as {@code weights.safetensors}; null for neither
   * @param over receives every epoch, first those done before the interruption
   * @param listener receives progress
   * @return the training's record
   */
  public Run train(
      String name,
      Supplier<? extends Block> activation,
      long seed,
      Path folder,
      Consumer<Training.Epoch> over,
      Progress.Listener listener) {
    try (Learner learner = learner(activation, seed)) {
      List<Training.Epoch> epochs =
          new Training(
                  learner,
                  scale.weights(),
                  task.training(scale, seed),
                  task.test(scale),
                  scale.epochs(),
                  scale.accumulation(),
                  listener)
              .run(
                  name + ", seed " + seed,
                  folder == null ? null : folder.resolve("checkpoint"),
                  over);
      if (folder != null) {
        SafeTensors.save(folder.resolve(WEIGHTS), ((Network) learner.block()).stateDict());
      }
      return new Run(name, seed, epochs);
    } catch (TrainingDivergedException diverged) {
      // A function that cannot be trained is a result, not the end of a comparison.
      listener.note(diverged.getMessage());
      Score none = new Score(Double.NaN, Double.NaN, 0);
      Stream<Training.Epoch> epochs =
          IntStream.rangeClosed(1, scale.epochs())
              .mapToObj(e -> new Training.Epoch(e, none, none, 0));
      return new Run(name, seed, epochs.toList());
    }
  }

  /**
   * Searches an activation function by black-box search: for each function tried, the network is
   * trained briefly from scratch on the part of the training examples that the gradient-based
   * {@code search} trains weights on, with its batch size and optimizer, and scored on the other
   * part.
   *
   * @param strategy which function to try next
   * @param space the search space
   * @param trials how many functions to try
   * @param epochs the epochs of each training
   * @param seed the seed of weights, choices, the split and the order of examples
   * @param listener receives the progress of each training
   * @return the best function
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
   * Loads the network with the weights of a complete training.
   *
   * @param activation makes the activation's blocks, as in the training
   * @param folder the training's folder
   * @return the network in a learner, which owns its memory and is to be closed
   * @throws UncheckedIOException if the training has left no weights there
   */
  public Learner trained(Supplier<? extends Block> activation, Path folder) {
    Learner learner = learner(activation, 0);
    try {
      SafeTensors.load(folder.resolve(WEIGHTS), ((Network) learner.block()).stateDict());
      return learner;
    } catch (RuntimeException e) {
      learner.close();
      throw e;
    }
  }

  private Learner learner(Supplier<? extends Block> activation, long seed) {
    Network network = model.network(task, scale, activation);
    return new Learner(network, Loss.softmaxCrossEntropyLoss(), task.input(scale), seed);
  }
}
