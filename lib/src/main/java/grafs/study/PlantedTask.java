package grafs.study;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.data.BatchSource;
import grafs.data.DatasetBatches;
import grafs.model.Activations;
import grafs.nas.BlackBoxSearch;
import grafs.nas.RegularizedEvolution;
import grafs.nas.Search;
import grafs.nas.SearchSettings;
import grafs.train.AdamSettings;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.SquaredError;
import grafs.train.Training;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A regression for which the best activation is known, to test searches. A random network, the
 * teacher, computes the targets with a given activation, which is called planted. A search is run
 * in a network of the same shape, the student, whose default activation is ReLU; it should find the
 * planted activation. Then students are trained from scratch with the found function.
 *
 * @param teacher the teacher whose activation is to be found
 * @param layers the number of hidden layers of teacher and student, 1 or 2
 * @param seed the seed of the teacher, the search and the trainings
 * @param sizes the sizes of the networks, the data and the trainings
 */
public record PlantedTask(Teacher teacher, int layers, long seed, Sizes sizes) {

  /** The student's default activation. */
  public static final Expression DEFAULT = Teacher.RELU.function();

  /**
   * Evolution with a population of 8 functions. Of these, 3 are drawn, and a changed copy of the
   * best of the 3 is tried next. These sizes suit a few dozen trials (a trial trains the network
   * with one function); at the scale {@code quick} of {@link PlantedSuite#at} there are 575. The
   * sizes must not be changed: {@link PlantedSuite} would take kept searches with the old sizes for
   * searches with the new ones.
   */
  private static final RegularizedEvolution EVOLUTION = new RegularizedEvolution(8, 3);

  /**
   * The number of pre-activations, the inputs of activations, that are sampled from each hidden
   * layer of a trained student.
   */
  private static final int SEEN = 1024;

  /**
   * The share of the training points that is held out to choose the best of the trained students.
   */
  private static final double HELD = 0.25;

  /**
   * The sizes of networks and data, and the settings of trainings.
   *
   * @param inputs the number of inputs of the networks
   * @param width the number of units of each hidden layer
   * @param spread the standard deviation of the teacher's pre-activations with one hidden layer;
   *     with two, half of it is used
   * @param noise the standard deviation of the noise of the targets, whose variance is 1 without
   *     noise
   * @param points the number of training points; a quarter of them is held out to choose the best
   *     of the trained students
   * @param test the number of test points
   * @param epochs the number of epochs of a training
   * @param batchSize the batch size of a training
   * @param rates the learning rates that are tried; see {@link PlantedTask#adam}
   * @param restarts the number of initial weights that are tried with each rate
   * @param proxyEpochs the number of epochs for which random search and evolution train the student
   *     with each function that they try
   */
  public record Sizes(
      int inputs,
      int width,
      double spread,
      double noise,
      int points,
      int test,
      int epochs,
      int batchSize,
      List<Double> rates,
      int restarts,
      int proxyEpochs) {

    private int held() {
      return (int) (HELD * points);
    }
  }

  /**
   * The best student with one activation. Students were trained from scratch, one for each pair of
   * a learning rate and initial weights; the best has the lowest error on held-out training points.
   *
   * @param error its mean squared error on the test points; infinite if all trainings diverged
   * @param held its mean squared error on the held-out training points; infinite if all diverged
   * @param rate its learning rate; NaN if all diverged
   * @param seen a sample of its pre-activations on the test points; empty if all diverged
   */
  public record Trained(double error, double held, double rate, double... seen) {}

  /**
   * The result of a search.
   *
   * @param found the found function; the default if the search diverged
   * @param seconds the time of the search
   * @param passes the number of forward and backward passes, each of one batch
   * @param failure says why the search diverged; null if it did not
   */
  record Found(Expression found, double seconds, long passes, String failure) {}

