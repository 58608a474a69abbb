package grafs.lab;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.data.DatasetBatches;
import grafs.data.DatasetCheck;
import grafs.data.LabelRule;
import grafs.model.ActivationSites;
import grafs.model.ActivationSites.Site;
import grafs.model.ParameterSnapshot;
import grafs.nas.Goal;
import grafs.nas.Search;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
import grafs.nas.Verification;
import grafs.train.AdamSettings;
import grafs.train.Learner;
import grafs.train.OptimizerSettings;
import grafs.train.Progress;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A search of an activation function for a network of the user's own, on data of the user's own:
 *
 * <pre>{@code
 * var search = ActivationSearch.in(block).space(CellSpace.paper()).epochs(8);
 * var found = search.run(dataset, Loss.softmaxCrossEntropyLoss(), 1, new ProgressBar());
 * }</pre>
 *
 * <p>Each method that changes something returns another search; run it as often as you like. For
 * one function for each group of activations, search for one group after the other: {@code
 * ActivationSearch.in(found.block()).where(…)}.
 */
public final class ActivationSearch {

  private final Function<Supplier<Block>, Block> factory;
  private final Block given;
  private final Block standard;
  private final Predicate<Site> chosen;
  private final CellSpace space;
  private final SearchSettings settings;
  private final List<Goal> goals;
  private final double minutes;

  /** Batches that tell how long one takes. */
  private static final int TIMED = 3;

  /** A step of training is about three passes forward. */
  private static final int PLAIN_PASSES = 3;

  /** A search step is about three of training. */
  private static final int PASSES = 3 * PLAIN_PASSES;

  private static final int MOST_EPOCHS = 100;

  private ActivationSearch(
      Function<Supplier<Block>, Block> factory,
      Block given,
      Block standard,
      Predicate<Site> chosen,
      CellSpace space,
      SearchSettings settings,
      List<Goal> goals,
      double minutes) {
    this.factory = factory;
    this.given = given;
    this.standard = standard;
    this.chosen = chosen;
    this.space = space;
    this.settings = settings;
    this.goals = List.copyOf(goals);
    this.minutes = minutes;
  }

  /**
   * What a search came to.
   *
   * @param function the function
   * @param search how it was found
   * @param block the network with the function in place of its activations: the block that was
   *     given, with the weights it had, or a fresh one of the factory
   * @param replaced where the function was put; empty for a factory
   * @param hidden where other activations were left, in words
   */
  public record Found(
      Expression function,
      SearchResult search,
      Block block,
      List<Site> replaced,
      List<String> hidden) {}

  private static SearchSettings standardSettings() {
    return SearchSettings.paper(new AdamSettings(1e-3, 0.9, 0.999, 0, 0.05, 0, 0.1))
        .epochs(7)
        .batchSize(32)
        .accumulation(1)
        .alphaLearningRate(0.3)
        .shrinking(new Shrinking(Shrinking.Unit.EPOCH, 2))
        .verification(new Verification(4, 2, 3));
  }

  /**
   * Searches for a network whose activations are found and replaced.
   *
   * @param network the network, initialised or not; while a search runs, it is changed
   * @return the search, of one function for all activations
   */
  public static ActivationSearch in(Block network) {
    return new ActivationSearch(
        null,
        Objects.requireNonNull(network, "network"),
        null,
        site -> true,
        CellSpace.paper(),
        standardSettings(),
        List.of(),
        0);
  }

  /**
   * Searches for a network that is built with a given activation: the way for activations that
   * stand in a block's own code.
   *
   * @param network builds the network, asking for a block at each place
   * @param standard the activation it has by default, a block without parameters
   * @return the search
   */
  public static ActivationSearch of(Function<Supplier<Block>, Block> network, Block standard) {
    return new ActivationSearch(
        Objects.requireNonNull(network, "network"),
        null,
        Objects.requireNonNull(standard, "standard"),
        site -> true,
        CellSpace.paper(),
        standardSettings(),
        List.of(),
        0);
  }

  /**
   * Chooses which activations are replaced.
   *
   * @param which picks sites, such as {@code site -> site.name().equals("relu")}
   * @return the search for them
   */
  public ActivationSearch where(Predicate<Site> which) {
    return new ActivationSearch(factory, given, standard, which, space, settings, goals, minutes);
  }

  /**
   * Chooses what is searched, such as the operations that a deployment target has.
   *
   * @param other the search space
   * @return the search in it
   */
  public ActivationSearch space(CellSpace other) {
    return new ActivationSearch(factory, given, standard, chosen, other, settings, goals, minutes);
  }

