package grafs.study;

import grafs.cell.Expression;
import grafs.notebook.Tables;
import grafs.run.AblationTrial;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import smile.math.MathEx;
import smile.stat.distribution.GaussianDistribution;
import tech.tablesaw.api.Table;

/**
 * Functions that searches found, compared by their curves.
 *
 * @param functions the functions, each once
 */
public record Functions(List<Rated> functions) {

  /** Points that stand for N(0, 1). */
  private static final int POINTS = 401;

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

  /**
   * Tables which properties go with accuracy.
   *
   * @return a row a {@link Property}: Spearman's rank correlation with accuracy over the functions,
   *     its p-value by permutation, and that corrected for the number of properties (Holm); a
   *     property that is the same of all has none, and none has any where the accuracies are
   */
  public Table properties() {
    double[] accuracy = functions.stream().mapToDouble(Rated::accuracy).toArray();
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
