package grafs.run;

import ai.djl.TrainingDivergedException;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.data.ImageDataset;
import grafs.nas.BlackBoxSearch;
import grafs.nas.CellFit;
import grafs.nas.RegularizedEvolution;
import grafs.nas.Relaxation;
import grafs.nas.SearchSettings;
import grafs.nas.SearchSettings.Levels;
import grafs.nas.SearchSettings.Order;
import grafs.nas.SearchSettings.Technique;
import grafs.nas.Shrinking;
import grafs.nas.Verification;
import grafs.train.Progress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * An ablation study of the search: runs the full method, the method without each of its techniques
 * in turn, plain DARTS and DrNAS, and black-box searches, all in the paper's search space and on
 * the same images; each function found is then trained from scratch. The paper compares with DARTS
 * and DrNAS in this way (arXiv 2408.06820, section 4).
 *
 * @param experiment the network, its data and the scale
 * @param folder where finished trials are kept; they are loaded, not repeated
 */
public record Ablation(Experiment experiment, Path folder) {

  /** For about a dozen trials, as {@link #budget} allows. */
  private static final RegularizedEvolution STRATEGY = new RegularizedEvolution(5, 3);

  /** Training i, from 1, of the function found with seed s has the seed {@code SEEDS * s + i}. */
  private static final long SEEDS = 100;

  /**
   * Loads the trials that the folder has, and runs the missing ones: all methods with seed 1, then
   * all with seed 2, and so on.
   *
   * @param methods how to search
   * @param seeds how many searches of each method, with seeds from 1
   * @param trainings how often to train each function found
   * @param listener receives progress
   * @return the trials, those of one method together
   * @throws IllegalArgumentException as {@link #kept(List, int)}
   */
  public List<AblationTrial> run(
      List<Method> methods, int seeds, int trainings, Progress.Listener listener) {
    for (long seed = 1; seed <= seeds; seed++) {
      for (Method method : methods) {
        run(method, seed, trainings, listener);
      }
    }
    return kept(methods, seeds);
  }

  /**
   * Reads the searches that are kept, and runs nothing.
   *
   * @param methods how to search
   * @param seeds how many searches of each method to look for, with seeds from 1
   * @return the trials, those of one method together
   * @throws IllegalArgumentException if the folder holds trials of another network, other data or
   *     another scale
   */
  public List<AblationTrial> kept(List<Method> methods, int seeds) {
    check();
    return methods.stream()
        .flatMap(m -> LongStream.rangeClosed(1, seeds).mapToObj(seed -> kept(m, seed)))
        .flatMap(Optional::stream)
        .toList();
  }

  /** The trial in the folder; empty if there is none or it has other settings than now. */
  private Optional<AblationTrial> kept(Method method, long seed) {
    return AblationTrial.read(folder(method, seed))
        .filter(trial -> trial.settings().equals(settings(method)));
  }

  private Path folder(Method method, long seed) {
    return folder.resolve(method.name().toLowerCase(Locale.ROOT) + "-seed-" + seed);
  }

  /**
   * Loads one trial from the folder, and runs its search and the trainings that are missing. Their
   * seeds follow from the search's, and are the same for all methods.
   */
  AblationTrial run(Method method, long seed, int trainings, Progress.Listener listener) {
    check();
    if (!conditions().exists()) {
      conditions().write(here());
    }
    Path own = folder(method, seed);
    AblationTrial trial = kept(method, seed).orElseGet(() -> search(method, seed, listener));
    trial.write(own);
    while (trial.found() != null && trial.accuracies().size() < trainings) {
      long next = SEEDS * seed + trial.accuracies().size() + 1;
      Experiment.Run run = experiment.train(method.title(), trial.found(), next, listener);
      trial = trial.trained(run.accuracy());
      trial.write(own);
    }
    return trial;
  }

  /** The settings of a method as text; a kept trial is reused only if its settings are the same. */
  private String settings(Method method) {
    return switch (method) {
      case NONE -> "no search";
      case RANDOM -> "RandomSearch[] for %d epochs".formatted(budget());
      case EVOLUTION -> "%s for %d epochs".formatted(STRATEGY, budget());
      default ->
          method.settings(experiment.scale().search()) + (method.bounded() ? "" : ", unbounded");
    };
  }