  /**
   * Chooses what is pursued beside a low loss, such as a fast or a smooth function.
   *
   * @param others the goals
   * @return the search for them
   */
  public ActivationSearch goals(Goal... others) {
    return new ActivationSearch(
        factory, given, standard, chosen, space, settings, List.of(others), minutes);
  }

  /**
   * Chooses how long the search is.
   *
   * @param epochs the epochs of the search proper, at least 2, after one with the default
   * @return the search of that length
   */
  public ActivationSearch epochs(int epochs) {
    return untimed().with(settings.epochs(epochs + settings.warmStartEpochs()));
  }

  private ActivationSearch untimed() {
    return new ActivationSearch(factory, given, standard, chosen, space, settings, goals, 0);
  }

  /**
   * Chooses about how long the search takes: its epochs follow from how long the network takes for
   * a batch here, and are 2 to 100. Another machine may search for more or fewer. Where verifying
   * the result would take more than half of the time, it is left out.
   *
   * @param minutes the minutes, more than 0
   * @return the search of about that time
   * @throws IllegalArgumentException if the time is not positive
   */
  public ActivationSearch minutes(double minutes) {
    if (!(minutes > 0)) {
      throw new IllegalArgumentException("a search takes some minutes, not " + minutes);
    }
    return new ActivationSearch(factory, given, standard, chosen, space, settings, goals, minutes);
  }

  /**
   * Chooses how the weights are trained.
   *
   * @param optimizer their optimizer
   * @param batchSize the examples of a batch
   * @return the search with it
   */
  public ActivationSearch training(OptimizerSettings optimizer, int batchSize) {
    return with(settings.weights(optimizer).batchSize(batchSize));
  }

  /**
   * Chooses all numbers of the search.
   *
   * @param other the numbers
   * @return the search with them
   */
  public ActivationSearch with(SearchSettings other) {
    return new ActivationSearch(factory, given, standard, chosen, space, other, goals, minutes);
  }

  /**
   * Searches.
   *
   * @param data the training data; three quarters are for the weights, the rest for α
   * @param loss the loss of output and labels; for a regression {@link grafs.train.SquaredError},
   *     which says why not DJL's own
   * @param seed the seed of weights, α, the split and the order of examples
   * @param listener hears of progress
   * @return what was found
   * @throws IllegalArgumentException if the network has no activation that can be replaced, those
   *     picked are of different kinds, the data do not fit it, or an example has a number that is
   *     not finite or a label that the loss does not take; nothing has begun then
   * @throws TrainingDivergedException if the search diverges; says where and why
   */
  public Found run(RandomAccessDataset data, Loss loss, long seed, Progress.Listener listener) {
    List<DatasetBatches> parts =
        DatasetBatches.split(data, 1 - settings.alphaShare(), settings.batchSize(), seed);
    return factory == null
        ? inBlock(data, parts, loss, seed, listener)
        : fromFactory(data, parts, loss, seed, listener);
  }

  private Found fromFactory(
      RandomAccessDataset data,
      List<DatasetBatches> parts,
      Loss loss,
      long seed,
      Progress.Listener listener) {
    requireWeights(factory.apply(() -> standard));
    Cells cells = cells(standard);
    Block network = factory.apply(cells::get);
    SearchResult result = search(network, cells, data, parts, loss, seed, listener);
    Block block = factory.apply(result.found()::get);
    return new Found(result.found(), result, block, List.of(), List.of());
  }

  private Found inBlock(
      RandomAccessDataset data,
      List<DatasetBatches> parts,
      Loss loss,
      long seed,
      Progress.Listener listener) {
    ActivationSites sites = ActivationSites.in(given);
    List<Site> picked = sites.sites().stream().filter(chosen).toList();
    Block first = common(sites, picked);
    requireWeights(given);
    Cells cells = cells(first);
    try (ParameterSnapshot before = new ParameterSnapshot(given)) {
      SearchResult result;
      try {
        Map<Block, Block> made = new IdentityHashMap<>();
        sites.replace(
            site ->
                picked.contains(site)
                    ? made.computeIfAbsent(site.block(), block -> cells.get())
                    : null);
        result = search(given, cells, data, parts, loss, seed, listener);
      } finally {
        sites.restore();
        before.restore();
      }
      sites.replace(site -> picked.contains(site) ? result.found().get() : null);
      return new Found(result.found(), result, given, picked, sites.hidden());
    }
  }

