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
 * A fair comparison of found activations with known ones, for one family of networks. It runs
 * several sweeps, one after another:
 *
 * <ol>
 *   <li>searches, on the first network and the first data;
 *   <li>for each activation, known or found, one training with each of a few learning rates on four
 *       fifths of the training examples, scored by its loss on the other fifth; while the best rate
 *       is the least or the highest that was tried, the next one is tried too; the best rate, and
 *       the second best one if its loss is at most 5 % higher, are tried with two more seeds, and
 *       the one with the least mean loss is taken;
 *   <li>trainings of each activation at its own best rate, all with the same seeds, scored on the
 *       test examples, which no choice has used;
 *   <li>the second and third step again, on the next larger network and on the other data, with
 *       only the default and the activation, among those that searches ended with, that was best in
 *       the second step.
 * </ol>
 *
 * @param family the networks
 * @param scale the scale's name
 * @param data data sets, folders or files; the first one is searched on
 * @param known the activations that found ones are compared with, by their names among {@link
 *     Activations#names}, the default first
 * @param searches the number of searches
 * @param seeds the number of trainings of each activation
 */
record Evidence(
    PaperModel.Family family,
    String scale,
    List<String> data,
    List<String> known,
    int searches,
    int seeds) {

  /** Baselines in addition to the paper's that are common today; xIELU has trained parameters. */
  private static final List<String> STRONG =
      List.of("squared_relu", "mish", "squared_leaky_relu", "tanh", "xielu");

  /** The ratio of neighbouring learning rates, about half an order of magnitude. */
  private static final double STEP = Math.sqrt(10);

  /**
   * The default number of trainings of each activation. With five, a difference of 1.7 standard
   * deviations of the differences over seeds is detected four times in five, with ten one of 1.0.
   */
  static final int SEEDS = 5;

  /** The most searches; each one finds a function that has to be trained as often as the others. */
  private static final int SEARCHES = 5;

  /**
   * The seeds of the trainings that choose a learning rate. The first one tries each rate. Alone it
   * chooses rates at which it went well by luck, and at which other seeds diverge.
   */
  private static final List<Long> RATE_SEEDS = List.of(1001L, 1002L, 1003L);

  /**
   * The second best rate is tried with more seeds only if the loss of its first training is at most
   * this many times that of the best rate. The standard deviation over seeds is 1 to 2 % of the
   * mean loss in the kept trainings of miniGPT, and 1 to 3 % in those of ViT-Ti.
   */
  private static final double CLOSE = 1.05;

  /**
   * The learning rate chosen for an activation.
   *
   * @param step how many times {@link #STEP} above that of the scale
   * @param merit minus the mean loss with it on held-out training examples, in nats
   */
  private record Rate(int step, double merit) {}

  /** A network and its data; {@code held} is on the task without the test examples. */
  private record Place(Experiment experiment, Experiment held, TaskSource source) {

    Place with(PaperModel network) {
      return new Place(experiment.with(network), held.with(network), source);
    }
  }

  /**
   * Compares found activations with the paper's baselines and stronger ones.
   *
   * @param family the networks
   * @param scale the scale's name
   * @param data data sets, folders or files; the first one is searched on
   * @param seeds the number of trainings of each activation, and of searches up to five
   * @return what to run
   */
  static Evidence of(PaperModel.Family family, String scale, List<String> data, int seeds) {
    List<String> known = Stream.concat(family.activations().stream(), STRONG.stream()).toList();
    return new Evidence(family, scale, data, known, Math.min(SEARCHES, seeds), seeds);
  }

  /**
   * Runs the trials that the store does not have yet.
   *
   * @param store where the runs are kept
   * @param runner runs the trials; it is not closed
   * @param retries the number of further attempts for a trial that fails
   * @param listener receives the progress of each sweep
   * @return the tables, first that of the network and data searched on; {@link EvidenceTable#all}
   *     reads them again
   * @throws IllegalStateException if a trial failed, since the next step needs its result; the
   *     message names it
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

  /** The store may have trainings on other data of the same name, or with older settings. */
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

  /** The sweeps of one run. */
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
     * Searches, and returns what the searches ended with, new functions and known activations
     * alike. Searches that fail, as those that diverge do each time, are left out unless all do.
     * The same sweep tries learning rates of the known activations, after the searches have begun,
     * so that no processor idles while the last search runs.
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

    /** Chooses each activation's learning rate on held-out examples. */
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

    /** {@return the steps of the rate with the best score and of the second one, if it is close} */
    private static List<Integer> closeRates(LearningRates<Double> rates) {
      double worst = rates.scores().get(rates.best()) * CLOSE;
      return rates.scores().entrySet().stream()
          .sorted(Map.Entry.<Integer, Double>comparingByValue().reversed())
          .limit(2)
          .filter(rate -> rate.getValue() >= worst)
          .map(Map.Entry::getKey)
          .toList();
    }

    /** {@return the training with a rate that is run before it is known which rates are best} */
    private Trial first(Place place, Trial.Given activation, int step) {
      return atRate(place, activation, step).get(0);
    }

    /** {@return a training with a rate for each of the seeds that choose rates} */
    private List<Trial> atRate(Place place, Trial.Given activation, int step) {
      Experiment held = place.held.with(at(EvidenceTable.rates(of.scale), step));
      return RATE_SEEDS.stream()
          .map(seed -> new Trial(held, place.source.withHeldOut(), activation, seed))
          .toList();
    }

    /** {@return minus the mean loss of trainings with one rate; −∞ if one of them diverged} */
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
      // Two digits, as people write learning rates.
      return numbers.with(name, new BigDecimal(rate).round(new MathContext(2)).doubleValue());
    }
  }
}
