package grafs.sweep;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.model.Activations;
import grafs.run.Experiment;
import grafs.run.KeptSearch;
import grafs.run.KeptTraining;
import grafs.run.LearningRates;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.run.Task;
import grafs.run.TaskSource;
import grafs.study.EvidenceTable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Compares activation functions that searches find with known ones such as ReLU, in one family of
 * networks. A search or a training is called a trial, and a list of trials that are run together a
 * {@link Sweep}. The comparison runs several sweeps, one after another:
 *
 * <ol>
 *   <li>Searches, on the family's smallest network and the first data set.
 *   <li>The choice of a learning rate for each activation, known or found. Networks are trained on
 *       four fifths of the training examples and scored by their loss on the other fifth, the
 *       held-out examples. First, three rates are tried with one seed. As long as the best rate is
 *       the lowest or the highest one tried, the next rate beyond it is tried too, up to three
 *       rates below or above the rate of the scale. The best rate, and the second best one if its
 *       loss is at most 5 % higher, are tried with two more seeds. The rate with the least mean
 *       loss is chosen.
 *   <li>Trainings with each activation at the learning rate chosen for it, all with the same seeds
 *       and on all training examples. They are scored on the test examples, which no choice has
 *       used.
 *   <li>Steps 2 and 3 again, for the next larger network on the first data set, and for the
 *       smallest network on each other data set. Only two activations take part: the default
 *       activation, which these networks have without a search, and the search result that had the
 *       least loss in step 2.
 * </ol>
 *
 * @param family the family of networks
 * @param scale the name of the scale, which sets the numbers of examples and epochs and the
 *     optimizers with their learning rates
 * @param data the data sets, each one as a data set's name, the path of a folder of images, or the
 *     path of a text file; the searches use the first one
 * @param known the known activations, by their names among {@link Activations#names}; the first one
 *     is the default activation
 * @param searches the number of searches
 * @param seeds the number of trainings in step 3 with each activation, each with another seed
 */
record Evidence(
    PaperModel.Family family,
    String scale,
    List<String> data,
    List<String> known,
    int searches,
    int seeds) {

  /**
   * Known activations that are common today and that the paper does not compare with. xIELU has
   * parameters that are trained with the weights.
   */
  private static final List<String> STRONG =
      List.of("squared_relu", "mish", "squared_leaky_relu", "tanh", "xielu");

  /**
   * The ratio of each learning rate that is tried to the next lower one: half an order of
   * magnitude.
   */
  private static final double STEP = Math.sqrt(10);

  /**
   * The default number of trainings with each activation, each with another seed. With five seeds,
   * a paired t test at level 5 % detects a difference between two activations with probability 80 %
   * if the difference is 1.7 times its standard deviation over the seeds. With ten seeds, 1.0 times
   * is enough.
   */
  static final int SEEDS = 5;

  /**
   * The largest number of searches. It is limited since each function found is trained as often as
   * each known activation.
   */
  private static final int SEARCHES = 5;

  /**
   * The seeds of the trainings by which a learning rate is chosen. Every rate is tried with the
   * first seed, only the best rates with the others too. With one seed alone, the choice could fall
   * on a rate at which the training with this seed went well by chance, while trainings with other
   * seeds diverge.
   */
  private static final List<Long> RATE_SEEDS = List.of(1001L, 1002L, 1003L);

  /**
   * The second best rate is tried with more seeds only if the loss of its first training is at most
   * this many times the loss of the best rate's first training. For comparison: over seeds, the
   * standard deviation of the loss was measured to be 1 to 2 % of the mean loss for the network
   * miniGPT, and 1 to 3 % for ViT-Ti.
   */
  private static final double CLOSE = 1.05;

  /**
   * A learning rate that was tried for an activation.
   *
   * @param step the exponent n: the rate is the scale's learning rate times {@link #STEP} to the
   *     power of n
   * @param merit minus the mean loss, in nats, of the trainings with this rate on the held-out
   *     examples; more is better
   */
  private record Rate(int step, double merit) {}

  /**
   * A network and its data.
   *
   * @param experiment the network, the data and the settings
   * @param held the same network and settings for choosing a learning rate: the network is trained
   *     on four fifths of the training examples, and scored on the other fifth in place of the test
   *     examples
   * @param source where a process that runs a trial loads the data from
   */
  private record Place(Experiment experiment, Experiment held, TaskSource source) {

    Place with(PaperModel network) {
      return new Place(experiment.with(network), held.with(network), source);
    }
  }

  /**
   * Creates the comparison of found activations with the known ones of the paper and {@link
   * #STRONG}.
   *
   * @param family the family of networks
   * @param scale the name of the scale
   * @param data the data sets, each one as a data set's name, the path of a folder of images, or
   *     the path of a text file; the searches use the first one
   * @param seeds the number of trainings with each activation; also the number of searches, of
   *     which there are at most five
   * @return the comparison
   */
  static Evidence of(PaperModel.Family family, String scale, List<String> data, int seeds) {
    List<String> known = Stream.concat(family.activations().stream(), STRONG.stream()).toList();
    return new Evidence(family, scale, data, known, Math.min(SEARCHES, seeds), seeds);
  }

  /**
   * Runs the trials that are not complete in the store.
   *
   * @param store keeps the results of the trials
   * @param runner runs the trials; this method does not close it
   * @param retries the number of further attempts for a trial that fails
   * @param listener receives the progress of each sweep
   * @return a table for each network and data set; the first one is that of the network and the
   *     data set that the searches used. {@link EvidenceTable#all} makes the tables again from the
   *     store
   * @throws IllegalStateException if a training fails or all searches fail, since the next step
   *     needs their results; the message names a failed trial
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  List<EvidenceTable> run(RunStore store, Runner runner, int retries, Consumer<Report> listener) {
    Steps steps = new Steps(this, store, runner, retries, listener);
    List<Place> places = new ArrayList<>(data.stream().map(this::place).toList());
    Place first = places.get(0);
    places.add(1, first.with(family.networks().get(1)));

    Set<Trial.Given> all = new LinkedHashSet<>();
    known.forEach(name -> all.add(Trial.Given.known(name)));
    Trial.Given original = all.iterator().next();
    Set<Trial.Given> found = steps.found(first, List.copyOf(all));
    all.addAll(found);
    Map<Trial.Given, Rate> rates = steps.rates(first, all);
    steps.trainings(first, rates);
    Set<Trial.Given> two = new LinkedHashSet<>(Set.of(original));
    found.stream()
        .filter(each -> !each.equals(original))
        .max(Comparator.comparingDouble(each -> rates.get(each).merit))
        .ifPresent(two::add);
    for (Place place : places.subList(1, places.size())) {
      steps.trainings(place, steps.rates(place, two));
    }
    List<KeptTraining> kept = store.trainings();
    return places.stream().flatMap(each -> tables(kept, each).stream()).toList();
  }

  /**
   * Returns the tables of one network and data set. Leaves out those trainings in the store that
   * had other data of the same name, or other settings.
   */
  private List<EvidenceTable> tables(List<KeptTraining> kept, Place place) {
    Experiment own = place.experiment;
    List<String> data = List.of(own.task().fingerprint(), place.held.task().fingerprint());
    return EvidenceTable.all(
        kept.stream()
            .filter(
                training -> {
                  RunConfig config = training.header().config();
                  double rate = config.scale().weights().learningRate();
                  return config.model() == own.model()
                      && data.contains(config.fingerprint())
                      && own.scale().with(config.scale().name(), rate).equals(config.scale());
                })
            .toList(),
        scale);
  }

  private Place place(String name) {
    TaskSource source = TaskSource.of(family, scale, name);
    Experiment experiment =
        new Experiment(family.networks().get(0), source.load(), Scale.of(family, scale));
    Task held = experiment.task().heldOut();
    return new Place(
        experiment, new Experiment(experiment.model(), held, experiment.scale()), source);
  }

  /** Runs the sweeps of one call of {@link Evidence#run}. */
  private record Steps(
      Evidence of, RunStore store, Runner runner, int retries, Consumer<Report> listener) {

    private void sweep(String what, Collection<Trial> trials) {
      require(run(what, trials));
    }

    private List<TrialStatus> run(String what, Collection<Trial> trials) {
      String name = "%s at %s, %s".formatted(of.family, of.scale, what);
      return new Sweep(name, List.copyOf(trials), retries).run(store, runner, listener).rows();
    }

    private static void require(List<TrialStatus> rows) {
      for (TrialStatus row : rows) {
        if (row.state() == TrialStatus.State.FAILED) {
          throw new IllegalStateException(
              "%s failed: %s; run the sweep again to resume"
                  .formatted(row.trial().title(), row.message()));
        }
      }
    }

    /**
     * Runs the searches, and returns the activations with which they end: each is a new function,
     * or one of the known activations. A search that fails, for example because it diverges, is
     * left out; if all searches fail, an exception is thrown. The same sweep also tries learning
     * rates of the known activations, which are started after the searches, so that no processor
     * idles while the last search runs.
     */
    Set<Trial.Given> found(Place place, List<Trial.Given> known) {
      List<Trial> searches =
          Trial.seeds(
              place.experiment, place.source, new Trial.Search(CellSpace.paper()), of.searches);
      List<Trial> both = new ArrayList<>(searches);
      for (Trial.Given activation : known) {
        noRates().missing().forEach(step -> both.add(first(place, activation, step)));
      }
      List<TrialStatus> rows = run("searches, and learning rates of what is known", both);
      List<KeptSearch> complete =
          searches.stream().flatMap(t -> store.search(t.request(store).config()).stream()).toList();
      require(
          rows.stream()
              .filter(row -> complete.isEmpty() || !searches.contains(row.trial()))
              .toList());
      Map<Expression, Trial.Given> found = new LinkedHashMap<>();
      for (KeptSearch kept : complete) {
        Expression function = kept.result().found();
        String name = KnownActivation.of(function).map(KnownActivation::title).orElse("");
        String title = "found " + kept.header().config().seed();
        found.putIfAbsent(
            function,
            known.stream()
                .filter(each -> each.title().equals(name))
                .findFirst()
                .orElse(new Trial.Given(title, function.toString())));
      }
      return new LinkedHashSet<>(found.values());
    }

    private static LearningRates<Double> noRates() {
      return new LearningRates<>(new TreeMap<>(), Double::compare);
    }

    /** Chooses each activation's learning rate by the loss on held-out examples. */
    Map<Trial.Given, Rate> rates(Place place, Collection<Trial.Given> activations) {
      Map<Trial.Given, LearningRates<Double>> all = new LinkedHashMap<>();
      activations.forEach(activation -> all.put(activation, noRates()));
      String what = "learning rates of " + place.experiment.model();
      while (true) {
        List<Trial> trials = new ArrayList<>();
        all.forEach(
            (activation, rates) ->
                rates.missing().forEach(step -> trials.add(first(place, activation, step))));
        if (trials.isEmpty()) {
          break;
        }
        sweep(what, trials);
        all.forEach(
            (activation, rates) ->
                rates
                    .missing()
                    .forEach(
                        step ->
                            rates
                                .scores()
                                .put(step, merit(List.of(first(place, activation, step))))));
      }
      List<Trial> trials = new ArrayList<>();
      all.forEach(
          (activation, rates) ->
              closeRates(rates).forEach(step -> trials.addAll(atRate(place, activation, step))));
      sweep("best " + what, trials);
      Map<Trial.Given, Rate> chosen = new LinkedHashMap<>();
      all.forEach(
          (activation, rates) ->
              chosen.put(
                  activation,
                  closeRates(rates).stream()
                      .map(step -> new Rate(step, merit(atRate(place, activation, step))))
                      .max(Comparator.comparingDouble(Rate::merit))
                      .orElseThrow()));
      return chosen;
    }

    /**
     * {@return the rate with the best score, and the second best one if its loss is at most 5 %
     * higher; each as the exponent {@link Rate#step}}
     */
    private static List<Integer> closeRates(LearningRates<Double> rates) {
      double worst = rates.scores().get(rates.best()) * CLOSE;
      return rates.scores().entrySet().stream()
          .sorted(Map.Entry.<Integer, Double>comparingByValue().reversed())
          .limit(2)
          .filter(rate -> rate.getValue() >= worst)
          .map(Map.Entry::getKey)
          .toList();
    }

    /** {@return the training at a learning rate with the first of {@link #RATE_SEEDS}} */
    private Trial first(Place place, Trial.Given activation, int step) {
      return atRate(place, activation, step).get(0);
    }

    /** {@return a training at a learning rate for each of {@link #RATE_SEEDS}} */
    private List<Trial> atRate(Place place, Trial.Given activation, int step) {
      Experiment held = place.held.with(at(EvidenceTable.rates(of.scale), step));
      return RATE_SEEDS.stream()
          .map(seed -> new Trial(held, place.source.withHeldOut(), activation, seed))
          .toList();
    }

    /** {@return minus the mean loss of the trainings, in nats; −∞ if one of them diverged} */
    private double merit(List<Trial> trials) {
      return trials.stream()
          .map(trial -> store.training(trial.request(store).config()).orElseThrow())
          .mapToDouble(kept -> Metric.LOSS.merit(kept.value(Metric.LOSS)))
          .average()
          .orElseThrow();
    }

    void trainings(Place place, Map<Trial.Given, Rate> rates) {
      List<Trial> trials = new ArrayList<>();
      rates.forEach(
          (activation, own) -> {
            Scale scale = at(EvidenceTable.own(of.scale), own.step);
            trials.addAll(
                Trial.seeds(place.experiment.with(scale), place.source, activation, of.seeds));
          });
      sweep("trainings of " + place.experiment.model(), trials);
    }

    private Scale at(String name, int step) {
      Scale numbers = Scale.of(of.family, of.scale);
      double rate = numbers.weights().learningRate() * Math.pow(STEP, step);
      // Rounded to two significant digits, as learning rates are usually written.
      return numbers.with(name, new BigDecimal(rate).round(new MathContext(2)).doubleValue());
    }
  }
}
