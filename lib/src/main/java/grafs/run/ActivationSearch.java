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
 * A search of an activation function for a network of the user's own, on data of the user's own:
 *
 * <pre>{@code
 * var search = ActivationSearch.in(block).space(CellSpace.paper()).epochs(8);
 * var found = search.run(dataset, Loss.softmaxCrossEntropyLoss(), 1, new ProgressLine());
 * }</pre>
 *
 * <p>Searches are immutable: each method that changes a setting returns a new one. For one function
 * for each group of activations, search for one group after the other: {@code
 * ActivationSearch.in(found.block()).where(…)}. Whether a function is better than what it replaced
 * is measured by {@link FoundActivation#compare}.
 */
public final class ActivationSearch {

  private static final Predicate<Site> ALL = site -> true;

  /** Prepares the network for exchanging the activations that the predicate picks. */
  private final Function<Predicate<Site>, SearchedNetwork> network;

  private final Predicate<Site> chosen;
  private final CellSpace space;
  private final SearchSettings settings;
  private final List<Regularizer> goals;

  /** The approximate time of the search, in minutes; 0 to run the settings' number of epochs. */
  private final double minutes;

  /** Whether the settings' learning rate is used; otherwise one is chosen. */
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
   * Creates a search for a network whose activation blocks are located and replaced.
   *
   * @param network the network, initialised or not; while a search runs, it is changed
   * @return the search, of one function for all activations
   */
  public static ActivationSearch in(Block network) {
    return new ActivationSearch(picked -> SearchedNetwork.in(network, picked));
  }

  /**
   * Creates a search for a network that a factory builds with a given activation. This is the way
   * for activations that a block calls in its own code and that cannot be replaced.
   *
   * @param network builds the network, with a block of the supplier at each place of an activation
   * @param standard the activation it has by default, a block without parameters
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
   * Chooses which activations of a network given to {@link #in} are replaced. A network that a
   * function builds, see {@link #of}, chooses by where it calls its supplier; {@link #run} refuses
   * a search of such a network with this setting.
   *
   * @param which picks sites, such as {@code site -> site.name().equals("relu")}
   * @return the search for them
   */
  public ActivationSearch where(Predicate<Site> which) {
    return new ActivationSearch(network, which, space, settings, goals, minutes, rateGiven);
  }

  /**
   * Sets the search space, for example to the operations that a deployment target has.
   *
   * @param other the search space
   * @return the search in it
   */
  public ActivationSearch space(CellSpace other) {
    return new ActivationSearch(network, chosen, other, settings, goals, minutes, rateGiven);
  }

  /**
   * Sets the regularisers, penalties that are added to α's loss, for example to find a fast or a
   * smooth function. With any, the result is not verified, since verification compares by the score
   * alone, and {@link #minutes} reserves no time for it.
   *
   * @param others the regularisers
   * @return the search with them
   */
  public ActivationSearch goals(Regularizer... others) {
    return new ActivationSearch(
        network, chosen, space, settings, List.of(others), minutes, rateGiven);
  }

  /**
   * Sets the number of epochs.
   *
   * @param epochs the epochs after the warm start, at least 2; those of the warm start are added
   * @return the search of that length
   * @throws IllegalArgumentException if there are fewer than 2
   */
  public ActivationSearch epochs(int epochs) {
    if (epochs < 2) {
      throw new IllegalArgumentException("a search has at least 2 epochs, not " + epochs);
    }
    SearchSettings other = settings.epochs(epochs + settings.warmStartEpochs());
    return new ActivationSearch(network, chosen, space, other, goals, 0, rateGiven);
  }

  /**
   * Sets an approximate time for the search. The number of epochs, 2 to 100, is computed from the
   * measured time of a batch, so it depends on the machine. It includes the choice of the learning
   * rate, as if five were tried; there can be eight. The verification of the result is left out if
   * it would take more than half of the time.
   *
   * @param minutes the minutes, more than 0
   * @return the search of about that time
   * @throws IllegalArgumentException if the time is not positive
   */
  public ActivationSearch minutes(double minutes) {
    if (!(minutes > 0)) {
      throw new IllegalArgumentException("a search takes some minutes, not " + minutes);
    }
    return new ActivationSearch(network, chosen, space, settings, goals, minutes, rateGiven);
  }

  /**
   * Chooses how the weights are trained.
   *
   * @param optimizer their optimizer, with the learning rate, as for {@link #learningRate}
   * @param batchSize the examples of a batch
   * @return the search with it
   */
  public ActivationSearch training(OptimizerSettings optimizer, int batchSize) {
    return with(settings.weights(optimizer).batchSize(batchSize))
        .learningRate(optimizer.learningRate());
  }

  /**
   * Sets the learning rate of the weights. Without this, the network as it is is first trained from
   * scratch for as many epochs as the search has, at the settings' rate, a third of it and three
   * times it, and at the next one beyond while the lowest or the highest one is best, within a
   * factor of 729, or of 27 if the network diverges at all rates; the search uses the one with the
   * best score on α's examples.
   *
   * @param rate the one that is best for the network as it is: at another one, functions pass
   *     verification that only suit that rate
   * @return the search at that rate
   */
  public ActivationSearch learningRate(double rate) {
    SearchSettings other = settings.weights(settings.weights().withLearningRate(rate));
    return new ActivationSearch(network, chosen, space, other, goals, minutes, true);
  }

  /**
   * {@return all settings of the search, for one of them to be changed and given to {@link #with}}
   */
  public SearchSettings settings() {
    return settings;
  }

  /**
   * Replaces all settings of the search.
   *
   * @param other the settings; their learning rate is the first that is tried, unless it is the one
   *     that {@link #learningRate} said
   * @return the search with them
   */
  public ActivationSearch with(SearchSettings other) {
    boolean same = other.weights().learningRate() == settings.weights().learningRate();
    return new ActivationSearch(network, chosen, space, other, goals, minutes, rateGiven && same);
  }

  /**
   * Runs the search.
   *
   * @param data the training data; three quarters are for the weights, the rest for α
   * @param loss the loss of output and labels; for a regression {@link grafs.train.SquaredError},
   *     which says why not DJL's own
   * @param seed the seed of weights, α, the split and the order of examples
   * @param listener receives progress
   * @return what was found
   * @throws IllegalArgumentException if the network has no activation that can be replaced, those
   *     picked are of different kinds, {@link #where} does not apply to the network, the data do
   *     not fit it, or an example has a number that is not finite or a label that the loss does not
   *     take; it is thrown before any training
   * @throws TrainingDivergedException if the search diverges; says where and why
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

  /** Checks that network, data and loss fit together; returns the settings, with the epochs. */
  private SearchSettings checked(
      Block block, DatasetBatches weights, RandomAccessDataset data, Loss loss, long seed) {
    try (Learner learner =
        NetworkCheck.learner(block, loss, weights, data, settings.batchSize(), seed)) {
      // Search verifies nothing if there are goals.
      SearchSettings searched =
          goals.isEmpty() ? settings : settings.verification(Verification.OFF);
      // Three to eight rates are tried, mostly four.
      return minutes == 0
          ? searched
          : SearchTime.within(minutes, searched, rateGiven ? 0 : 5, learner, weights);
    }
  }
}
