package grafs.run;

import grafs.data.ImageDataset;
import grafs.nas.CellFit;
import grafs.nas.Relaxation;
import grafs.nas.SearchSettings;
import grafs.nas.SearchSettings.Levels;
import grafs.nas.SearchSettings.Order;
import grafs.nas.SearchSettings.Technique;
import grafs.nas.Verification;
import grafs.train.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What each part of the method is worth: searches with all of its techniques, without each of them
 * in turn, with DARTS and DrNAS as they were before, and by trial, all in the paper's space and on
 * the same images; each function found is then trained from scratch. The paper compares with DARTS
 * and DrNAS in this way (arXiv 2408.06820, section 4).
 *
 * @param experiment the network, its data and the scale
 * @param folder where finished work is kept: what is there is read, not repeated
 */
public record Ablation(Experiment experiment, Path folder) {

  /** The trainings of one search's function have seeds from this many times its seed on. */
  private static final long SEEDS = 100;

  /**
   * Makes what is known of some searches, from the folder or by running what is missing: all
   * methods with one seed, then with the next.
   *
   * @param methods how to search
   * @param seeds how many searches of each method, with seeds from 1
   * @param trainings how often to train each function found
   * @param listener receives progress
   * @return the trials, those of one method together
   */
  public List<AblationTrial> run(
      List<Method> methods, int seeds, int trainings, Progress.Listener listener) {
    List<AblationTrial> trials = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      for (Method method : methods) {
        trials.add(run(method, seed, trainings, listener));
      }
    }
    trials.sort(Comparator.comparing(AblationTrial::method));
    return trials;
  }

  /**
   * Reads the searches that are kept, and runs nothing.
   *
   * @param methods how to search
   * @param seeds how many searches of each method to look for, with seeds from 1
   * @return the trials, those of one method together
   */
  public List<AblationTrial> kept(List<Method> methods, int seeds) {
    return methods.stream()
        .flatMap(m -> LongStream.rangeClosed(1, seeds).mapToObj(seed -> kept(m, seed)))
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * Says what is not kept.
   *
   * @param methods how to search
   * @param seeds how many searches of each method to look for, with seeds from 1
   * @return a line for each method of which searches are missing, with their seeds
   */
  public List<String> missing(List<Method> methods, int seeds) {
    List<String> missing = new ArrayList<>();
    for (Method method : methods) {
      String those =
          LongStream.rangeClosed(1, seeds)
              .filter(seed -> kept(method, seed).isEmpty())
              .mapToObj(Long::toString)
              .collect(Collectors.joining(", "));
      if (!those.isEmpty()) {
        missing.add(method.title() + ": seeds " + those);
      }
    }
    return missing;
  }

  private AblationSearch searches() {
    return new AblationSearch(experiment);
  }

  /** A trial that is kept, of the same settings as now. */
  private Optional<AblationTrial> kept(Method method, long seed) {
    return AblationTrial.read(folder(method, seed))
        .filter(trial -> trial.settings().equals(searches().settings(method)));
  }

  private Path folder(Method method, long seed) {
    return folder.resolve(method.name().toLowerCase(Locale.ROOT) + "-seed-" + seed);
  }

  /**
   * Makes what is known of one search, from the folder or by running what is missing.
   *
   * @param method how to search
   * @param seed the seed of the search
   * @param trainings how often to train the function found; the seeds of these trainings follow
   *     from the search's, and are the same for all methods
   * @param listener receives progress
   * @return the trial
   */
  AblationTrial run(Method method, long seed, int trainings, Progress.Listener listener) {
    check();
    Path own = folder(method, seed);
    AblationTrial trial =
        kept(method, seed)
            .orElseGet(
                () -> {
                  AblationTrial made = searches().search(method, seed, listener);
                  made.write(own);
                  return made;
                });
    while (trial.found() != null && trial.accuracies().size() < trainings) {
      long next = SEEDS * seed + trial.accuracies().size() + 1;
      Experiment.Run run = experiment.train(method.title(), trial.found(), next, listener);
      trial = trial.trained(run.accuracy());
      trial.write(own);
    }
    return trial;
  }

  /** What all trials of a folder have in common. */
  private record Conditions(String data, String scale, Provenance provenance) {}

  /** Notes the conditions in a new folder, and refuses one whose trials had others. */
  private void check() {
    ImageDataset data = ((ImageTask) experiment.task()).data();
    Conditions here =
        new Conditions(
            "%s, %d and %d images".formatted(data.name(), data.train().size(), data.test().size()),
            experiment.scale().toString(),
            Provenance.now(Provenance.commit()));
    JsonFile file = new JsonFile(folder.resolve("ablation.json"));
    if (!file.exists()) {
      file.write(here);
      return;
    }
    Conditions there = file.read(Conditions.class);
    if (!there.data.equals(here.data) || !there.scale.equals(here.scale)) {
      throw new IllegalArgumentException(
          ("%s holds an ablation with other data or another scale: %s and %s, not %s and %s;"
                  + " take another folder")
              .formatted(folder, there.data, there.scale, here.data, here.scale));
    }
  }

  /**
   * Compares searches with ReLU over trainings with the same seeds.
   *
   * @param trials the searches
   * @param all among them those of {@link Method#NONE}
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
   * What a search costs.
   *
   * @param method how to search
   * @return how often it takes a batch forward and backward through the network; a training step
   *     does so once
   */
  public long passes(Method method) {
    int batches = experiment.weightBatches();
    if (method == Method.NONE) {
      return 0;
    }
    if (method == Method.RANDOM || method == Method.EVOLUTION) {
      return (long) batches * searches().budget();
    }
    SearchSettings search = method.settings(experiment.scale().search());
    // One for the weights, and one for α or four, if their next step is unrolled.
    int step = search.order() == Order.FIRST ? 2 : 5;
    return (long) batches * step * search.epochs() * search.searches();
  }

  /** What is compared, in the order of the table. */
  public enum Method {
    /** ReLU, without a search. */
    NONE("ReLU"),
    /** DrNAS with all of the paper's techniques, first order. */
    FULL("full method"),
    /** From weights as they were initialised. */
    NO_WARM_START("− warm start", full -> full.without(Technique.WARM_START)),
    /** With operations as large as they come. */
    UNBOUNDED("− bounding"),
    /** With one cut at the end. */
    NO_SHRINKING("− shrinking", full -> full.without(Technique.SHRINKING)),
    /** With one draw for all cells, as DrNAS does. */
    SHARED_DRAW("− a draw for each cell", full -> full.without(Technique.DRAW_PER_CELL)),
    /** With DARTS' softmax. */
    SOFTMAX("− sampling (DARTS' softmax)", full -> full.without(Technique.SAMPLING)),
    /** The function of the best epoch, not verified, as in the paper. */
    UNVERIFIED("− verification", full -> full.verification(Verification.OFF)),
    /** With the cell fitted to the default activation, which the paper does not do. */
    FITTED("+ fit of the cell", full -> full.fit(CellFit.DRNAS)),
    /** Both passes train both levels, as the paper's scripts do. */
    JOINT("joint levels", full -> full.levels(Levels.JOINT)),
    /** α by the gradient through one step of the weights. */
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

    /** {@return which methods it stands with in a figure, which has not a colour for each} */
    public String kind() {
      return switch (this) {
        case NONE, FULL, SECOND_ORDER, RANDOM, EVOLUTION -> title;
        case DARTS, DARTS_SECOND_ORDER, DRNAS -> "DARTS and DrNAS as they were";
        default -> "full method without a technique";
      };
    }

    /** {@return what the method is called in tables} */
    public String title() {
      return title;
    }

    /**
     * The numbers of a search by gradient.
     *
     * @param scale the numbers of the full method
     * @return those of this one
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