  /** Runs one search. If it diverges, the trial has a failure message and no function. */
  private AblationTrial search(Method method, long seed, Progress.Listener listener) {
    double start = System.nanoTime();
    Expression found = null;
    String failure = null;
    try {
      found = function(method, seed, listener);
    } catch (TrainingDivergedException diverged) {
      failure = diverged.getMessage();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new AblationTrial(method, seed, settings(method), found, failure, seconds, List.of());
  }

  private Expression function(Method method, long seed, Progress.Listener listener) {
    CellSpace space = CellSpace.paper();
    return switch (method) {
      case NONE -> Expression.parse("max0(x)");
      case RANDOM -> experiment.search(BlackBoxSearch.RANDOM, space, budget(), 1, seed, listener);
      case EVOLUTION -> experiment.search(STRATEGY, space, budget(), 1, seed, listener);
      default ->
          experiment
              .with(experiment.scale().with(method.settings(experiment.scale().search())))
              .search(method.bounded() ? space : space.unbounded(), seed, listener)
              .found();
    };
  }

  /** Functions of a black-box search: the epochs of a gradient search and its verification. */
  private int budget() {
    return (int) experiment.scale().search().passes(1);
  }

  /**
   * What all trials of a folder have in common; the contents of {@code ablation.json}. Model and
   * fingerprint are null in files of older versions.
   */
  private record Conditions(
      String model, String data, String fingerprint, String scale, Provenance provenance) {

    List<String> parts() {
      return Arrays.asList(model, data, fingerprint, scale);
    }
  }

  private JsonFile conditions() {
    return new JsonFile(folder.resolve("ablation.json"));
  }

  private Conditions here() {
    ImageDataset data = ((ImageTask) experiment.task()).data();
    return new Conditions(
        experiment.model().title(),
        "%s, %d and %d images".formatted(data.name(), data.train().size(), data.test().size()),
        experiment.task().fingerprint(),
        experiment.scale().toString(),
        Provenance.now(Provenance.commit()));
  }

  /** Throws if the folder has other conditions; a new folder has none. */
  private void check() {
    if (!conditions().exists()) {
      return;
    }
    List<String> there = conditions().read(Conditions.class).parts();
    List<String> here = here().parts();
    List<String> differing =
        IntStream.range(0, here.size())
            .filter(i -> there.get(i) != null && !there.get(i).equals(here.get(i)))
            .mapToObj(i -> there.get(i) + ", not " + here.get(i))
            .toList();
    if (!differing.isEmpty()) {
      throw new IllegalArgumentException(
          "%s holds an ablation of another network, other data or another scale: %s; take another folder"
              .formatted(folder, String.join("; ", differing)));
    }
  }

  /**
   * Compares searches with ReLU over trainings with the same seeds.
   *
   * @param trials the searches
   * @param all trials that include those of {@link Method#NONE}, which train ReLU
   * @return the mean difference of the test accuracies, −1 to 1; NaN without a pair
   */
  public static double overRelu(List<AblationTrial> trials, List<AblationTrial> all) {
    return trials.stream()
        .flatMapToDouble(
            trial ->
                all.stream()
                    .filter(relu -> relu.method() == Method.NONE && relu.seed() == trial.seed())
                    .flatMapToDouble(relu -> differences(trial.accuracies(), relu.accuracies())))
        .average()
        .orElse(Double.NaN);
  }

  private static DoubleStream differences(List<Double> own, List<Double> relu) {
    return IntStream.range(0, Math.min(own.size(), relu.size()))
        .mapToDouble(i -> own.get(i) - relu.get(i));
  }

  /**
   * Computes the cost of a search.
   *
   * @param method how to search
   * @return the number of forward and backward passes of a batch through the network; a training
   *     step makes one
   */
  public long passes(Method method) {
    int batches = experiment.task().parts(experiment.scale(), 1).weights().batchesPerEpoch();
    return switch (method) {
      case NONE -> 0;
      case RANDOM, EVOLUTION -> (long) batches * budget();
      default -> method.settings(experiment.scale().search()).passes(batches);
    };
  }

  /** The methods that are compared, in the order of the table. */
  public enum Method {
    /** ReLU, without a search. */
    NONE("ReLU"),
    /** DrNAS with all of the paper's techniques, first order. */
    FULL("full method"),
    /** Without training the weights with the default activation first. */
    NO_WARM_START("− warm start", full -> full.without(Technique.WARM_START)),
    /** Without bounds on the operations' outputs. */
    UNBOUNDED("− bounding"),
    /** Without dropping operations during the search: the best ones are chosen at its end. */
    NO_SHRINKING("− shrinking", full -> full.without(Technique.SHRINKING)),
    /** With one draw of operation weights shared by all cells, as in DrNAS. */
    SHARED_DRAW("− a draw for each cell", full -> full.without(Technique.DRAW_PER_CELL)),
    /** With DARTS' softmax instead of draws from a Dirichlet distribution. */
    SOFTMAX("− sampling (DARTS' softmax)", full -> full.without(Technique.SAMPLING)),
    /** The function of the best epoch, not verified, as in the paper. */
    UNVERIFIED("− verification", full -> full.verification(Verification.OFF)),
    /** α stays as it was initialised, near 0: a random short list, verified like any other. */
    UNTRAINED("− training of α", full -> full.alphaLearningRate(1e-12).shrinking(Shrinking.OFF)),
    /** With the cell fitted to the default activation, which the paper does not do. */
    FITTED("+ fit of the cell", full -> full.fit(CellFit.DRNAS)),
    /** Both passes train both levels, as the paper's scripts do. */
    JOINT("joint levels", full -> full.levels(Levels.JOINT)),
    /** With α's second-order gradient, through one unrolled step of the weights. */
    SECOND_ORDER(
        "full method, second order", full -> full.levels(Levels.BILEVEL).order(Order.SECOND)),
    /** DARTS without any of the techniques. */
    DARTS("DARTS, first order", full -> bare(full).relaxation(Relaxation.SOFTMAX)),
    /** DARTS of second order without any of the techniques. */
    DARTS_SECOND_ORDER(
        "DARTS, second order",
        full -> bare(full).relaxation(Relaxation.SOFTMAX).order(Order.SECOND)),
    /** DrNAS without any of the techniques. */
    DRNAS("DrNAS", full -> bare(full).relaxation(Relaxation.DRNAS_SHARED)),
    /** Functions drawn at random, each trained for an epoch. */
    RANDOM("random search"),
    /** Functions by regularised evolution, each trained for an epoch. */
    EVOLUTION("regularised evolution");

    private final String title;
    private final UnaryOperator<SearchSettings> change;

    Method(String title) {
      this(title, full -> full);
    }

    Method(String title, UnaryOperator<SearchSettings> change) {
      this.title = title;
      this.change = change;
    }

    private static SearchSettings bare(SearchSettings full) {
      return full.without(Technique.WARM_START)
          .without(Technique.SHRINKING)
          .verification(Verification.OFF);
    }

    /** {@return the name of its group of methods, which has one colour in figures} */
    public String kind() {
      return switch (this) {
        case NONE, FULL, SECOND_ORDER, RANDOM, EVOLUTION -> title;
        case DARTS, DARTS_SECOND_ORDER, DRNAS -> "DARTS and DrNAS as they were";
        default -> "full method without a technique";
      };
    }

    /** {@return its name in tables} */
    public String title() {
      return title;
    }

    /**
     * Derives the settings of a gradient-based search.
     *
     * @param scale the settings of the full method
     * @return the settings of this method
     */
    public SearchSettings settings(SearchSettings scale) {
      return change.apply(scale.relaxation(Relaxation.DRNAS));
    }

    /** {@return whether the operations' outputs are bounded} */
    public boolean bounded() {
      return this != UNBOUNDED && this != DARTS && this != DARTS_SECOND_ORDER && this != DRNAS;
    }
  }
}
