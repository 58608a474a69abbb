package grafs.cell;

import java.util.Arrays;
import java.util.List;

/**
 * The continuously relaxed cell of a {@link CellSpace}: a function of one number x in which every
 * {@link Place} p computes Σₒ wₒ·o(·) over its remaining candidate operations o, those that the
 * search has not removed (arXiv 2408.06820, section 3.2). A place is an edge, whose operations have
 * one argument, or a vertex, whose operations have two. The values of operations are limited by the
 * space's {@link Bounds}. The factors w are the mixing weights, which a search computes from its
 * architecture parameters α. Some operations have a learnable scalar β, as in β·x.
 *
 * <p>A network has several instances of the cell, one in place of each activation. Each instance
 * has its own w, or all instances share the same w. All instances share the same β.
 *
 * <p>Derivatives with respect to x are computed in the forward pass (forward mode), those with
 * respect to w and β in a backward pass (reverse mode). All values and derivatives are float64.
 */
public final class RelaxedCell {

  /**
   * The least number of candidates with which an edge reads the {@link OperationTable}. With fewer,
   * evaluating the operations takes less time than reading the table.
   */
  private static final int WORTH_A_TABLE = 4;

  /**
   * The candidate operations with their values limited by the space's bounds, {@code
   * [place][operation]}.
   */
  private final List<List<Bounds.Bounded>> bounded;

  private final List<Place> places;

  /** The table of the values of the unary operations. */
  private final OperationTable table;

  /**
   * Creates the relaxed cell of a search space.
   *
   * @param space the search space
   */
  public RelaxedCell(CellSpace space) {
    places = space.places();
    bounded =
        places.stream()
            .map(place -> place.candidates().stream().map(space.bounds()::of).toList())
            .toList();
    table = new OperationTable(space.unary(), space.bounds());
  }

  /** {@return the places of the search space, in the order of their evaluation} */
  public List<Place> places() {
    return places;
  }

  /**
   * Points x, and the values of the unary operations at x if {@link #prepare} has computed them.
   *
   * @param x the points
   * @param values {@code [operation][point]}, null for an operation with β; the whole array is null
   *     if the points are not prepared
   */
  record Nodes(double[] x, double[][] values) {}

  /**
   * Prepares points at which the cell will be evaluated in many passes. On an edge whose argument
   * is x, an operation without β has the same values in each pass; they are computed here, once.
   */
  Nodes prepare(double... x) {
    double[] d = new double[4];
    double[][] values = new double[bounded.get(0).size()][];
    for (int o = 0; o < values.length; o++) {
      if (!places.get(0).candidates().get(o).hasBeta()) {
        values[o] = new double[x.length];
        for (int i = 0; i < x.length; i++) {
          bounded.get(0).get(o).evaluate(x[i], 0, Double.NaN, d);
          values[o][i] = d[0];
        }
      }
    }
    return new Nodes(x, values);
  }

  /**
   * Evaluates one instance of the cell at some points: the values f(x) and the slopes f′(x).
   *
   * @param x the points
   * @param weights the mixing weights and β of all instances
   * @param instance the index of the instance
   * @return the forward pass, which has f(x) and f′(x)
   */
  public Pass evaluate(double[] x, CellWeights weights, int instance) {
    return new Pass(new Nodes(x, null), weights, instance);
  }

  /** Evaluates one instance of the cell at prepared points, without the slopes f′(x). */
  Pass evaluate(Nodes nodes, CellWeights weights, int instance) {
    return new Pass(nodes, weights, instance);
  }

  /**
   * A forward pass f(x) of one instance of the cell at some points, which can be differentiated
   * with respect to w and β.
   */
  public final class Pass {

    private final Nodes nodes;
    private final CellWeights weights;

    /** The mixing weights of the instance, {@code [place][operation]}. */
    private final double[][] w;

    /** The value of each place at the points, {@code [place][point]}. */
    private final double[][] z = new double[places.size()][];

