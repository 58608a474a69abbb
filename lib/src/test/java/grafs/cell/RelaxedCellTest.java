package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import grafs.SharedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Compares the values and derivatives of {@link RelaxedCell}, a graph of places that each compute a
 * weighted sum of candidate operations, with two references: numbers that were computed by the code
 * of arXiv 2408.06820 and are stored in a file, and the results of {@link ExactCell}. The factors
 * in the sums are called mixing weights w; some operations have a learnable scalar β.
 */
class RelaxedCellTest {

  @Test
  void isTheReferences() throws IOException {
    JsonObject oracle =
        JsonParser.parseString(
                Files.readString(SharedFolder.require("oracles/reference/cell.json")))
            .getAsJsonObject();
    CellSpace space = CellSpace.paper();
    assertEquals(names(space.unary()), strings(oracle.getAsJsonArray("unary_order")));
    assertEquals(names(space.binary()), strings(oracle.getAsJsonArray("binary_order")));
    double[] x = doubles(oracle.getAsJsonArray("x"));
    int cases = 0;
    for (JsonElement element : oracle.getAsJsonArray("cases")) {
      JsonObject known = element.getAsJsonObject();
      CellWeights weights =
          new CellWeights(
              new double[][][] {byPlace(space, known.getAsJsonObject("weights"))},
              beta(space, known.getAsJsonObject("beta")),
              Candidates.all(space));
      RelaxedCell.Pass pass = new RelaxedCell(space).evaluate(x, weights, 0);
      CellWeights.Gradient gradient = weights.zeroGradient();
      double[] upstream = doubles(known.getAsJsonArray("upstream"));
      pass.backward(upstream, gradient.weights()[0], gradient.beta());
      double[] dx = pass.slopes().clone();
      for (int i = 0; i < dx.length; i++) {
        dx[i] *= upstream[i];
      }
      String where = "case " + cases;
      near(doubles(known.getAsJsonArray("y")), pass.values(), 1e-6, where + ", y");
      near(doubles(known.getAsJsonArray("dL_dx")), dx, 1e-5, where + ", dx");
      double[][] dw = byPlace(space, known.getAsJsonObject("dL_dweights"));
      double[][] dβ = beta(space, known.getAsJsonObject("dL_dbeta"));
      for (int p = 0; p < dw.length; p++) {
        near(dw[p], gradient.weights()[0][p], 1e-5, where + ", dw of place " + p);
        for (int o = 0; o < dβ[p].length; o++) {
          if (!Double.isNaN(dβ[p][o])) {
            assertEquals(dβ[p][o], gradient.beta()[p][o], 1e-5, where + ", dβ");
          }
        }
      }
      cases++;
    }
    assertEquals(12, cases);
  }

