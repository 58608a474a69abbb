package grafs.nas;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.Operation;
import grafs.nas.SearchResult.Epoch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Makes the list of the functions that a {@link Verification} compares. After one or several
 * searches for an activation function, the verification trains the network from scratch with each
 * function of the list and with the default activation, the one that the network has without a
 * search. A function is composed as a cell, a small graph of operations such as sin or +. A place
 * is an edge or vertex of the graph. α is one number for each candidate operation of each place,
 * which the searches train; the α after each epoch suggest functions. A choice is a list with the
 * index of one operation for each place. Together with β, the scalars that some operations have, as
 * in β·x, a choice determines a function.
 *
 * @param space the search space, which defines the places and their candidate operations
 * @param relaxation maps α to mean mixing weights, which serve as the probabilities of operations
 *     when functions are drawn
 * @param length the number of functions on the list; there are fewer if not so many different ones
 *     are found
 */
record ShortList(CellSpace space, Relaxation relaxation, int length) {

  /**
   * The number of functions drawn at random for each entry of the list. It is more than one, since
   * many of the functions drawn are equal to others.
   */
  private static final int DRAWS = 4;

  /**
   * A list of at least this length also has parts of functions ({@link #parts}) and functions drawn
   * uniformly from the search space. In a shorter list they would take the place of functions that
   * α rates higher. While more than {@code LONG} functions are left, a verification trains each for
   * fewer epochs ({@link Verification#epochs(int)}).
   */
  static final int LONG = 8;

  /**
   * If the list has {@link #LONG} functions or more, it also has parts of functions ({@link
   * #parts}): of those of this number of best epochs of each search.
   */
  private static final int IN_PARTS = 3;

  /**
   * −9 to 9 in steps of 0.15: of several functions with equal values at these points ({@link
   * #same}), only the first is listed.
   */
  static final double[] POINTS =
      IntStream.rangeClosed(-60, 60).mapToDouble(i -> 0.15 * i).toArray();

  /**
   * A function that is trained: one of the short list, or the default activation.
   *
   * @param function the function; null for the default activation
   * @param origin where it comes from, such as {@code epoch 4}
   */
  record Contender(Expression function, String origin) {

    /**
     * {@return the function as text that {@link CellSpace#parse} reads; null for the default
     * activation}
     */
    String name() {
      return function == null ? null : function.toString();
    }
  }

