package grafs.study;

import grafs.cell.Expression;
import grafs.notebook.Charts;
import grafs.notebook.Plots;
import grafs.notebook.SmallMultiples;
import grafs.notebook.Tables;
import grafs.run.AblationTrial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import smile.clustering.HierarchicalClustering;
import smile.clustering.linkage.UPGMALinkage;
import smile.math.MathEx;
import smile.stat.distribution.GaussianDistribution;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.traces.Trace;

/**
 * Functions that searches found, compared by their curves.
 *
 * @param functions the functions, each once
 */
public record Functions(List<Rated> functions) {

  /** Points that stand for N(0, 1). */
  private static final int POINTS = 401;

  /** More groups than this have not a colour each. */
  private static final int MOST_GROUPS = 6;

  /**
   * A function and how well networks do with it.
   *
   * @param name where it comes from
   * @param function the function
   * @param accuracy mean test accuracy, 0 to 1
   */
  public record Rated(String name, Expression function, double accuracy) {}

  /**
   * Leaves out what is not finite, and all but the first of functions with the same formula.
   *
   * @throws IllegalArgumentException if fewer than three are left
   */
  public Functions {
    List<String> seen = new ArrayList<>();
    List<Rated> kept = new ArrayList<>();
    for (Rated rated : functions) {
      boolean finite =
          Double.isFinite(rated.accuracy())
              && DoubleStream.of(rated.function().values(normal())).allMatch(Double::isFinite);
      if (finite && !seen.contains(rated.function().text())) {
        seen.add(rated.function().text());
        kept.add(rated);
      }
    }
    functions = List.copyOf(kept);
    if (functions.size() < 3) {
      throw new IllegalArgumentException(
          "a comparison needs three functions with accuracies, not " + functions.size());
    }
  }

  /**
   * Takes the functions of an ablation, those known to be another's included.
   *
   * @param trials the searches
   * @return the functions with their mean accuracies
   */
  public static Functions of(List<AblationTrial> trials) {
    return new Functions(
        trials.stream()
            .filter(trial -> trial.found() != null)
            .map(
                trial ->
                    new Rated(
                        trial.method().title() + " " + trial.seed(),
                        trial.found(),
                        trial.accuracy()))
            .toList());
  }

  /** Quantiles of N(0, 1) at the middle of equal shares. */
  private static double[] normal() {
    GaussianDistribution normal = new GaussianDistribution(0, 1);
    return IntStream.range(0, POINTS)
        .mapToDouble(i -> normal.quantile((i + 0.5) / POINTS))
        .toArray();
  }

  /**
   * Measures how far apart the curves are: √(2 − 2|r|), where r is their correlation over x ~ N(0,
   * 1), so 0 for functions that differ by a factor and an offset, which the next layer's weights
   * and biases make up for, and √2 for unrelated ones.
   *
   * @return the distances, {@code [functions][functions]}
   */
  public double[][] distances() {
    double[] x = normal();
    List<double[]> curves = functions.stream().map(f -> f.function().values(x)).toList();
    return curves.stream()
        .map(a -> curves.stream().mapToDouble(b -> distance(a, b)).toArray())
        .toArray(double[][]::new);
  }

  private static double distance(double[] a, double[] b) {
    // Of a constant there is no correlation: it is like no other function.
    double r = a == b ? 1 : MathEx.cor(a, b);
    return Math.sqrt(Math.max(0, 2 - 2 * (Double.isNaN(r) ? 0 : Math.abs(r))));
  }

  private HierarchicalClustering clustering() {
    return HierarchicalClustering.fit(new UPGMALinkage(distances()));
  }

  /** The functions from left to right, as the tree of merges has them, without crossings. */
  private int[] order(HierarchicalClustering clustering) {
    int[][] tree = clustering.getTree();
    return leaves(tree, functions.size() + tree.length - 1).toArray();
  }

  private IntStream leaves(int[][] tree, int node) {
    int merge = node - functions.size();
    return merge < 0
        ? IntStream.of(node)
        : IntStream.concat(leaves(tree, tree[merge][0]), leaves(tree, tree[merge][1]));
  }

  /** The group of each function, numbered from left to right in the tree. */
  private int[] groups(HierarchicalClustering clustering, int groups) {
    if (groups < 2 || groups > Math.min(MOST_GROUPS, functions.size())) {
      throw new IllegalArgumentException(
          "there can be 2 to %d groups of these functions, not %d"
              .formatted(Math.min(MOST_GROUPS, functions.size()), groups));
    }
    int[] raw = clustering.partition(groups);
    List<Integer> numbers =
        Arrays.stream(order(clustering)).map(leaf -> raw[leaf]).distinct().boxed().toList();
    return Arrays.stream(raw).map(numbers::indexOf).toArray();
  }

