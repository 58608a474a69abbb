package grafs.cell;

import static grafs.cell.RandomActivations.ALL;
import static grafs.cell.RandomActivations.binary;
import static grafs.cell.RandomActivations.named;
import static grafs.cell.RandomActivations.unary;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import grafs.cell.Expression.Apply1;
import grafs.cell.Expression.Apply2;
import grafs.cell.Expression.Input;
import grafs.op.Binary;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  /**
   * Every pair of unary operations, and every binary operation but left and right of every pair of
   * unary ones.
   */
  @Test
  void identitiesHoldByValue() {
    List<Expression> all = new ArrayList<>();
    for (Unary inner : ALL.unary()) {
      Expression a = new Apply1(inner, beta(inner.beta()), new Input());
      for (Unary outer : ALL.unary()) {
        all.add(new Apply1(outer, beta(outer.beta()), a));
        Expression b = new Apply1(outer, beta(outer.beta()), new Input());
        for (Binary op : ALL.binary().subList(0, 10)) {
          all.add(new Apply2(op, beta(op.beta()), a, b));
        }
      }
    }
    assertEquals(29 * 29 * 11, all.size());
    int changed = countChangedAndCompareValues(all);
    System.out.println(changed + " of " + all.size() + " trees of two levels simplify");
    assertTrue(changed > 1000, "only " + changed + " trees were simplified");
  }

  /** Whole cells, of operations that have identities more often than by mere chance. */
  @Test
  void simplifiedCellsHaveTheSameValues() {
    OperationSet telling =
        OperationSet.of(
            "identity",
            "negative",
            "abs",
            "square",
            "cube",
            "scale",
            "tanh",
            "cos",
            "max0",
            "min0",
            "sigmoid",
            "silu",
            "gelu",
            "elu",
            "leaky_relu",
            "add",
            "subtract",
            "multiply",
            "divide",
            "max",
            "min",
            "gate",
            "blend",
            "gauss_kernel",
            "left",
            "right");
    List<Expression> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      int units = 1 + random.nextInt(3);
      List<Unary> unary = pick(telling.unary(), 2 * units);
      List<Binary> binary = pick(telling.binary(), units);
      all.add(RandomActivations.of(unary, binary, random).expression());
    }
    int changed = countChangedAndCompareValues(all);
    assertTrue(changed > 500, "only " + changed + " cells were simplified, seed " + seed);
  }

  private <T> List<T> pick(List<T> from, int count) {
    return random.ints(count, 0, from.size()).mapToObj(from::get).toList();
  }

  private int countChangedAndCompareValues(List<Expression> all) {
    int changed = 0;
    float[] points = points();
    for (Expression before : all) {
      Expression after = before.simplified();
      if (after.equals(before)) {
        continue;
      }
      changed++;
      String what = before.text() + " = " + after.text() + ", seed " + seed;
      assertTrue(size(after) <= size(before), what);
      assertEquals(after, after.simplified(), what);
      try (NDManager manager = NDManager.newBaseManager()) {
        NDArray x = manager.create(points);
        Evaluation first = new Evaluation(x, 9e8);
        Evaluation second = new Evaluation(x, 9e8);
        float[] expected = before.fold(first).toFloatArray();
        float[] actual = after.fold(second).toFloatArray();
        boolean[] within = first.within();
        boolean[] alsoWithin = second.within();
        for (int i = 0; i < points.length; i++) {
          if (within[i] && alsoWithin[i]) {
            double tolerance = 1e-6 * Math.abs(expected[i]) + Float.MIN_NORMAL;
            assertEquals(expected[i], actual[i], tolerance, what + " at " + points[i]);
          }
        }
      }
    }
    return changed;
  }

  /** Of every magnitude, subnormal numbers and both zeros among them. */
  private float[] points() {
    float[] points = new float[150];
    for (int i = 0; i < points.length; i++) {
      double magnitude = Math.pow(10, -46 + 54 * random.nextDouble());
      points[i] = (float) (i < 75 ? 3 * random.nextGaussian() : magnitude);
      points[i] *= random.nextBoolean() ? 1 : -1;
    }
    points[0] = 0;
    points[1] = -0f;
    return points;
  }

  private double beta(double start) {
    return Double.isNaN(start) ? start : (float) random.nextGaussian();
  }

  private static int size(Expression e) {
    if (e instanceof Apply1 u) {
      return 1 + (u.operation().name().equals("constant") ? 0 : size(u.argument()));
    }
    return e instanceof Apply2 b ? 1 + size(b.left()) + size(b.right()) : 0;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          negative,identity ; left ; −x
          max0,sigmoid      ; left ; max(x, 0)
          abs,abs           ; max  ; |x|
          max0,max0         ; min  ; max(x, 0)
          max0,min0         ; add  ; x
          max0,identity     ; max  ; max(x, 0)
          max0,abs          ; max  ; |x|
          silu,max0         ; max  ; max(x, 0)
          min0,softplus     ; min  ; min(x, 0)
          negative,identity ; max  ; |x|
          negative,tanh     ; add  ; tanh(x) − x
          negative,negative ; add  ; −(x + x)
          sigmoid,identity  ; multiply ; SiLU(x)
          tanh,sigmoid      ; multiply ; σ(x)·tanh(x)
          identity,identity ; multiply ; x²
          square,identity   ; multiply ; x³
          identity,identity ; blend ; x
          scale,scale       ; max  ; max(1.00·x, 1.00·x)
          max0,identity,max0,sin         ; left,left ; max(x, 0)
          negative,identity,negative,sin ; left,left ; x
          negative,identity,abs,sin      ; left,left ; |x|
          square,identity,abs,sin        ; left,left ; x²
          negative,identity,cos,sin      ; left,left ; cos(x)
          abs,identity,gauss,sin         ; left,left ; exp(−x²)
          tanh,sin,max0,max0             ; max,max   ; max(max(max(tanh(x), sin(x)), x), 0)
          max0,sin,max0,max0             ; max,max   ; max(max(x, 0), sin(x))
          max0,sigmoid,max0,sin          ; max,left  ; max(x, σ(x))
          """)
  void simplifies(String unary, String binary, String expected) {
    DiscreteActivation f = named(List.of(unary.split(",")), List.of(binary.split(",")));
    assertEquals(expected, f.text());
  }

  @Test
  void knowsEqualFunctionsWhateverTheOrder() {
    DiscreteActivation f = named(List.of("tanh", "scale"), List.of("max"));
    assertTrue(f.sameAs(named(List.of("scale", "tanh"), List.of("max"))));
    assertFalse(f.sameAs(named(List.of("scale", "tanh"), List.of("min"))));
    assertFalse(f.sameAs(RandomActivations.of(f.unary(), f.binary(), random)), "other β");
    DiscreteActivation difference = named(List.of("tanh", "sin"), List.of("subtract"));
    assertFalse(difference.sameAs(named(List.of("sin", "tanh"), List.of("subtract"))));
    DiscreteActivation deep =
        named(List.of("tanh", "sin", "negative", "identity"), List.of("add", "right"));
    assertTrue(deep.sameAs(named(List.of("identity", "exp"), List.of("left"))));
  }

  @Test
  void leavesOperationsOfTheUsersAlone() {
    Unary mine = Unary.of("abs", x -> x.tanh());
    Expression e = new Apply1(mine, Double.NaN, new Apply1(mine, Double.NaN, new Input()));
    assertEquals(e, e.simplified());
    Expression max =
        new Apply2(binary("max"), Double.NaN, e, new Apply1(unary("negative"), Double.NaN, e));
    assertEquals("|abs(abs(x))|", max.simplified().text());
  }
}
