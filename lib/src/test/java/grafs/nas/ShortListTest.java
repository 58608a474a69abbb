package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.Operations;
import grafs.train.Progress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link ShortList}, the list of functions that are compared with the default activation
 * after searches. α are the numbers by which a search rates operations; the α after each epoch
 * suggest functions for the list. A function has the form b₂(u₃(b₁(u₁(x), u₂(x))), u₄(x)), where u
 * are unary and b binary operations. The binary operation left returns the first of its two
 * arguments, right the second. The searches run on {@link Rings}, a small classification task.
 */
class ShortListTest {

  /**
   * A function b₂(u₃(b₁(u₁(x), u₂(x))), u₄(x)) has parts, which are listed as well: u₄(x), which is
   * the function with right as b₂, and u₃(u₁(x)), which is the function with left as b₁ and b₂.
   */
  @Test
  void partsOfTheBestFunctionsAreListed() {
    CellSpace space = CellSpace.paper();
    List<SearchResult.Epoch> epochs =
        RingSearch.search(RingSearch.settings().verification(Verification.OFF), space, null)
            .epochs();
    List<ShortList.Contender> list =
        new ShortList(space, Relaxation.DRNAS, 1000)
            .of(List.of(epochs), new SplittableRandom(1), y -> false);
    assertTrue(
        list.stream().anyMatch(c -> c.origin().startsWith("part of that of epoch ")), "" + list);
    // After the last epoch one operation is left in each place (u₁, …, b₂). So there is no
    // operation of second largest α, and no function with that operation. The parts come next on
    // the list. Only lists of 8 or more have parts.
    List<SearchResult.Epoch> last = epochs.subList(epochs.size() - 1, epochs.size());
    for (int functions : new int[] {7, 8}) {
      assertEquals(
          functions == 8,
          new ShortList(space, Relaxation.DRNAS, functions)
              .of(List.of(last), new SplittableRandom(1), y -> false).stream()
                  .anyMatch(c -> c.origin().startsWith("part")));
    }
    for (SearchResult.Epoch epoch : epochs) {
      String name = "epoch " + epoch.epoch();
      if (list.stream().noneMatch(c -> c.origin().equals("part of that of " + name))) {
        continue;
      }
      List<Integer> choice = new ArrayList<>(epoch.candidates().best(epoch.alpha()));
      List<String> binary = space.binary().stream().map(op -> op.name()).toList();
      // The order of the places is u1 u2 b1 u3 u4 b2.
      choice.set(5, binary.indexOf("right"));
      assertListed(list, space.function(choice, epoch.beta()));
      choice.set(5, binary.indexOf("left"));
      choice.set(2, binary.indexOf("left"));
      assertListed(list, space.function(choice, epoch.beta()));
    }
  }

  /**
   * If three searches are given, a list of three has the best function of each search. A list of
   * five is filled up with two more functions.
   */
  @Test
  void severalSearchesShareTheList() {
    CellSpace space = CellSpace.paper();
    SearchSettings settings = RingSearch.settings().verification(Verification.OFF);
    List<List<SearchResult.Epoch>> searches =
        IntStream.rangeClosed(1, 3)
            .mapToObj(
                seed -> RingSearch.search(settings, space, seed, null, Progress.Listener.NONE))
            .map(SearchResult::epochs)
            .toList();
    List<ShortList.Contender> list =
        new ShortList(space, Relaxation.DRNAS, 3).of(searches, new SplittableRandom(1), y -> false);
    for (int s = 0; s < 3; s++) {
      SearchResult.Epoch best =
          searches.get(s).stream()
              .filter(e -> !e.warmStart())
              .reduce((a, b) -> b.discrete().value() > a.discrete().value() ? b : a)
              .orElseThrow();
      assertListed(list, space.parse(best.found()));
      assertEquals(
          "epoch " + best.epoch() + " of search " + (s + 1), list.get(s).origin(), "" + list);
    }
    assertEquals(
        5,
        new ShortList(space, Relaxation.DRNAS, 5)
            .of(searches, new SplittableRandom(1), y -> false)
            .size());
  }

  /**
   * Half of a list of eight or more is drawn uniformly from the search space; a shorter list has no
   * such functions.
   */
  @Test
  void halfOfALongListIsDrawnFromTheSpace() {
    CellSpace space = CellSpace.paper();
    SearchSettings settings = RingSearch.settings().verification(Verification.OFF);
    List<List<SearchResult.Epoch>> searches =
        List.of(RingSearch.search(settings, space, null).epochs());
    for (int functions : new int[] {7, 8, 21, 64}) {
      List<ShortList.Contender> list =
          new ShortList(space, Relaxation.DRNAS, functions)
              .of(searches, new SplittableRandom(1), y -> false);
      assertEquals(functions, list.size());
      int drawn = functions < 8 ? 0 : functions / 2;
      for (int i = 0; i < functions; i++) {
        assertEquals(
            i >= functions - drawn, list.get(i).origin().equals("drawn uniformly"), "" + list);
      }
    }
    // After the last epoch one operation is left in each place, so all functions drawn with the
    // probabilities of α would be equal.
    List<SearchResult.Epoch> epochs = searches.get(0);
    List<SearchResult.Epoch> last = epochs.subList(epochs.size() - 1, epochs.size());
    assertTrue(last.get(0).candidates().decided());
    List<ShortList.Contender> list =
        new ShortList(space, Relaxation.DRNAS, 64)
            .of(List.of(last), new SplittableRandom(1), y -> false);
    long drawn = list.stream().filter(c -> c.origin().equals("drawn uniformly")).count();
    assertTrue(drawn >= 32, "" + list);
    Set<String> outermost = new HashSet<>();
    for (ShortList.Contender contender : list) {
      outermost.add(((Expression.Apply) contender.function()).operation().name());
    }
    assertTrue(outermost.size() >= 8, "most of nine binary operations: " + list);
  }

  private static void assertListed(List<ShortList.Contender> list, Expression part) {
    double[] y = part.values(ShortList.POINTS);
    assertTrue(
        list.stream().anyMatch(c -> ShortList.same(c.function().values(ShortList.POINTS), y)),
        part + " is not in " + list);
  }

  @Test
  void infiniteValuesAreEqualToThemselvesOnly() {
    double[] values = {Double.POSITIVE_INFINITY, 1, Double.NEGATIVE_INFINITY};
    assertTrue(ShortList.same(values, values.clone()));
    for (double other : new double[] {Double.NEGATIVE_INFINITY, 1, Double.NaN}) {
      double[] others = values.clone();
      others[0] = other;
      assertFalse(ShortList.same(values, others), "" + other);
      assertFalse(ShortList.same(others, values), "" + other);
    }
  }

  @Test
  void functionsOfTheSameValuesAreListedOnce() {
    // Every function of this space has the values of x or of max(x, 0). The latter is the default
    // activation, which is not listed.
    CellSpace space =
        CellSpace.of(Operations.of("identity", "max0", "max", "left", "right"), Bounds.PAPER);
    Verification.Outcome outcome =
        RingSearch.search(
                RingSearch.settings().verification(new Verification(8, 1, 2)), space, null)
            .verified();
    long listed =
        outcome.trials().stream().filter(t -> t.seed() == 1 && t.function() != null).count();
    assertTrue(listed <= 1, "" + outcome.trials());
  }
}