  /**
   * Makes the list. The suggestions of one search are, in this order:
   *
   * <ol>
   *   <li>The functions of its best, its last and its second best epoch. The function of an epoch
   *       has the operation of largest α in every place. The best epoch is the one whose function
   *       scores best ({@link #ranked}).
   *   <li>The function of the best epoch, changed at one place: the runner-up, the operation of
   *       second largest α, takes the place of the operation of largest α. There is one such
   *       function for each place that had several candidates left in this epoch.
   *   <li>In a list of eight or more: parts of the functions of the three best epochs ({@link
   *       #parts}).
   * </ol>
   *
   * <p>With several searches, the list begins with the first suggestion of each search, then come
   * the second ones, and so on. If there are too few suggestions, further functions are drawn: the
   * operation of each place independently, with probabilities that are computed from the α of an
   * epoch. One function is drawn from each epoch, the best epochs first, then again one from each.
   *
   * <p>In a list of eight or more, the functions named so far fill at most one half, rounded up.
   * The other half is drawn uniformly from the search space, since α may lead all searches away
   * from the best functions.
   *
   * <p>Of several functions with equal values only the first is listed. The default activation is
   * not listed.
   *
   * @param searches the epochs of each search
   * @param random the source of randomness
   * @param isDefault tells from the values of a function at {@link #POINTS} whether it is the
   *     default activation
   * @return at most {@link #length} functions: the suggestions in the order above, then those drawn
   *     uniformly
   */
  List<Contender> of(
      List<List<Epoch>> searches, RandomGenerator random, Predicate<double[]> isDefault) {
    List<List<Contender>> named = new ArrayList<>();
    for (int s = 0; s < searches.size(); s++) {
      named.add(named(searches.get(s), searches.size() == 1 ? "" : " of search " + (s + 1)));
    }
    List<Contender> all = inTurns(named);
    List<Epoch> epochs = inTurns(searches.stream().map(ShortList::ranked).toList());
    for (int draw = 0; draw < DRAWS * length; draw++) {
      all.add(drawn(epochs.get(draw % epochs.size()), random));
    }
    int suggested = all.size();
    int uniform = length < LONG ? 0 : length / 2;
    for (int draw = 0; draw < DRAWS * uniform; draw++) {
      all.add(new Contender(space.random(random), "drawn uniformly"));
    }
    List<Contender> list = new ArrayList<>();
    List<double[]> values = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Contender contender = all.get(i);
      double[] y = contender.function.values(POINTS);
      if (list.size() < (i < suggested ? length - uniform : length)
          && !isDefault.test(y)
          && values.stream().noneMatch(other -> same(other, y))) {
        list.add(contender);
        values.add(y);
      }
    }
    return list;
  }

  /**
   * {@return the epochs of a search after its warm start (the first epochs, in which the weights
   * are trained with the default activation), at least one; sorted by the score of their function,
   * the best first}
   */
  static List<Epoch> ranked(List<Epoch> epochs) {
    return epochs.stream()
        .filter(epoch -> !epoch.warmStart())
        .sorted(Comparator.comparingDouble(epoch -> -epoch.discrete().value()))
        .toList();
  }

  /**
   * {@return the functions that one search suggests, in the order of the list in {@link #of};
   * functions drawn at random are not included}
   *
   * @param epochs the epochs of the search
   * @param search is appended to the origin of each function, such as {@code " of search 2"}
   */
  private List<Contender> named(List<Epoch> epochs, String search) {
    List<Epoch> ranked = ranked(epochs);
    Epoch best = ranked.get(0);
    List<Contender> named = new ArrayList<>();
    named.add(of(best));
    named.add(of(epochs.get(epochs.size() - 1)));
    ranked.stream().skip(1).limit(1).map(this::of).forEach(named::add);
    named.addAll(runnersUp(best));
    if (length >= LONG) {
      ranked.stream().limit(IN_PARTS).map(this::parts).forEach(named::addAll);
    }
    return named.stream().map(c -> new Contender(c.function, c.origin + search)).toList();
  }

  /** {@return the first of each list, then the second of each, and so on} */
  private static <T> List<T> inTurns(List<List<T>> lists) {
    List<T> all = new ArrayList<>();
    int longest = lists.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      int turn = i;
      lists.stream().filter(list -> turn < list.size()).forEach(list -> all.add(list.get(turn)));
    }
    return all;
  }

  /**
   * {@return whether all values agree within 1e-5, or within 1e-5·|a| where |a| exceeds 1} An
   * infinite value agrees only with the same infinite value.
   */
  static boolean same(double[] a, double[] b) {
    // A finite scale, since otherwise an infinite a[i] would agree with every finite b[i].
    return IntStream.range(0, a.length)
        .allMatch(
            i -> {
              double scale = Math.max(1, Math.min(Math.abs(a[i]), Double.MAX_VALUE));
              return a[i] == b[i] || Math.abs(a[i] - b[i]) <= 1e-5 * scale;
            });
  }

  /**
   * Draws a function: the operation of every place independently. The probabilities of the
   * operations are the mean mixing weights that {@code relaxation} computes from the α of an epoch.
   */
  private Contender drawn(Epoch epoch, RandomGenerator random) {
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
    return contender(choice, epoch, "drawn from α of epoch " + epoch.epoch());
  }

  private Contender of(Epoch epoch) {
    return new Contender(space.parse(epoch.found()), "epoch " + epoch.epoch());
  }

  /** Makes the function of a choice, with the β of an epoch. */
  private Contender contender(List<Integer> choice, Epoch epoch, String origin) {
    return new Contender(space.function(choice, epoch.beta()), origin);
  }

  private static List<Integer> with(List<Integer> choice, int place, int operation) {
    List<Integer> other = new ArrayList<>(choice);
    other.set(place, operation);
    return other;
  }

  /**
   * Returns parts of an epoch's function. The binary operation {@code left} returns the first of
   * its two arguments, {@code right} the second. If one of them is chosen at a vertex, the argument
   * that it ignores is cut off. For example, the function b₂(u₃(b₁(u₁(x), u₂(x))), u₄(x)) has the
   * unary operations u and the binary operations b. It becomes u₄(x) if right is chosen as b₂, and
   * u₃(u₁(x)) if left is chosen as b₁ and b₂. Without these parts the list would rarely have a
   * simple function, since several places would have to choose left, right or identity at once.
   */
  private List<Contender> parts(Epoch epoch) {
    List<List<Integer>> choices = new ArrayList<>();
    choices.add(epoch.candidates().best(epoch.alpha()));
    for (int p = 0; p < space.places().size(); p++) {
      List<Operation> candidates = space.places().get(p).candidates();
      for (List<Integer> choice : List.copyOf(choices)) {
        for (int o = 0; o < candidates.size(); o++) {
          if (List.of("left", "right").contains(candidates.get(o).name())) {
            choices.add(with(choice, p, o));
          }
        }
      }
    }
    String origin = "part of that of epoch " + epoch.epoch();
    return choices.stream().skip(1).map(part -> contender(part, epoch, origin)).toList();
  }

  /**
   * Returns the function of an epoch with the operation of second largest α at one place: one
   * function for each place with several candidates, sorted by the difference of the two largest α
   * there, the smallest first.
   */
  private List<Contender> runnersUp(Epoch epoch) {
    record Second(int place, int operation, double gap) {}
    List<Integer> choice = epoch.candidates().best(epoch.alpha());
    return IntStream.range(0, choice.size())
        .boxed()
        .flatMap(
            p -> {
              int best = choice.get(p);
              double[] alpha = epoch.alpha()[p];
              return epoch.candidates().of(p).stream()
                  .filter(o -> o != best)
                  .max(Comparator.comparingDouble(o -> alpha[o]))
                  .map(o -> new Second(p, o, alpha[best] - alpha[o]))
                  .stream();
            })
        .sorted(Comparator.comparingDouble(Second::gap))
        .map(
            second ->
                contender(
                    with(choice, second.place, second.operation),
                    epoch,
                    "runner-up at " + space.places().get(second.place).name()))
        .toList();
  }
}
