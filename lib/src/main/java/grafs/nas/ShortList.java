package grafs.nas;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Makes the short list of a {@link Verification} from the epochs of searches.
 *
 * @param space the search space
 * @param relaxation gives the probability of an operation for its α
 * @param length the number of functions, or less where fewer differ
 */
record ShortList(CellSpace space, Relaxation relaxation, int length) {

  /** The number of functions drawn for each entry of the short list, since many draws are equal. */
  private static final int DRAWS = 4;

  /**
   * The length from which a list includes parts of functions, and beyond which trainings are
   * shorter. In a shorter list, parts would displace functions of larger α.
   */
  static final int LONG = 8;

  /** The number of best epochs whose functions' parts are listed. */
  private static final int IN_PARTS = 3;

  /** −9 to 9 in steps of 0.15: functions with equal values at these points count as one. */
  static final double[] POINTS =
      IntStream.rangeClosed(-60, 60).mapToDouble(i -> 0.15 * i).toArray();

  /**
   * A function of the short list.
   *
   * @param function the function
   * @param origin why it is there, such as {@code epoch 4}
   */
  record Contender(Expression function, String origin) {}

  /**
   * Makes the list: of each search the functions of the best epoch, the last and the second best
   * one; the runner-up at each place that was undecided in the best epoch; in a list of eight or
   * more, parts of the functions of the three best epochs; and for the rest of the list, functions
   * drawn place by place from α of the epochs, the best epoch first. Entries of several searches
   * alternate.
   *
   * @param searches the epochs of each search
   * @param random the source of randomness
   * @param isDefault recognises the default activation, which is not listed, by its values at
   *     {@link #POINTS}
   * @return at most {@link #length} different functions, the likeliest first
   */
  List<Contender> of(
      List<List<SearchResult.Epoch>> searches,
      RandomGenerator random,
      Predicate<double[]> isDefault) {
    List<List<SearchResult.Epoch>> ranked = searches.stream().map(ShortList::ranked).toList();
    List<List<Contender>> named = new ArrayList<>();
    for (int s = 0; s < searches.size(); s++) {
      String search = searches.size() == 1 ? "" : " of search " + (s + 1);
      named.add(named(searches.get(s), ranked.get(s), search));
    }
    List<Contender> all = inTurns(named);
    List<SearchResult.Epoch> epochs = inTurns(ranked);
    for (int draw = 0; draw < DRAWS * length; draw++) {
      all.add(drawn(epochs.get(draw % epochs.size()), random));
    }
    List<Contender> list = new ArrayList<>();
    List<double[]> values = new ArrayList<>();
    for (Contender contender : all) {
      Expression function = contender.function;
      double[] y = function.values(POINTS);
      if (list.size() < length
          && !isDefault.test(y)
          && values.stream().noneMatch(other -> same(other, y))) {
        list.add(contender);
        values.add(y);
      }
    }
    return list;
  }

  /** {@return the epochs of a search after its warm start, the best first} */
  private static List<SearchResult.Epoch> ranked(List<SearchResult.Epoch> epochs) {
    List<SearchResult.Epoch> ranked = new ArrayList<>(epochs);
    ranked.removeIf(epoch -> epoch.warmStart() && epochs.size() > 1);
    ranked.sort((a, b) -> a.betterThan(b) ? -1 : b.betterThan(a) ? 1 : a.epoch() - b.epoch());
    return ranked;
  }

  /** {@return the entries of one search, the likeliest first, without drawn functions} */
  private List<Contender> named(
      List<SearchResult.Epoch> epochs, List<SearchResult.Epoch> ranked, String search) {
    List<Contender> named = new ArrayList<>();
    SearchResult.Epoch best = ranked.get(0);
    named.add(of(best));
    named.add(of(epochs.get(epochs.size() - 1)));
    if (ranked.size() > 1) {
      named.add(of(ranked.get(1)));
    }
    named.addAll(runnersUp(best));
    if (length >= LONG) {
      ranked.stream().limit(IN_PARTS).forEach(epoch -> named.addAll(parts(epoch)));
    }
    return named.stream().map(c -> new Contender(c.function, c.origin + search)).toList();
  }

