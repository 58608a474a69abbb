package grafs.study;

import grafs.notebook.Charts;
import grafs.notebook.Tables;
import grafs.run.KeptSearch;
import grafs.run.Trajectory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import smile.manifold.TSNE;
import smile.math.MathEx;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.traces.Trace;

/**
 * How the architecture parameters moved in several searches of one space.
 *
 * @param names what each search is called, no two alike
 * @param trajectories the weights of each, of the same places and operations
 */
public record Searches(List<String> names, List<Trajectory> trajectories) {

  /** Most searches in a figure with a line for each. */
  private static final int LINES = 7;

  /**
   * Checks that the searches can be compared.
   *
   * @throws IllegalArgumentException if there is none, or two are of other spaces
   */
  public Searches {
    names = List.copyOf(names);
    trajectories = List.copyOf(trajectories);
    if (trajectories.isEmpty() || names.size() != trajectories.size()) {
      throw new IllegalArgumentException(
          trajectories.isEmpty()
              ? "there is no search to study; run one first, such as notebook 01"
              : "%d searches need as many names, not %d"
                  .formatted(trajectories.size(), names.size()));
    }
    for (int i = 1; i < names.size(); i++) {
      if (!operations(trajectories.get(i)).equals(operations(trajectories.get(0)))) {
        throw new IllegalArgumentException(
            "'%s' searched another space than '%s'".formatted(names.get(i), names.get(0)));
      }
    }
  }

  /**
   * Takes the searches that a store keeps of the space of the first one.
   *
   * @param kept the searches, at least one
   * @return the study
   * @throws IllegalArgumentException if there is none
   */
  public static Searches of(List<KeptSearch> kept) {
    List<String> names = new ArrayList<>();
    List<Trajectory> trajectories = new ArrayList<>();
    for (KeptSearch search : kept) {
      Trajectory own = Trajectory.of(search.result());
      if (trajectories.isEmpty() || operations(own).equals(operations(trajectories.get(0)))) {
        names.add(search.title());
        trajectories.add(own);
      }
    }
    return new Searches(names, trajectories);
  }

  private static List<List<String>> operations(Trajectory trajectory) {
    return trajectory.places().stream().map(Trajectory.Place::operations).toList();
  }

  /**
   * Draws the entropy of the weights, the mean over edges and vertices, over the epochs: from ln n
   * of n equal weights to 0 of one operation. Of the first seven searches.
   *
   * @return the figure
   */
  public Figure entropies() {
    List<Trace> lines = new ArrayList<>();
    for (int s = 0; s < Math.min(LINES, names.size()); s++) {
      Trajectory own = trajectories.get(s);
      double[] epochs = IntStream.rangeClosed(0, own.epochs()).asDoubleStream().toArray();
      double[] mean =
          IntStream.rangeClosed(0, own.epochs())
              .mapToDouble(
                  e -> own.places().stream().mapToDouble(p -> p.entropy(e)).average().orElseThrow())
              .toArray();
      lines.add(Charts.line(names.get(s), epochs, mean));
    }
    return Charts.of(
        "Entropy of the weights, mean over the cell",
        "search epoch",
        "entropy, nats",
        lines.toArray(Trace[]::new));
  }

  /**
   * Draws on how many of all edges each unary operation is still in play, over the epochs.
   *
   * @return the figure: a row an operation, those that stay longest first; shares of all edges of
   *     all searches, of those searches that have the epoch
   */
  public Figure survival() {
    return survival("edge", "Share of edges where the operation is in play");
  }

  /**
   * Draws on how many of all vertices each binary operation is still in play, over the epochs.
   *
   * @return the figure, like {@link #survival()}
   */
  public Figure binarySurvival() {
    return survival("vertex", "Share of vertices where the operation is in play");
  }

  private Figure survival(String kind, String title) {
    int epochs = trajectories.stream().mapToInt(Trajectory::epochs).max().orElseThrow();
    Map<String, double[]> shares = new TreeMap<>();
    double[] places = new double[epochs + 1];
    for (Trajectory own : trajectories) {
      for (Trajectory.Place place : own.places()) {
        if (!place.title().startsWith(kind)) {
          continue;
        }
        for (int e = 0; e <= own.epochs(); e++) {
          places[e]++;
          for (int o = 0; o < place.operations().size(); o++) {
            double[] share =
                shares.computeIfAbsent(place.operations().get(o), n -> new double[epochs + 1]);
            share[e] += Double.isNaN(place.weights()[o][e]) ? 0 : 1;
          }
        }
      }
    }
    Comparator<Map.Entry<String, double[]>> longest =
        Comparator.comparingDouble(
            entry ->
                -IntStream.range(0, epochs + 1)
                    .mapToDouble(e -> entry.getValue()[e] / places[e])
                    .sum());
    List<Map.Entry<String, double[]>> sorted = shares.entrySet().stream().sorted(longest).toList();
    return Charts.heatMap(
        title,
        "search epoch",
        IntStream.rangeClosed(0, epochs).mapToObj(Integer::toString).toList(),
        sorted.stream().map(Map.Entry::getKey).toList(),
        sorted.stream()
            .map(
                entry ->
                    IntStream.rangeClosed(0, epochs)
                        .mapToDouble(e -> entry.getValue()[e] / places[e])
                        .toArray())
            .toArray(double[][]::new));
  }

