package grafs.run;

import ai.djl.TrainingDivergedException;
import ai.djl.nn.Block;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.data.DatasetBatches;
import grafs.model.ActivationSites.Site;
import grafs.nas.Regularizer;
import grafs.nas.Search;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
import grafs.nas.Verification;
import grafs.train.AdamSettings;
import grafs.train.Learner;
import grafs.train.OptimizerSettings;
import grafs.train.Progress;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A search for an activation function in the user's own network, with the user's own data:
 *
 * <pre>{@code
 * var search = ActivationSearch.in(block).space(CellSpace.paper()).epochs(8);
 * var found = search.run(dataset, Loss.softmaxCrossEntropyLoss(), 1, new ProgressLine());
 * }</pre>
 *
 * <p>The default activation, which is the one that the network has without a search, is replaced by
 * a cell: a small formula in which several operations compete for each place ({@link CellSpace}).
 * Each of these operations has a number α; the larger it is, the more weight the operation gets.
 * One part of the data trains the network's weights and the other part trains α, both by gradient
 * descent ({@link Search}). Then some functions that the search suggests are verified: the network
 * is trained briefly with each of them and with the default activation, with several seeds. The
 * default activation is kept unless a function is clearly better ({@link Verification}).
 *
 * <p>Objects of this class are immutable: each method that changes a setting returns a new search.
 * A network may have several groups of activations, such as ReLUs and GELUs. To find a function for
 * each group, run one search after the other: {@link #where} picks the group, and each further
 * search takes the network in which the search before it has put its function, {@code
 * ActivationSearch.in(found.block()).where(…)}. {@link FoundActivation#compare} measures whether a
 * function is better than the activation that it replaced.
 */
public final class ActivationSearch {

  /**
   * Picks every activation; {@link #of} recognises by this object that {@link #where} was not
   * called.
   */
  private static final Predicate<Site> ALL = site -> true;

  /**
   * Given a predicate that picks activations, returns the user's network in a form in which these
   * activations can be exchanged.
   */
  private final Function<Predicate<Site>, SearchedNetwork> network;

  /** Picks the activations that are replaced. */
  private final Predicate<Site> chosen;

  private final CellSpace space;
  private final SearchSettings settings;
  private final List<Regularizer> goals;

  /**
   * The approximate duration of the search in minutes; 0 if the settings give the number of epochs.
   */
  private final double minutes;

  /** Whether the learning rate in the settings is final; if not, {@link #run} chooses one first. */
  private final boolean rateGiven;

  private ActivationSearch(
      Function<Predicate<Site>, SearchedNetwork> network,
      Predicate<Site> chosen,
      CellSpace space,
      SearchSettings settings,
      List<Regularizer> goals,
      double minutes,
      boolean rateGiven) {
    this.network = network;
    this.chosen = chosen;
    this.space = space;
    this.settings = settings;
    this.goals = List.copyOf(goals);
    this.minutes = minutes;
    this.rateGiven = rateGiven;
  }

  private ActivationSearch(Function<Predicate<Site>, SearchedNetwork> network) {
    this(network, ALL, CellSpace.paper(), standardSettings(), List.of(), 0, false);
    ValueDisplay.registerAll();
  }

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
   * Creates a search for a network whose activations are blocks that can be found and replaced.
   *
   * @param network the network, initialised or not; its activations and weights change while a
   *     search runs
   * @return the search, for one function that replaces all activations
   */
  public static ActivationSearch in(Block network) {
    return new ActivationSearch(picked -> SearchedNetwork.in(network, picked));
  }

  /**
   * Creates a search for a network that a factory builds with a given activation. Use it if a block
   * computes its activation in its own code, where the activation cannot be replaced.
   *
   * @param network builds the network; it calls the supplier that it is given once for each place
   *     of an activation, and puts the supplied block there
   * @param standard the default activation, a block without parameters
   * @return the search
   */
  public static ActivationSearch of(Function<Supplier<Block>, Block> network, Block standard) {
    return new ActivationSearch(
        picked -> {
          if (picked != ALL) {
            throw new IllegalArgumentException(
                "where(…) picks blocks of a network of ActivationSearch.in; in one that a function builds, call its supplier at the places to be replaced and put the default activation at the others");
          }
          return SearchedNetwork.of(network, standard);
        });
  }

  /**
   * Chooses which activations are replaced. This is for a network that was given to {@link #in}.
   * The factory of {@link #of} makes this choice itself, by where it calls its supplier; if this
   * method was called for a network of {@link #of}, {@link #run} throws IllegalArgumentException.
   *
   * @param which picks places of the network that have an activation, such as {@code site ->
   *     site.name().equals("relu")}
   * @return the search that replaces only the activations picked
   */
  public ActivationSearch where(Predicate<Site> which) {
    return new ActivationSearch(network, which, space, settings, goals, minutes, rateGiven);
  }

  /**
   * Sets the search space: the operations that a function may consist of, for example only those
   * that a deployment target supports.
   *
   * @param other the search space
   * @return the search in that space
   */
  public ActivationSearch space(CellSpace other) {
    return new ActivationSearch(network, chosen, other, settings, goals, minutes, rateGiven);
  }

  /**
   * Sets regularisers: penalties that are added to the loss when α is trained, for example to find
   * a fast or a smooth function. With any regulariser, the result is not verified, since
   * verification compares functions by their loss and accuracy only; {@link #minutes} then reserves
   * no time for verification.
   *
   * @param others the regularisers; none to remove those set before
   * @return the search with these regularisers
   */
  public ActivationSearch goals(Regularizer... others) {
    return new ActivationSearch(
        network, chosen, space, settings, List.of(others), minutes, rateGiven);
  }

  /**
   * Sets the number of epochs of the search, in place of a duration set by {@link #minutes}.
   *
   * @param epochs the number of epochs after the warm start, at least 2. The warm start, in which
   *     the weights are trained with the default activation, is added; it has one epoch by default
   * @return the search with that number of epochs
   * @throws IllegalArgumentException if the number is less than 2
   */
  public ActivationSearch epochs(int epochs) {
    if (epochs < 2) {
      throw new IllegalArgumentException("a search has at least 2 epochs, not " + epochs);
    }
    SearchSettings other = settings.epochs(epochs + settings.warmStartEpochs());
    return new ActivationSearch(network, chosen, space, other, goals, 0, rateGiven);
  }

  /**
   * Sets an approximate duration of the search, in place of the number of epochs in the settings.
   * {@link #run} measures the time of a batch and computes from it a number of epochs, 2 to 100;
   * the result therefore depends on the machine. The duration includes the choice of the learning
   * rate, which is counted as five trainings although there may be three to eight, and the
   * verification. Verification is turned off if it would take more than half of the duration.
   *
   * @param minutes the duration in minutes, more than 0
   * @return the search with about that duration
   * @throws IllegalArgumentException if the duration is not positive
   */
  public ActivationSearch minutes(double minutes) {
    if (!(minutes > 0)) {
      throw new IllegalArgumentException("a search takes more than 0 minutes, not " + minutes);
    }
    return new ActivationSearch(network, chosen, space, settings, goals, minutes, rateGiven);
  }

  /**
   * Sets how the network's weights are trained.
   *
   * @param optimizer the optimizer of the weights; its learning rate is used as if it had been
   *     given to {@link #learningRate}
   * @param batchSize the number of examples in a batch
   * @return the search with this optimizer and batch size
   */
  public ActivationSearch training(OptimizerSettings optimizer, int batchSize) {
    return with(settings.weights(optimizer).batchSize(batchSize))
        .learningRate(optimizer.learningRate());
  }

  /**
   * Sets the learning rate of the weights.
   *
   * <p>If no rate is set, {@link #run} first chooses one for the network with its default
   * activation. It trains that network from scratch at several rates, for as many epochs as the
   * search has, and takes the rate with the best score on the examples that train α in the search.
   * It tries the rate r of the settings, r/3 and 3r. While the best rate is the lowest one tried,
   * it tries a third of that rate; while the best rate is the highest one tried, it tries three
   * times that rate. The limits are r/729 and 729r. If the network diverges at every rate down to
   * r/27, {@link #run} throws TrainingDivergedException.
   *
   * @param rate the learning rate, positive. Give the best rate for the network with its default
   *     activation. At a worse rate, verification may accept a function that is better than the
   *     default activation at that rate only
   * @return the search with that learning rate
   */
  public ActivationSearch learningRate(double rate) {
    SearchSettings other = settings.weights(settings.weights().withLearningRate(rate));
    return new ActivationSearch(network, chosen, space, other, goals, minutes, true);
  }

  /**
   * {@return all settings of the search; change some of them and pass the result to {@link #with}}
   */
  public SearchSettings settings() {
    return settings;
  }

  /**
   * Replaces all settings of the search.
   *
   * @param other the settings. If {@link #learningRate} has set their learning rate already, this
   *     rate is final; otherwise {@link #run} chooses a rate, and it tries rates around theirs. If
   *     their number of epochs differs from that of {@link #settings}, it replaces a duration set
   *     by {@link #minutes}
   * @return the search with these settings
   */
  public ActivationSearch with(SearchSettings other) {
    boolean sameRate = other.weights().learningRate() == settings.weights().learningRate();
    double time = other.epochs() == settings.epochs() ? minutes : 0;
    return new ActivationSearch(network, chosen, space, other, goals, time, rateGiven && sameRate);
  }

  /**
   * Runs the search: checks that network, data and loss fit together, chooses a learning rate if
   * none was set, trains the weights and α, and verifies the result.
   *
   * @param data the training data; three quarters of the examples train the weights, unless the
   *     settings have another share, and the other examples train α
   * @param loss the loss, computed from the network's output and the labels; for a regression take
   *     {@link grafs.train.SquaredError}, whose class comment says what is wrong with DJL's own
   * @param seed the seed of the initial weights, α, the split of the data and the order of examples
   * @param listener receives progress reports
   * @return the function and the network with it
   * @throws IllegalArgumentException before any training, if the network has no activation that can
   *     be replaced; if the activations picked compute different functions; if {@link #where} was
   *     called for a network of {@link #of}; if network, data and loss do not fit together; or if
   *     an example has a NaN, an infinite number or a label that the loss does not accept
   * @throws TrainingDivergedException if the network diverges at every learning rate tried, or if
   *     the search diverges: a loss, gradient or weight stops being finite. If the settings ask for
   *     several searches, the exception is thrown only if all of them diverge. The message says
   *     where and why
   */
  public FoundActivation run(
      RandomAccessDataset data, Loss loss, long seed, Progress.Listener listener) {
    List<DatasetBatches> parts =
        DatasetBatches.split(data, 1 - settings.alphaShare(), settings.batchSize(), seed);
    DatasetBatches weights = parts.get(0);
    SearchedNetwork searched = network.apply(chosen);
    SearchSettings timed = searched.with(null, block -> checked(block, weights, data, loss, seed));
    PairedTraining trainings = new PairedTraining(searched, data, loss, timed, seed, listener);
    PairedTraining.Rates rates = rateGiven ? null : trainings.standardRates();
    SearchSettings tuned =
        rateGiven ? timed : timed.weights(timed.weights().withLearningRate(rates.best()));
    Cells cells = new Cells(space, searched.standard());
    SearchResult result =
        searched.with(
            cells,
            block -> {
              try (Learner learner = new Learner(block, loss, seed, NetworkCheck.input(weights))) {
                return new Search(
                        tuned, cells, learner, listener, goals.toArray(Regularizer[]::new))
                    .run(weights, parts.get(1), seed);
              }
            });
    return new FoundActivation(
        searched.keep(result.keptDefault() ? null : result.found()), result, trainings, rates);
  }

  /**
   * Checks that network, data and loss fit together. Returns the settings with the number of epochs
   * that {@link #minutes} allows, and with verification off if there are regularisers.
   */
  private SearchSettings checked(
      Block block, DatasetBatches weights, RandomAccessDataset data, Loss loss, long seed) {
    try (Learner learner =
        NetworkCheck.learner(block, loss, weights, data, settings.batchSize(), seed)) {
      // A search with regularisers is not verified, so no time is reserved for verification.
      SearchSettings searched =
          goals.isEmpty() ? settings : settings.verification(Verification.OFF);
      // The choice of a learning rate takes three to eight trainings, mostly four; time is reserved
      // for five.
      return minutes == 0
          ? searched
          : SearchTime.within(minutes, searched, rateGiven ? 0 : 5, learner, weights);
    }
  }
}