    /**
     * The derivative of each place's value with respect to x, {@code [place][point]}; null if the
     * points were prepared.
     */
    private final double[][] slopes;

    /** An array for temporary use, which receives an operation's value and its derivatives. */
    private final double[] d = new double[4];

    /** The indices of the remaining candidates of each place. */
    private final int[][] candidates = new int[places.size()][];

    private Pass(Nodes nodes, CellWeights weights, int instance) {
      this.nodes = nodes;
      this.weights = weights;
      w = weights.weights()[weights.row(instance)];
      slopes = nodes.values == null ? new double[places.size()][] : null;
      for (int p = 0; p < places.size(); p++) {
        candidates[p] = weights.candidates().of(p).stream().mapToInt(Integer::intValue).toArray();
        z[p] = new double[nodes.x.length];
        if (slopes != null) {
          slopes[p] = new double[nodes.x.length];
        }
        evaluate(p);
      }
    }

    /** {@return f(x) at the points} */
    public double[] values() {
      return z[z.length - 1];
    }

    /**
     * {@return f′(x) at the points} Must not be called if the points were prepared, since slopes
     * are not computed then.
     */
    public double[] slopes() {
      return slopes[z.length - 1];
    }

    /**
     * {@return the index of the place whose value is the argument {@code operand} (0 or 1) of place
     * p; −1 if this argument is x} An edge has one argument, for which {@code operand} may be 0 or
     * 1.
     */
    private int from(int p, int operand) {
      List<Integer> operands = places.get(p).operands();
      return operands.get(Math.min(operand, operands.size() - 1));
    }

    /** {@return the argument {@code operand} (0 or 1) of place p, at the points} */
    double[] argument(int p, int operand) {
      int from = from(p, operand);
      return from < 0 ? nodes.x : z[from];
    }

    /**
     * The derivative of the argument {@code operand} (0 or 1) of place p with respect to x at one
     * point.
     */
    private double tangent(int p, int operand, int point) {
      int from = from(p, operand);
      return from < 0 ? 1 : slopes[from][point];
    }

    /**
     * The prepared values of the operations of place p, {@code [operation][point]}; null if the
     * argument of p is not x or the points are not prepared.
     */
    private double[][] prepared(int p) {
      return places.get(p).operands().equals(List.of(-1)) ? nodes.values : null;
    }

    /**
     * Whether place p reads its operations from the {@link OperationTable}: an edge with at least
     * {@link #WORTH_A_TABLE} candidates and without prepared values.
     */
    private boolean tabulated(int p) {
      return places.get(p).operands().size() == 1
          && prepared(p) == null
          && candidates[p].length >= WORTH_A_TABLE;
    }

    /**
     * The mixing weight of operation o at place p. The weight of a single remaining candidate is 1,
     * whatever w is.
     */
    private double weight(int p, int o) {
      return candidates[p].length == 1 ? 1 : w[p][o];
    }

    /** Computes the value of place p, and its slope unless the points are prepared. */
    private void evaluate(int p) {
      double[] a = argument(p, 0);
      double[] b = argument(p, 1);
      double[] sum = z[p];
      if (tabulated(p)) {
        for (int i = 0; i < sum.length; i++) {
          table.mix(a[i], candidates[p], w[p], weights.beta()[p], null, d);
          sum[i] = d[0];
          if (slopes != null) {
            slopes[p][i] = d[1] * tangent(p, 0, i);
          }
        }
        return;
      }
      double[][] prepared = prepared(p);
      for (int o : candidates[p]) {
        double weight = weight(p, o);
        double β = weights.beta()[p][o];
        double[] kept = prepared == null ? null : prepared[o];
        Bounds.Bounded op = bounded.get(p).get(o);
        for (int i = 0; i < sum.length; i++) {
          if (kept != null) {
            sum[i] += weight * kept[i];
          } else {
            op.evaluate(a[i], b[i], β, d);
            sum[i] += weight * d[0];
            if (slopes != null) {
              double slope = d[1] == 0 ? 0 : d[1] * tangent(p, 0, i);
              if (d[2] != 0) {
                slope += d[2] * tangent(p, 1, i);
              }
              slopes[p][i] += weight * slope;
            }
          }
        }
      }
    }