  /**
   * Draws how the functions join into groups, from the most alike to all (average linkage).
   *
   * @param groups how many groups to tell apart, 2 to 6
   * @return the figure: the tree, and a point a function at its foot
   */
  public Figure dendrogram(int groups) {
    HierarchicalClustering clustering = clustering();
    int n = functions.size();
    int[] order = order(clustering);
    double[] at = new double[n + clustering.getTree().length];
    double[] height = new double[at.length];
    for (int i = 0; i < n; i++) {
      at[order[i]] = i + 1;
    }
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int m = 0; m < clustering.getTree().length; m++) {
      int left = clustering.getTree()[m][0];
      int right = clustering.getTree()[m][1];
      double up = clustering.getHeight()[m];
      at[n + m] = (at[left] + at[right]) / 2;
      height[n + m] = up;
      x.addAll(List.of(at[left], at[left], at[right], at[right], at[right]));
      y.addAll(List.of(height[left], up, up, height[right], Double.NaN));
    }
    int[] group = groups(clustering, groups);
    List<Trace> traces = new ArrayList<>();
    traces.add(Charts.line("merges", array(x), array(y)));
    for (int g = 0; g < groups; g++) {
      int own = g;
      int[] members = Arrays.stream(order).filter(f -> group[f] == own).toArray();
      traces.add(
          Charts.points(
              "group " + (g + 1),
              Arrays.stream(members).mapToDouble(f -> at[f]).toArray(),
              new double[members.length],
              Arrays.stream(members).mapToObj(f -> functions.get(f).function().text()).toList()));
    }
    return Charts.of(
        "Functions by how alike their curves are",
        "function, in the order of the small multiples",
        "distance, √(2 − 2|r|)",
        traces.toArray(Trace[]::new));
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(v -> v).toArray();
  }

  /**
   * Draws the functions in the order of the tree's feet.
   *
   * @param groups how many groups to tell apart, 2 to 6
   * @param radius x runs from −radius to radius
   * @return a panel a function, with its group and accuracy
   */
  public SmallMultiples curves(int groups, double radius) {
    HierarchicalClustering clustering = clustering();
    int[] group = groups(clustering, groups);
    double[] x = Plots.points(radius);
    List<Figure> panels = new ArrayList<>();
    for (int f : order(clustering)) {
      Rated rated = functions.get(f);
      double[] y = rated.function().values(x);
      String title =
          String.format(
              Locale.ROOT,
              "%d: %s<br>group %d, %.1f %%, %s",
              panels.size() + 1,
              rated.function().text(),
              group[f] + 1,
              100 * rated.accuracy(),
              rated.name());
      panels.add(Charts.panel(title, radius, SmallMultiples.height(y), Charts.line("f(x)", x, y)));
    }
    return new SmallMultiples("Functions found, neighbours alike", 5, panels);
  }

  /**
   * Tables the groups.
   *
   * @param groups how many groups to tell apart, 2 to 6
   * @return a row a group: its size, mean, least and largest accuracy, and its best function
   */
  public Table groups(int groups) {
    int[] group = groups(clustering(), groups);
    List<List<Rated>> members =
        IntStream.range(0, groups)
            .mapToObj(
                g ->
                    IntStream.range(0, group.length)
                        .filter(f -> group[f] == g)
                        .mapToObj(functions::get)
                        .toList())
            .toList();
    return Table.create(
        "Groups of functions",
        IntColumn.create("group", IntStream.rangeClosed(1, groups).toArray()),
        IntColumn.create("functions", members.stream().mapToInt(List::size).toArray()),
        Tables.numbers(
            "mean accuracy, %", members, 2, own -> 100 * accuracies(own).average().orElseThrow()),
        Tables.numbers("least", members, 2, own -> 100 * accuracies(own).min().orElseThrow()),
        Tables.numbers("largest", members, 2, own -> 100 * accuracies(own).max().orElseThrow()),
        Tables.texts("best of the group", members, Functions::best));
  }

  private static String best(List<Rated> rated) {
    return Collections.max(rated, Comparator.comparingDouble(Rated::accuracy)).function().text();
  }

  private static DoubleStream accuracies(List<Rated> rated) {
    return rated.stream().mapToDouble(Rated::accuracy);
  }

  /**
   * Tables which properties go with accuracy.
   *
   * @return a row a {@link Property}: Spearman's rank correlation with accuracy over the functions,
   *     its p-value by permutation, and that corrected for the number of properties (Holm); a
   *     property that is the same of all has none, and none has any where the accuracies are
   */
  public Table properties() {
    double[] accuracy = accuracies(functions).toArray();
    List<Property> all = List.of(Property.values());
    List<RankCorrelation> correlations =
        all.stream()
            .map(
                property ->
                    RankCorrelation.of(
                        functions.stream().mapToDouble(f -> property.of(f.function())).toArray(),
                        accuracy))
            .toList();
    double[] p = Holm.correct(correlations.stream().mapToDouble(RankCorrelation::p).toArray());
    return Table.create(
        "Properties and accuracy, %d functions".formatted(functions.size()),
        Tables.texts("property", all, Property::title),
        Tables.numbers("rank correlation", correlations, 2, RankCorrelation::rho),
        Tables.numbers("p", correlations, 5, RankCorrelation::p),
        Tables.numbers("p corrected", DoubleStream.of(p).boxed().toList(), 5, each -> each));
  }
}