  /**
   * Draws the ways of the searches through the space of weights, on its two directions of largest
   * variance. Of the first seven searches.
   *
   * @return the figure: a line a search, from its fitted cell to its function
   */
  public Figure principalComponents() {
    double[][] vectors = vectors();
    int width = vectors[0].length;
    double[] mean = MathEx.colMeans(vectors);
    double[][] centred = new double[vectors.length][width];
    for (int i = 0; i < vectors.length; i++) {
      for (int j = 0; j < width; j++) {
        centred[i][j] = vectors[i][j] - mean[j];
      }
    }
    SingularValueDecomposition svd =
        new SingularValueDecomposition(new Array2DRowRealMatrix(centred, false));
    double[] singular = svd.getSingularValues();
    double all = svd.getS().getFrobeniusNorm();
    double[][] scores = new double[vectors.length][2];
    for (int k = 0; k < 2; k++) {
      double[] u = svd.getU().getColumn(k);
      for (int i = 0; i < u.length; i++) {
        scores[i][k] = u[i] * singular[k];
      }
    }
    return paths(
        "Weights of all operations, principal components",
        "first component, %.0f %% of the variance".formatted(100 * square(singular[0] / all)),
        "second component, %.0f %%".formatted(100 * square(singular[1] / all)),
        scores);
  }

  /**
   * Draws which states of the searches are near each other, by t-SNE (van der Maaten and Hinton
   * 2008): distances between far points mean nothing. Of the first seven searches.
   *
   * @param seed the seed of where the points start
   * @return the figure: a line a search
   */
  public Figure neighbours(long seed) {
    double[][] vectors = vectors();
    double perplexity = Math.max(2, Math.min(10, (vectors.length - 1) / 3.0));
    MathEx.setSeed(seed);
    double[][] map = new TSNE(vectors, 2, perplexity, 100, 1000).coordinates;
    return paths("Weights of all operations, t-SNE", "first axis", "second axis", map);
  }

  private static double square(double value) {
    return value * value;
  }

  /** All states, search by search. */
  private double[][] vectors() {
    return trajectories.stream()
        .limit(LINES)
        .flatMap(own -> IntStream.rangeClosed(0, own.epochs()).mapToObj(own::vector))
        .toArray(double[][]::new);
  }

  private Figure paths(String title, String first, String second, double[][] points) {
    List<Trace> lines = new ArrayList<>();
    int from = 0;
    for (int s = 0; s < Math.min(LINES, names.size()); s++) {
      int to = from + trajectories.get(s).epochs() + 1;
      lines.add(
          Charts.line(
              names.get(s),
              IntStream.range(from, to).mapToDouble(i -> points[i][0]).toArray(),
              IntStream.range(from, to).mapToDouble(i -> points[i][1]).toArray()));
      from = to;
    }
    return Charts.of(title, first, second, lines.toArray(Trace[]::new));
  }

  /**
   * Tables the operations of the largest weight at the end, over all searches.
   *
   * @return a row an operation that some search ended in: how often, and on which edges and
   *     vertices
   */
  public Table kept() {
    Map<String, List<String>> where = new LinkedHashMap<>();
    for (Trajectory own : trajectories) {
      for (Trajectory.Place place : own.places()) {
        for (int o = 0; o < place.operations().size(); o++) {
          if (!Double.isNaN(place.weights()[o][own.epochs()])) {
            where
                .computeIfAbsent(place.operations().get(o), n -> new ArrayList<>())
                .add(place.title().substring(place.title().indexOf(' ') + 1));
          }
        }
      }
    }
    List<String> operations =
        where.keySet().stream()
            .sorted(
                Comparator.comparingInt((String o) -> -where.get(o).size()).thenComparing(o -> o))
            .toList();
    return Table.create(
        "Operations that searches ended in",
        StringColumn.create("operation", operations),
        Tables.numbers("times", operations, 0, o -> where.get(o).size()),
        Tables.texts(
            "where", operations, o -> String.join(", ", where.get(o).stream().sorted().toList())));
  }
}