    /**
     * Backpropagates a loss L from the values f(x) to the mixing weights and β.
     *
     * @param upstream ∂L/∂f(x) at the points
     * @param weightGradient ∂L/∂w is added to this array, {@code [place][operation]}
     * @param betaGradient ∂L/∂β is added to this array, {@code [place][operation]}
     */
    public void backward(double[] upstream, double[][] weightGradient, double[][] betaGradient) {
      double[][] g = new double[z.length][upstream.length];
      g[z.length - 1] = upstream;
      for (int p = z.length - 1; p >= 0; p--) {
        if (tabulated(p)) {
          backwardThroughTable(p, g, weightGradient[p], betaGradient[p]);
        } else {
          backward(p, g, weightGradient[p], betaGradient[p]);
        }
      }
    }

    /**
     * Backpropagates the loss L through place p, from the value of p to the arguments of p, w and
     * β.
     *
     * @param g the derivatives of L with respect to the value of each place, {@code
     *     [place][point]}. The row of p is complete. If an argument of p is the value of an earlier
     *     place, this method adds to the row of that place
     * @param dw ∂L/∂w of p's operations is added to this array
     * @param dβ ∂L/∂β of p's operations is added to this array
     */
    private void backward(int p, double[][] g, double[] dw, double[] dβ) {
      double[] a = argument(p, 0);
      double[] b = argument(p, 1);
      double[] toA = from(p, 0) < 0 ? null : g[from(p, 0)];
      double[] toB = from(p, 1) < 0 ? null : g[from(p, 1)];
      double[] own = g[p];
      double[][] prepared = prepared(p);
      for (int o : candidates[p]) {
        double weight = weight(p, o);
        double β = weights.beta()[p][o];
        double[] kept = prepared == null ? null : prepared[o];
        Bounds.Bounded op = bounded.get(p).get(o);
        double sum = 0;
        double sumβ = 0;
        for (int i = 0; i < own.length; i++) {
          if (kept != null) {
            sum += own[i] * kept[i];
          } else if (own[i] != 0) {
            op.evaluate(a[i], b[i], β, d);
            sum += own[i] * d[0];
            sumβ += own[i] * d[3];
            if (toA != null) {
              toA[i] += own[i] * weight * d[1];
            }
            if (toB != null) {
              toB[i] += own[i] * weight * d[2];
            }
          }
        }
        dw[o] += sum;
        if (places.get(p).candidates().get(o).hasBeta()) {
          dβ[o] += weight * sumβ;
        }
      }
    }

    /**
     * Does the same as {@code backward(p, …)} for an edge that reads its operations from the table.
     */
    private void backwardThroughTable(int p, double[][] g, double[] dw, double[] dβ) {
      Place place = places.get(p);
      int[] learnable =
          Arrays.stream(candidates[p]).filter(o -> place.candidates().get(o).hasBeta()).toArray();
      double[] a = argument(p, 0);
      double[] toA = from(p, 0) < 0 ? null : g[from(p, 0)];
      double[] own = g[p];
      double[] values = new double[place.candidates().size()];
      for (int i = 0; i < own.length; i++) {
        if (own[i] == 0) {
          continue;
        }
        table.mix(a[i], candidates[p], w[p], weights.beta()[p], values, d);
        if (toA != null) {
          toA[i] += own[i] * d[1];
        }
        for (int o : candidates[p]) {
          dw[o] += own[i] * values[o];
        }
        for (int o : learnable) {
          bounded.get(p).get(o).evaluate(a[i], 0, weights.beta()[p][o], d);
          dβ[o] += own[i] * w[p][o] * d[3];
        }
      }
    }
  }
}