  /**
   * Compares two arrays. The tolerance is relative to the largest magnitude in the expected array,
   * or to 1 if this is larger.
   */
  private static void near(double[] expected, double[] actual, double tolerance, String where) {
    double largest = Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance * largest, where + ", entry " + i);
    }
  }

  private static double[][] byPlace(CellSpace space, JsonObject places) {
    return space.places().stream()
        .map(place -> doubles(places.getAsJsonArray(place.name())))
        .toArray(double[][]::new);
  }

  private static double[][] beta(CellSpace space, JsonObject places) {
    return space.places().stream()
        .map(
            place ->
                place.candidates().stream()
                    .mapToDouble(
                        op ->
                            op.hasBeta()
                                ? places.getAsJsonObject(place.name()).get(op.name()).getAsDouble()
                                : Double.NaN)
                    .toArray())
        .toArray(double[][]::new);
  }

  private static double[] doubles(JsonArray array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).getAsDouble();
    }
    return values;
  }

  private static List<String> strings(JsonArray array) {
    List<String> values = new ArrayList<>();
    array.forEach(e -> values.add(e.getAsString()));
    return values;
  }

  private static List<String> names(List<Operation> operations) {
    return operations.stream().map(Operation::name).toList();
  }

  /**
   * Removes a random number of candidates at each place. Draws β, and the mixing weights of the
   * candidates that remain.
   */
  private static CellWeights random(CellSpace space, Random random) {
    Candidates candidates = Candidates.all(space);
    List<Place> places = space.places();
    double[][] weights = new double[places.size()][];
    for (int p = 0; p < places.size(); p++) {
      int n = places.get(p).candidates().size();
      int dropped = random.nextInt(n);
      for (int i = 0; i < dropped; i++) {
        List<Integer> left = candidates.of(p);
        candidates = candidates.without(p, left.get(random.nextInt(left.size())));
      }
      weights[p] = new double[n];
      double sum = 0;
      for (int o : candidates.of(p)) {
        weights[p][o] = Math.exp(random.nextGaussian());
        sum += weights[p][o];
      }
      for (int o = 0; o < n; o++) {
        weights[p][o] /= sum;
      }
    }
    return new CellWeights(new double[][][] {weights}, space.betaStart(random), candidates);
  }

  @Test
  void isTheExactCellAndItsGradientsAreAutogradsOne() {
    long seed = 11;
    Random random = new Random(seed);
    for (int draw = 0; draw < 30; draw++) {
      CellSpace space =
          (draw % 2 == 0 ? CellSpace.paper() : CellSpace.wide()).withUnits(1 + draw % 3);
      CellWeights weights = random(space, random);
      double[] x = random.doubles(200).map(u -> 16 * u - 8).toArray();
      double[] upstream = random.doubles(200).map(u -> 2 * u - 1).toArray();
      RelaxedCell.Pass pass = new RelaxedCell(space).evaluate(x, weights, 0);
      CellWeights.Gradient own = weights.zeroGradient();
      pass.backward(upstream, own.weights()[0], own.beta());
      ExactCell.Result exact = ExactCell.evaluate(space, x, weights, upstream);
      String where = "seed " + seed + ", draw " + draw;
      near(exact.y(), pass.values(), 1e-6, where + ", y");
      double[] dx = pass.slopes().clone();
      for (int i = 0; i < x.length; i++) {
        dx[i] *= upstream[i];
      }
      near(exact.dx(), dx, 1e-5, where + ", dx");
      for (int p = 0; p < exact.dw().length; p++) {
        for (int o : weights.candidates().of(p)) {
          // The weight of a single remaining candidate is 1 whatever w is, so that dw is not
          // compared.
          if (weights.candidates().of(p).size() > 1) {
            double scale = Math.max(1, Math.abs(exact.dw()[p][o]));
            assertEquals(exact.dw()[p][o], own.weights()[0][p][o], 1e-5 * scale, where + ", dw");
          }
          double scale = Math.max(1, Math.abs(exact.dβ()[p][o]));
          assertEquals(exact.dβ()[p][o], own.beta()[p][o], 1e-5 * scale, where + ", dβ");
        }
      }
    }
  }

  @Test
  void preparedPointsGiveTheSame() {
    CellSpace space = CellSpace.wide();
    CellWeights weights = random(space, new Random(3));
    RelaxedCell cell = new RelaxedCell(space);
    double[] x = UniformGrid.SEARCH.values();
    RelaxedCell.Pass prepared = cell.evaluate(cell.prepare(x), weights, 0);
    RelaxedCell.Pass plain = cell.evaluate(x, weights, 0);
    near(plain.values(), prepared.values(), 1e-6, "values");
    double[] upstream = new Random(4).doubles(x.length).toArray();
    CellWeights.Gradient one = weights.zeroGradient();
    CellWeights.Gradient two = weights.zeroGradient();
    prepared.backward(upstream, one.weights()[0], one.beta());
    plain.backward(upstream, two.weights()[0], two.beta());
    for (int p = 0; p < space.places().size(); p++) {
      // The gradients are sums over 2 049 points, so that their tolerance is larger than that of
      // the values.
      near(two.weights()[0][p], one.weights()[0][p], 1e-5, "dw of place " + p);
      near(two.beta()[p], one.beta()[p], 1e-5, "dβ of place " + p);
    }
  }
}
