package grafs.sweep;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.model.Activations;
import grafs.run.Experiment;
import grafs.run.KeptSearch;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.run.Task;
import grafs.run.TaskSource;
import grafs.study.EvidenceTable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A fair comparison of found activations with known ones, for one family of networks. It runs
 * several sweeps, one after another:
 *
 * <ol>
 *   <li>searches, on the first network and the first data;
 *   <li>for each activation, known or found, one training with each of a few learning rates on four
 *       fifths of the training examples, scored on the others; while the best rate of an activation
 *       is the least or the highest that was tried, the next one is tried too;
 *   <li>trainings of each activation at its own best rate, all with the same seeds, scored on the
 *       test examples, which no choice has used;
 *   <li>the second and third step again, on the next larger network and on the other data, with
 *       only the default and the found function that was best in the second step.
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

  /** The largest number of {@code STEP}s between a tried learning rate and the scale's. */
  private static final int FARTHEST = 3;

  /**
   * The default number of searches, and of trainings of each activation: enough to detect a
   * difference as large as the standard deviation over seeds.
   */
  static final int SEEDS = 5;

  /** The seed of the trainings that choose a learning rate. */
  private static final long RATE_SEED = 1001;

  /** A network and its data; {@code held} is the task without the test examples. */
  private record Place(Experiment experiment, Task held, TaskSource source) {}

  /**
   * The merit of an activation at each learning rate, which is given in {@code STEP}s from the
   * scale's.
   */
  private record Rates(Trial.Work activation, TreeMap<Integer, Double> merits) {

    int best() {
      return Collections.max(merits.entrySet(), Map.Entry.comparingByValue()).getKey();
    }

    /**
     * The rates to try next: first the scale's and its neighbours, then untried neighbours of the
     * best.
     */
    List<Integer> missing() {
      if (merits.isEmpty()) {
        return List.of(0, -1, 1);
      }
      int best = best();
      return Stream.of(best - 1, best + 1)
          .filter(step -> !merits.containsKey(step) && Math.abs(step) <= FARTHEST)
          .toList();
    }
  }

  /**
   * Compares found activations with the paper's baselines and stronger ones.
   *
   * @param family the networks
   * @param scale the scale's name
   * @param data data sets, folders or files; the first one is searched on
   * @param seeds the number of searches, and of trainings of each activation
   * @return what to run
   */
  static Evidence of(PaperModel.Family family, String scale, List<String> data, int seeds) {
    List<String> known = Stream.concat(family.activations().stream(), STRONG.stream()).toList();
    return new Evidence(family, scale, data, known, seeds, seeds);
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
  List<EvidenceTable> run(RunStore store, Runner runner, int retries, Sweep.Listener listener) {
    Steps steps = new Steps(this, store, runner, retries, listener);
    Scale numbers = Scale.of(family, scale);
    List<Place> places = new ArrayList<>();
    for (String each : data) {
      TaskSource source = TaskSource.of(family, scale, each);
      Task task = source.load();
      places.add(
          new Place(
              new Experiment(family.networks().get(0), task, numbers), task.heldOut(), source));
    }
    Place first = places.get(0);
    Experiment larger = first.experiment.with(family.networks().get(1));
    places.add(1, new Place(larger, first.held, first.source));

    List<Trial.Work> all = new ArrayList<>();
    known.forEach(name -> all.add(new Trial.Baseline(name)));
    all.addAll(steps.found(first, List.copyOf(all)));
    List<Rates> rates = steps.rates(first, all);
    steps.trainings(first, rates);
    List<Trial.Work> two = new ArrayList<>(all.subList(0, 1));
    rates.stream()
        .filter(each -> each.activation instanceof Trial.Given)
        .max(Comparator.comparingDouble(each -> each.merits.get(each.best())))
        .ifPresent(best -> two.add(best.activation));
    for (Place place : places.subList(1, places.size())) {
      steps.trainings(place, steps.rates(place, two));
    }
    List<KeptTraining> kept = store.trainings();
    return places.stream()
        .map(Place::experiment)
        .map(each -> EvidenceTable.of(kept, each.model(), each.task().name(), scale))
        .toList();
  }

  /** The sweeps of one run. */
  private record Steps(
      Evidence of, RunStore store, Runner runner, int retries, Sweep.Listener listener) {

    private void sweep(String what, Collection<Trial> trials) {
      String name = "%s at %s, %s".formatted(of.family, of.scale, what);
      Report report = new Sweep(name, List.copyOf(trials), retries).run(store, runner, listener);
      report.rows().stream()
          .filter(row -> row.state() == TrialStatus.State.FAILED)
          .findFirst()
          .ifPresent(
              row -> {
                throw new IllegalStateException(
                    "%s failed: %s; the same command goes on"
                        .formatted(row.trial().title(), row.message()));
              });
    }

    /**
     * Searches, and returns the found functions, without repetitions and baselines. The same sweep
     * tries learning rates of the known activations, so that no processor idles while the last
     * search runs.
     */
    List<Trial.Given> found(Place place, List<Trial.Work> known) {
      Trial.Work search = new Trial.Search(CellSpace.paper());
      List<Trial> searches =
          LongStream.rangeClosed(1, of.searches)
              .mapToObj(seed -> new Trial(place.experiment, place.source, search, seed))
              .toList();
      List<Trial> both = new ArrayList<>(searches);
      for (Trial.Work activation : known) {
        new Rates(activation, new TreeMap<>())
            .missing()
            .forEach(step -> both.add(atRate(place, activation, step)));
      }
      sweep("searches, and learning rates of what is known", both);
      List<String> titles = known.stream().map(Trial.Work::title).toList();
      Map<Expression, Trial.Given> found = new LinkedHashMap<>();
      for (Trial trial : searches) {
        KeptSearch kept = store.search(trial.order(store).config()).orElseThrow();
        Expression function = kept.result().found();
        boolean baseline =
            KnownActivation.of(function).filter(k -> titles.contains(k.title())).isPresent();
        if (!baseline) {
          found.putIfAbsent(function, new Trial.Given("found " + trial.seed(), function));
        }
      }
      return List.copyOf(found.values());
    }

    /**
     * Tries learning rates on held-out examples until no activation's best rate is the lowest or
     * highest that was tried, or no further rate is allowed.
     */
    List<Rates> rates(Place place, List<Trial.Work> activations) {
      List<Rates> all = activations.stream().map(each -> new Rates(each, new TreeMap<>())).toList();
      while (true) {
        Map<Trial, Runnable> trials = new LinkedHashMap<>();
        for (Rates rates : all) {
          for (int step : rates.missing()) {
            Trial trial = atRate(place, rates.activation, step);
            trials.put(trial, () -> rates.merits.put(step, merit(trial)));
          }
        }
        if (trials.isEmpty()) {
          return all;
        }
        sweep("learning rates of " + place.experiment.model(), trials.keySet());
        trials.values().forEach(Runnable::run);
      }
    }

    private Trial atRate(Place place, Trial.Work activation, int step) {
      Scale scale = at(EvidenceTable.rates(of.scale), step);
      Experiment held = new Experiment(place.experiment.model(), place.held, scale);
      return new Trial(held, place.source.withHeldOut(), activation, RATE_SEED);
    }

    private double merit(Trial trial) {
      KeptTraining kept = store.training(trial.order(store).config()).orElseThrow();
      return of.family.metric().merit(kept.measurement().value());
    }

    void trainings(Place place, List<Rates> rates) {
      List<Trial> trials = new ArrayList<>();
      for (Rates each : rates) {
        Experiment own = place.experiment.with(at(EvidenceTable.own(of.scale), each.best()));
        LongStream.rangeClosed(1, of.seeds)
            .mapToObj(seed -> new Trial(own, place.source, each.activation, seed))
            .forEach(trials::add);
      }
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