  /** {@return the first of each list, then the second of each, and so on} */
  private static <T> List<T> inTurns(List<List<T>> lists) {
    List<T> all = new ArrayList<>();
    for (int i = 0, longest = lists.stream().mapToInt(List::size).max().orElse(0);
        i < longest;
        i++) {
      for (List<T> list : lists) {
        if (i < list.size()) {
          all.add(list.get(i));
        }
      }
    }
    return all;
  }

  /** {@return whether values agree within 1e-5, relative where they exceed 1 in magnitude} */
  static boolean same(double[] a, double[] b) {
    return IntStream.range(0, a.length)
        .allMatch(i -> Math.abs(a[i] - b[i]) <= 1e-5 * Math.max(1, Math.abs(a[i])));
  }

  private Contender drawn(SearchResult.Epoch epoch, RandomGenerator random) {
    List<Integer> choice = new ArrayList<>();
    for (int p = 0; p < epoch.alpha().length; p++) {
      List<Integer> left = epoch.candidates().of(p);
      double[] own = epoch.alpha()[p];
      double[] shares = relaxation.mean(left.stream().mapToDouble(o -> own[o]).toArray());
      double u = random.nextDouble();
      int o = 0;
      while (o < shares.length - 1 && u >= shares[o]) {
        u -= shares[o++];
      }
      choice.add(left.get(o));
    }
    return new Contender(
        space.function(choice, epoch.beta()), "drawn from α of epoch " + epoch.epoch());
  }

  private Contender of(SearchResult.Epoch epoch) {
    return new Contender(space.parse(epoch.found()), "epoch " + epoch.epoch());
  }

  /**
   * Parts of an epoch's function: of b₂(u₃(b₁(u₁(x), u₂(x))), u₄(x)) for example u₄(x), by b₂ =
   * right, and u₃(u₁(x)), by b₁ = b₂ = left. Otherwise the list would rarely have a simple
   * function, for which several places must have left, right or identity at once.
   */
  private List<Contender> parts(SearchResult.Epoch epoch) {
    List<List<Integer>> choices = new ArrayList<>();
    choices.add(epoch.candidates().best(epoch.alpha()));
    for (int p = 0; p < space.places().size(); p++) {
      List<Operation> candidates = space.places().get(p).candidates();
      for (List<Integer> choice : List.copyOf(choices)) {
        for (int o = 0; o < candidates.size(); o++) {
          if (List.of("left", "right").contains(candidates.get(o).name())) {
            List<Integer> part = new ArrayList<>(choice);
            part.set(p, o);
            choices.add(part);
          }
        }
      }
    }
    return choices.stream()
        .skip(1)
        .map(part -> space.function(part, epoch.beta()))
        .map(part -> new Contender(part, "part of that of epoch " + epoch.epoch()))
        .toList();
  }

  /** The function of an epoch with one place's second best operation, the closest α first. */
  private List<Contender> runnersUp(SearchResult.Epoch epoch) {
    record Second(int place, int operation, double gap) {}
    double[][] alpha = epoch.alpha();
    List<Integer> choice = epoch.candidates().best(alpha);
    List<Second> seconds = new ArrayList<>();
    for (int p = 0; p < choice.size(); p++) {
      int place = p;
      Optional<Integer> second =
          epoch.candidates().of(p).stream()
              .filter(o -> !o.equals(choice.get(place)))
              .max(Comparator.comparingDouble(o -> alpha[place][o]));
      second.ifPresent(
          o ->
              seconds.add(new Second(place, o, alpha[place][choice.get(place)] - alpha[place][o])));
    }
    seconds.sort(Comparator.comparingDouble(Second::gap));
    List<Contender> contenders = new ArrayList<>();
    for (Second second : seconds) {
      List<Integer> other = new ArrayList<>(choice);
      other.set(second.place, second.operation);
      String place = space.places().get(second.place).name();
      contenders.add(new Contender(space.function(other, epoch.beta()), "runner-up at " + place));
    }
    return contenders;
  }
}