  /** The activation that all of the sites have. */
  private static Block common(ActivationSites sites, List<Site> picked) {
    if (picked.isEmpty()) {
      String those =
          sites.sites().isEmpty()
              ? "none was found"
              : "none was picked of "
                  + sites.sites().stream().map(Site::path).collect(Collectors.joining(", "));
      String hidden =
          sites.hidden().isEmpty()
              ? ""
              : "; there are some at " + String.join("; ", sites.hidden());
      throw new IllegalArgumentException(
          "the network has no activation to replace: %s%s. Activations in a block's own code cannot be reached: build the network with ActivationSearch.of(activation -> …, default)"
              .formatted(those, hidden));
    }
    Map<String, String> kinds =
        picked.stream()
            .collect(Collectors.toMap(Site::name, Site::path, (one, other) -> one + ", " + other));
    if (kinds.size() > 1) {
      throw new IllegalArgumentException(
          "one function takes the place of one kind of activation, but these are several: %s. Pick one with where(…)"
              .formatted(kinds));
    }
    return picked.get(0).block();
  }

  private static void requireWeights(Block network) {
    if (network.getParameters().values().stream().noneMatch(Parameter::requiresGradient)) {
      throw new IllegalArgumentException("the network has no weights that can be trained");
    }
  }

  private Cells cells(Block standard) {
    return new Cells(space, standard);
  }

  private SearchResult search(
      Block network,
      Cells cells,
      RandomAccessDataset data,
      List<DatasetBatches> parts,
      Loss loss,
      long seed,
      Progress.Listener listener) {
    Shape[] input;
    try (NDManager manager = NDManager.newBaseManager();
        Batch batch = parts.get(0).epoch(manager, 0).iterator().next()) {
      input = batch.getData().getShapes();
    }
    try (Learner learner = learner(network, loss, input, seed)) {
      Shape output = output(learner, parts.get(0), input);
      DatasetCheck.require(data, settings.batchSize(), LabelRule.of(loss), output);
      fits(learner, parts.get(0), input);
      return new Search(
              within(minutes, learner, parts.get(0)),
              cells,
              learner,
              listener,
              goals.toArray(Goal[]::new))
          .run(parts.get(0), parts.get(1), seed);
    }
  }

  private static Learner learner(Block network, Loss loss, Shape[] input, long seed) {
    try {
      return new Learner(network, loss, seed, input);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the network cannot take batches of the shape of these data, %s: %s"
              .formatted(List.of(input), e.getMessage()),
          e);
    }
  }

  private static Shape output(Learner learner, DatasetBatches batches, Shape[] input) {
    try (Batch batch = batches.epoch(learner.manager(), 0).iterator().next()) {
      return learner.output(batch);
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the network does not go together with batches of shape %s: %s"
              .formatted(List.of(input), e.getMessage()),
          e);
    }
  }

  /** One batch through the network and its loss, before anything is trained. */
  private static void fits(Learner learner, DatasetBatches batches, Shape[] input) {
    try {
      learner.evaluate(List.of(batches.epoch(learner.manager(), 0).iterator().next()));
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "network, data and loss do not go together: batches are %s: %s"
              .formatted(List.of(input), e.getMessage()),
          e);
    }
  }

  /** The settings with as many epochs as the time is enough for. */
  private SearchSettings within(double minutes, Learner learner, DatasetBatches batches) {
    if (minutes == 0) {
      return settings;
    }
    int timed = 0;
    Iterator<Batch> turn = batches.epoch(learner.manager(), 0).iterator();
    // The first batch finds everything cold.
    learner.evaluate(List.of(turn.next()));
    turn = batches.epoch(learner.manager(), 0).iterator();
    long start = System.nanoTime();
    while (timed < TIMED && turn.hasNext()) {
      learner.evaluate(List.of(turn.next()));
      timed++;
    }
    double pass = (System.nanoTime() - start) / 1e9 / timed;
    double epoch = pass * PASSES * batches.batchesPerEpoch();
    Verification verification = settings.verification();
    double verified =
        pass
            * PLAIN_PASSES
            * batches.batchesPerEpoch()
            * verification.epochs()
            * verification.trainings(verification.functions());
    boolean tooLong = verified > 30 * minutes;
    double left = 60 * minutes - (tooLong ? 0 : verified);
    int epochs = (int) Math.max(2, Math.min(MOST_EPOCHS, left / epoch));
    SearchSettings timedSettings = epochs(epochs).settings;
    return tooLong ? timedSettings.verification(Verification.OFF) : timedSettings;
  }
}