  /**
   * Runs a search.
   *
   * @param method the search method
   * @param space the search space; the method decides whether its operations are bounded
   * @param full the settings of the full method, from which the method derives its own
   * @return the result
   */
  Found search(Method method, CellSpace space, SearchSettings full) {
    SearchSettings settings = method.settings(full);
    int batchSize = settings.batchSize();
    int middle = (int) Math.round((1 - settings.alphaShare()) * sizes.points);
    long start = System.nanoTime();
    Expression found = DEFAULT;
    String failure = null;
    Cells cells =
        new Cells(method.bounded() ? space : space.unbounded(), Activations.of("relu").get());
    try (NDManager manager = NDManager.newBaseManager();
        Learner learner = learner(cells, seed)) {
      List<ArrayDataset> parts = points(manager, middle, sizes.points - middle);
      BatchSource weights = DatasetBatches.shuffled(parts.get(0), batchSize, seed);
      BatchSource alpha = DatasetBatches.shuffled(parts.get(1), batchSize, seed + 1);
      found =
          switch (method) {
            case NONE -> DEFAULT;
            case RANDOM -> tried(BlackBoxSearch.RANDOM, settings, weights, alpha, cells, learner);
            case EVOLUTION -> tried(EVOLUTION, settings, weights, alpha, cells, learner);
            default ->
                new Search(settings, cells, learner, Progress.Listener.NONE)
                    .run(weights, alpha, seed)
                    .found();
          };
    } catch (TrainingDivergedException diverged) {
      failure = diverged.getMessage();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long passes = method == Method.NONE ? 0 : settings.passes(middle / batchSize);
    return new Found(found, seconds, passes, failure);
  }

  /** {@return the teacher's points and targets, in parts of these sizes} */
  private List<ArrayDataset> points(NDManager manager, int... counts) {
    return teacher.network(sizes, layers, seed).points(manager, counts);
  }

  /**
   * Runs a black-box search: trains the student with one function after another.
   *
   * @return the best function; the number of functions is such that the search takes as many passes
   *     as a gradient-based search with these settings
   */
  private Expression tried(
      BlackBoxSearch.Strategy strategy,
      SearchSettings settings,
      BatchSource weights,
      BatchSource alpha,
      Cells cells,
      Learner learner) {
    int epochs = sizes.proxyEpochs;
    int trials = (int) settings.passes(1) / epochs;
    Training training =
        new Training(
            learner, settings.weights(), weights, alpha, epochs, 1, Progress.Listener.NONE);
    return new BlackBoxSearch(strategy, cells.space(), seed).run(trials, cells, training);
  }

  /**
   * Trains students from scratch, one for each pair of a learning rate and initial weights. The
   * seeds are the same for every function.
   *
   * @param function the activation of the students
   * @return the student with the lowest error on held-out training points
   */
  public Trained train(Expression function) {
    Trained best = new Trained(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.NaN);
    try (NDManager manager = NDManager.newBaseManager()) {
      List<ArrayDataset> parts =
          points(manager, sizes.points - sizes.held(), sizes.held(), sizes.test);
      BatchSource train = DatasetBatches.shuffled(parts.get(0), sizes.batchSize, seed);
      BatchSource held = DatasetBatches.shuffled(parts.get(1), sizes.held(), 0);
      BatchSource test = DatasetBatches.shuffled(parts.get(2), sizes.test, 0);
      for (double rate : sizes.rates) {
        for (int restart = 0; restart < sizes.restarts; restart++) {
          // Cells, the blocks of a search, are used since they can record pre-activations. Here
          // they compute the function, not a mixture of operations.
          Cells cells = new Cells(CellSpace.small(), function.get());
          try (Learner learner = learner(cells, seed * 100 + restart)) {
            List<Training.Epoch> epochs =
                new Training(
                        learner, adam(rate), train, held, sizes.epochs, 1, Progress.Listener.NONE)
                    .run("training");
            double error = epochs.get(epochs.size() - 1).test().loss();
            if (error < best.held) {
              Score[] tested = new Score[1];
              Runnable pass = () -> tested[0] = learner.evaluate(test.epoch(learner.manager(), 0));
              float[] seen = cells.inputs(SEEN, seed, pass);
              double[] inputs = IntStream.range(0, seen.length).mapToDouble(i -> seen[i]).toArray();
              best = new Trained(tested[0].loss(), error, rate, inputs);
            }
          } catch (TrainingDivergedException diverged) {
            continue;
          }
        }
      }
    }
    return best;
  }

  /**
   * Makes the settings of the optimizer of a student's weights: Adam without weight decay.
   *
   * @param rate the learning rate at the beginning; it falls along half a cosine to a tenth
   * @return the settings
   */
  public static AdamSettings adam(double rate) {
    return new AdamSettings(rate, 0.9, 0.999, 0, 0, 0, 0.1);
  }

  /**
   * Replaces a function by another with the same values, so that networks are trained only once
   * with functions of the same values.
   *
   * @param found a function
   * @return the teacher's activation or a known activation, if its values are the same; otherwise
   *     the function itself
   */
  Expression recognised(Expression found) {
    return teacher.computes(found)
        ? teacher.function()
        : KnownActivation.of(found)
            .filter(known -> known.function() != null)
            .map(KnownActivation::function)
            .orElse(found);
  }

  /**
   * Makes a student, with the squared error as its loss.
   *
   * @param activation makes the block after each hidden layer
   * @param weights the seed of the initial weights
   */
  private Learner learner(Supplier<Block> activation, long weights) {
    SequentialBlock student = new SequentialBlock();
    for (int layer = 0; layer < layers; layer++) {
      student.add(Linear.builder().setUnits(sizes.width).build()).add(activation.get());
    }
    student.add(Linear.builder().setUnits(1).build());
    return new Learner(student, new SquaredError(), new Shape(1, sizes.inputs), weights);
  }
}
