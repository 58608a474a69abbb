package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.nas.BlackBoxSearch.Evaluator;
import grafs.nas.BlackBoxSearch.Strategy;
import grafs.nas.BlackBoxSearch.Trial;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlackBoxSearchTest {

  private static final CellSpace SPACE = CellSpace.small();

  /** Choices by the function that they make, to tell from a function what was chosen. */
  private static final Map<String, List<Integer>> CHOICES = new HashMap<>();

  private static Strategy remembered(Strategy strategy) {
    return (space, trials, random) -> {
      List<Integer> choice = strategy.propose(space, trials, random);
      CHOICES.put(space.function(choice, space.betaStart(null)).toString(), choice);
      return choice;
    };
  }

  private static final Strategy EVOLUTION = new RegularizedEvolution(20, 5);

  private static Evaluator evaluator(int steps, ToDoubleFunction<Expression> score) {
    return new Evaluator() {
      @Override
      public int steps() {
        return steps;
      }

      @Override
      public double score(Expression function) {
        return score.applyAsDouble(function);
      }
    };
  }

  /** The places where operations differ. */
  private static List<Integer> changes(List<Integer> a, List<Integer> b) {
    return IntStream.range(0, a.size())
        .filter(place -> !a.get(place).equals(b.get(place)))
        .boxed()
        .toList();
  }

  /** The best scores, 6 for the planted function, over ten searches of 300 trials. */
  private static double[] bests(Strategy strategy) {
    return IntStream.range(0, 10)
        .mapToDouble(
            seed -> {
              List<Integer> planted = SPACE.choice(new Random(1000 + seed));
              Evaluator evaluator =
                  evaluator(1, f -> 6 - changes(planted, CHOICES.get(f.toString())).size());
              return BlackBoxSearch.best(
                      new BlackBoxSearch(remembered(strategy), evaluator, 300)
                          .run(SPACE, seed, trial -> {}))
                  .score();
            })
        .toArray();
  }

  @Test
  void evolutionFindsAPlantedFunctionAndChanceDoesNot() {
    double[] evolution = bests(EVOLUTION);
    double[] chance = bests(new RandomSearch());
    String told =
        List.of(
                DoubleStream.of(evolution).boxed().toList(),
                DoubleStream.of(chance).boxed().toList())
            .toString();
    assertTrue(DoubleStream.of(evolution).filter(s -> s == 6).count() >= 5, told);
    // 300 of the space's 360 000 functions
    assertTrue(DoubleStream.of(chance).filter(s -> s == 6).count() <= 1, told);
    assertTrue(
        DoubleStream.of(evolution).average().orElseThrow()
            > DoubleStream.of(chance).average().orElseThrow() + 1,
        told);
  }

  @Test
  void spendsTheBudgetAndNoMore() {
    List<Trial> heard = new ArrayList<>();
    Evaluator evaluator = evaluator(30, f -> 0);
    List<Trial> trials =
        new BlackBoxSearch(new RandomSearch(), evaluator, 1000).run(SPACE, 1, heard::add);
    assertEquals(33, trials.size());
    assertEquals(trials, heard);
    for (int i = 0; i < trials.size(); i++) {
      assertEquals(i + 1, trials.get(i).number());
      assertEquals(30 * (i + 1), trials.get(i).steps());
    }
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new BlackBoxSearch(new RandomSearch(), evaluator, 29));
    assertTrue(e.getMessage().contains("budget") && e.getMessage().contains("29"), e.getMessage());
  }

  @Test
  void sameSeedSameTrials() {
    for (Strategy strategy : List.of(new RandomSearch(), EVOLUTION)) {
      Evaluator evaluator = evaluator(1, f -> f.values(0.5)[0]);
      BlackBoxSearch search = new BlackBoxSearch(strategy, evaluator, 60);
      List<Trial> first = search.run(SPACE, 7, trial -> {});
      assertEquals(first, search.run(SPACE, 7, trial -> {}));
      assertFalse(first.equals(search.run(SPACE, 8, trial -> {})));
    }
  }

  @Test
  void aDivergentTrialIsTheWorstAndEndsNothing() {
    Evaluator evaluator =
        evaluator(
            1,
            f -> {
              String name = f.operations().findFirst().orElseThrow().name();
              if (name.compareTo("scale") > 0) {
                throw new TrainingDivergedException("diverged");
              }
              return name.compareTo("negative") > 0 ? Double.NaN : -1e30;
            });
    for (Strategy strategy : List.of(new RandomSearch(), EVOLUTION)) {
      List<Trial> trials = new BlackBoxSearch(strategy, evaluator, 100).run(SPACE, 3, t -> {});
      assertEquals(100, trials.size());
      assertTrue(trials.stream().anyMatch(Trial::diverged));
      assertEquals(-1e30, BlackBoxSearch.best(trials).score());
    }
  }

  @Test
  void nothingIsTriedTwice() {
    // 2 · 2 · 2 functions: max(x, −x), x − x and so on, some of which are equal in value.
    CellSpace tiny =
        CellSpace.of(
                grafs.cell.Operations.of("identity", "negative", "max", "add"),
                grafs.cell.Bounds.SMOOTH)
            .withUnits(1);
    for (Strategy strategy : List.of(new RandomSearch(), new RegularizedEvolution(2, 2))) {
      List<Trial> trials =
          new BlackBoxSearch(strategy, evaluator(1, f -> 0), 100).run(tiny, 1, t -> {});
      Set<List<Double>> values = new HashSet<>();
      for (Trial trial : trials) {
        // Adding 0 makes −0 the same as 0.
        values.add(
            DoubleStream.of(trial.function().values(-2, 1)).map(y -> y + 0).boxed().toList());
      }
      // x, −x, |x|, 2x, −2x, 0
      assertEquals(6, trials.size(), trials.toString());
      assertEquals(6, values.size(), trials.toString());
    }
  }

  private static Trial trial(int number, List<Integer> choice, double score) {
    return new Trial(number, choice, SPACE.function(choice, SPACE.betaStart(null)), score, number);
  }

  @Test
  void childrenHaveOneMutationAndALivingParent() {
    Random random = new Random(5);
    List<Trial> trials = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      // The first two were the best, but are dead in a population of four.
      double score = i <= 2 ? 100 : i;
      trials.add(trial(i, SPACE.choice(random), score));
    }
    Set<Integer> parents = new HashSet<>();
    Set<Integer> places = new HashSet<>();
    for (int draw = 0; draw < 500; draw++) {
      List<Integer> child = new RegularizedEvolution(4, 2).propose(SPACE, trials, random);
      List<Trial> possible =
          trials.stream().filter(t -> changes(t.choice(), child).size() == 1).toList();
      assertEquals(1, possible.size(), "one trial is one mutation away from " + child);
      Trial parent = possible.get(0);
      parents.add(parent.number());
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
      trials.add(trial(i, SPACE.choice(random), i));
    }
    double small = meanParent(new RegularizedEvolution(10, 1), trials, random);
    double large = meanParent(new RegularizedEvolution(10, 5), trials, random);
    // The mean of the largest of n draws of 1 to 10: 5.5 for one, 8.79 for five.
    assertEquals(5.5, small, 0.4);
    assertEquals(8.79, large, 0.3);
  }

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
