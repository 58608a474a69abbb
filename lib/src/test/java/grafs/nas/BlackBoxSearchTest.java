package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.model.Activations;
import grafs.nas.BlackBoxSearch.Strategy;
import grafs.nas.BlackBoxSearch.Trial;
import grafs.train.Learner;
import grafs.train.SgdSettings;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Tests black-box search, which trains a network with one activation function after another, and
 * its two strategies, random search and regularised evolution. A function is a small graph of
 * operations such as sin or +; a place is an edge or vertex of the graph. A strategy proposes
 * choices. A choice is a list with the index of one operation for each place; it determines a
 * function. Most tests score functions by a formula. {@link #run} instead trains a small network on
 * {@link Rings}, a task of classifying points of the plane.
 */
class BlackBoxSearchTest {

  private static final CellSpace SPACE = CellSpace.small();

  /**
   * The choices that strategies have proposed so far. The key of each choice is the text of the
   * function that it determines.
   */
  private static final Map<String, List<Integer>> CHOICES = new HashMap<>();

  /** Wraps a strategy so that its proposals are entered in {@link #CHOICES}. */
  private static Strategy remembered(Strategy strategy) {
    return (space, trials, random) -> {
      List<Integer> choice = strategy.propose(space, trials, random);
      CHOICES.put(space.function(choice, space.betaStart(null)).toString(), choice);
      return choice;
    };
  }

  private static final Strategy EVOLUTION = new RegularizedEvolution(20, 5);

  /** Runs a search that scores functions by a formula, without training. */
  private static List<Trial> trials(
      Strategy strategy, CellSpace space, long seed, int most, ToDoubleFunction<Expression> score) {
    return new BlackBoxSearch(strategy, space, seed).trials(most, score);
  }

  /** Returns the places in which two choices have different operations. */
  private static List<Integer> changes(List<Integer> a, List<Integer> b) {
    return IntStream.range(0, a.size())
        .filter(place -> !a.get(place).equals(b.get(place)))
        .boxed()
        .toList();
  }

  /**
   * Runs ten searches of 300 trials, each with a function drawn at random as the planted one, which
   * the search should find. The score of a function is the number of places, 0 to 6, in which it
   * has the same operation as the planted function.
   *
   * @return the best score of each search
   */
  private static double[] bests(Strategy strategy) {
    return IntStream.range(0, 10)
        .mapToDouble(
            seed -> {
              List<Integer> planted = SPACE.choice(new Random(1000 + seed));
              ToDoubleFunction<Expression> score =
                  f -> 6 - changes(planted, CHOICES.get(f.toString())).size();
              return BlackBoxSearch.best(trials(remembered(strategy), SPACE, seed, 300, score))
                  .score();
            })
        .toArray();
  }

  @Test
  void evolutionFindsAPlantedFunctionAndChanceDoesNot() {
    double[] evolution = bests(EVOLUTION);
    double[] chance = bests(BlackBoxSearch.RANDOM);
    String told =
        List.of(
                DoubleStream.of(evolution).boxed().toList(),
                DoubleStream.of(chance).boxed().toList())
            .toString();
    assertTrue(DoubleStream.of(evolution).filter(s -> s == 6).count() >= 5, told);
    // Random search tries 300 of the space's 360 000 functions.
    assertTrue(DoubleStream.of(chance).filter(s -> s == 6).count() <= 1, told);
    assertTrue(
        DoubleStream.of(evolution).average().orElseThrow()
            > DoubleStream.of(chance).average().orElseThrow() + 1,
        told);
  }

  @Test
  void sameSeedSameTrials() {
    for (Strategy strategy : List.of(BlackBoxSearch.RANDOM, EVOLUTION)) {
      List<Trial> first = trials(strategy, SPACE, 7, 60, f -> f.values(0.5)[0]);
      assertEquals(60, first.size());
      assertEquals(first, trials(strategy, SPACE, 7, 60, f -> f.values(0.5)[0]));
      assertNotEquals(first, trials(strategy, SPACE, 8, 60, f -> f.values(0.5)[0]));
    }
  }

  @Test
  void aDivergentTrialIsTheWorstAndEndsNothing() {
    ToDoubleFunction<Expression> score =
        f -> {
          String name = f.operations().findFirst().orElseThrow().name();
          return name.compareTo("negative") > 0 ? Double.NaN : -1e30;
        };
    for (Strategy strategy : List.of(BlackBoxSearch.RANDOM, EVOLUTION)) {
      List<Trial> trials = trials(strategy, SPACE, 3, 100, score);
      assertEquals(100, trials.size());
      assertTrue(trials.stream().anyMatch(t -> t.score() == Double.NEGATIVE_INFINITY));
      assertEquals(-1e30, BlackBoxSearch.best(trials).score());
    }
  }

  @Test
  void nothingIsTriedTwice() {
    // The space has 2 · 2 · 2 choices, such as max(x, −x) and x + (−x). Some of them have equal
    // values.
    CellSpace tiny =
        CellSpace.of(
                grafs.cell.Operations.of("identity", "negative", "max", "add"),
                grafs.cell.Bounds.SMOOTH)
            .withUnits(1);
    for (Strategy strategy : List.of(BlackBoxSearch.RANDOM, new RegularizedEvolution(2, 2))) {
      List<Trial> trials = trials(strategy, tiny, 1, 100, f -> 0);
      Set<List<Double>> values = new HashSet<>();
      for (Trial trial : trials) {
        // Adding 0 makes −0 the same as 0.
        values.add(
            DoubleStream.of(trial.function().values(-2, 1)).map(y -> y + 0).boxed().toList());
      }
      // The functions of the space with different values are x, −x, |x|, 2x, −2x and 0.
      assertEquals(6, trials.size(), trials.toString());
      assertEquals(6, values.size(), trials.toString());
    }
  }

  /**
   * The record of one search on {@link Rings}: the proposed choices, the number of training batches
   * of each trial by the name of the trial, and the function found.
   */
  private record Run(List<List<Integer>> proposed, Map<String, Long> steps, Expression found) {}

  private static Run run(int trials, double rate) {
    return run(trials, rate, new LinkedHashMap<>());
  }

  private static Run run(int trials, double rate, Map<String, Long> steps) {
    List<List<Integer>> proposed = new ArrayList<>();
    Strategy strategy =
        (space, past, random) -> {
          proposed.add(BlackBoxSearch.RANDOM.propose(space, past, random));
          return proposed.get(proposed.size() - 1);
        };
    Cells cells = new Cells(SPACE, Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      Training training =
          new Training(
              learner,
              new SgdSettings(rate, 0.9, 0, SgdSettings.Decay.COSINE),
              Rings.batches(5, 32, 1),
              Rings.batches(5, 32, 2),
              2,
              2,
              progress -> steps.put(progress.task(), progress.done()));
      Expression found = new BlackBoxSearch(strategy, SPACE, 1).run(trials, cells, training);
      return new Run(proposed, steps, found);
    }
  }

  @Test
  void triesAsManyFunctionsAsAskedForAndTakesTheBest() {
    Run run = run(4, 0.05);
    // Each trial trains for two epochs of five batches.
    assertEquals(List.of(10L, 10L, 10L, 10L), List.copyOf(run.steps().values()));
    assertTrue(run.proposed().size() >= 4, run.toString());
    Set<Expression> tried = new HashSet<>();
    run.proposed().forEach(choice -> tried.add(SPACE.function(choice, SPACE.betaStart(null))));
    assertTrue(tried.contains(run.found()), run.toString());
    assertEquals(run, run(4, 0.05));
  }

  @Test
  void onlyIfAllTrainingsDivergeThereIsNoFunction() {
    Map<String, Long> steps = new LinkedHashMap<>();
    TrainingDivergedException e =
        assertThrows(TrainingDivergedException.class, () -> run(3, 1e30, steps));
    assertEquals(3, steps.size());
    String first = steps.keySet().iterator().next();
    assertTrue(e.getMessage().startsWith(first + " diverged in epoch 1"), e.getMessage());
  }

  private static Trial trial(List<Integer> choice, double score) {
    return new Trial(choice, SPACE.function(choice, SPACE.betaStart(null)), score);
  }

  @Test
  void childrenHaveOneMutationAndALivingParent() {
    Random random = new Random(5);
    List<Trial> trials = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      // The first two have the best scores. The population, from which evolution takes parents,
      // consists of the latest four.
      double score = i <= 2 ? 100 : i;
      trials.add(trial(SPACE.choice(random), score));
    }
    Set<Integer> parents = new HashSet<>();
    Set<Integer> places = new HashSet<>();
    for (int draw = 0; draw < 500; draw++) {
      List<Integer> child = new RegularizedEvolution(4, 2).propose(SPACE, trials, random);
      List<Trial> possible =
          trials.stream().filter(t -> changes(t.choice(), child).size() == 1).toList();
      assertEquals(1, possible.size(), "one trial is one mutation away from " + child);
      Trial parent = possible.get(0);
      parents.add(trials.indexOf(parent) + 1);
      places.addAll(changes(parent.choice(), child));
    }
    assertEquals(Set.of(3, 4, 5, 6), parents);
    assertEquals(6, places.size(), places.toString());
  }

  @Test
  void largerSamplesPreferBetterParents() {
    Random random = new Random(6);
    List<Trial> trials = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      trials.add(trial(SPACE.choice(random), i));
    }
    double small = meanParent(new RegularizedEvolution(10, 1), trials, random);
    double large = meanParent(new RegularizedEvolution(10, 5), trials, random);
    // The mean of the largest of n uniform draws from 1 to 10 is 5.5 for n = 1 and 8.79 for n = 5.
    assertEquals(5.5, small, 0.4);
    assertEquals(8.79, large, 0.3);
  }

  /**
   * Lets a strategy propose 1000 functions. Each is the function of one of the trials (functions
   * that were scored before), called its parent, with another operation in one place. Returns the
   * mean score of the parents.
   */
  private static double meanParent(Strategy strategy, List<Trial> trials, Random random) {
    return IntStream.range(0, 1000)
        .mapToDouble(
            draw -> {
              List<Integer> child = strategy.propose(SPACE, trials, random);
              return trials.stream()
                  .filter(t -> changes(t.choice(), child).size() == 1)
                  .mapToDouble(Trial::score)
                  .average()
                  .orElseThrow();
            })
        .average()
        .orElseThrow();
  }

  @Test
  void badNumbersAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RegularizedEvolution(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new RegularizedEvolution(10, 0));
  }
}
