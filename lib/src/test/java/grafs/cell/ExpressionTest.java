package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Expression.Apply;
import grafs.cell.Expression.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that expressions, which are activation functions composed of operations, are parsed,
 * written, evaluated, differentiated and simplified correctly. Some operations have a learnable
 * scalar β.
 */
class ExpressionTest {

  private static final long SEED = 20261127;
  private final Random random = new Random(SEED);

  /**
   * Makes the function of a cell, the graph of operations of {@link CellSpace}, from the names of
   * its unary and of its binary operations, separated by commas.
   */
  private static Expression named(String unary, String binary) {
    return RandomActivations.named(List.of(unary.split(",")), List.of(binary.split(",")));
  }

  @Test
  void aFunctionIsItsString() {
    for (int i = 0; i < 500; i++) {
      Expression f = RandomActivations.random(random);
      Expression again = Expression.parse(f.toString());
      assertEquals(f, again);
      assertEquals(f.toString(), again.toString());
      assertEquals(f.text(), again.text());
      assertArrayEquals(f.values(-2, 0.3, 5), again.values(-2, 0.3, 5), 0);
    }
    assertEquals("x", Expression.parse(" x ").toString());
    assertEquals("gate(scale[0.5](x), x)", Expression.parse("gate( scale[0.5] (x),x )").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          ''                  ; x or the name of an operation was expected
          sine(x)             ; there is no operation 'sine'; those known are identity,
          sin(x               ; ')' was expected
          sin x               ; '(' was expected
          sin(x, x)           ; takes 1 argument, but was given 2
          max(x)              ; takes 2 arguments, but was given 1
          scale(x)            ; needs a finite β
          scale[NaN](x)       ; needs a finite β
          scale[one](x)       ; a number in brackets was expected
          sin[2](x)           ; has no β
          scale[1e39](x)      ; needs a finite β
          sin(x) x            ; at character 8: the function ends before this
          """)
  void whatIsNoFunctionIsRefused(String text, String why) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Expression.parse(text));
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertTrue(e.getMessage().contains("at character"), e.getMessage());
  }

  @Test
  void damagedTextsAreRefused() {
    String nul = "sin(x)" + (char) 0 + " rest";
    assertThrows(IllegalArgumentException.class, () -> Expression.parse(nul));
    String deep = "abs(".repeat(100_000) + "x" + ")".repeat(100_000);
    String said =
        assertThrows(IllegalArgumentException.class, () -> Expression.parse(deep)).getMessage();
    assertTrue(said.contains("more than 1000 operations are nested here"), said);
    // The nesting is limited, but not the number of operations: here are 2 047 operations, nested
    // 11 deep.
    String wide = "sin(x)";
    for (int i = 0; i < 10; i++) {
      wide = "max(" + wide + ", " + wide + ")";
    }
    assertFalse(Expression.parse(wide).toString().isEmpty());
  }

  @Test
  void derivativesAreDifferences() {
    for (int i = 0; i < 500; i++) {
      Expression f = RandomActivations.random(random);
      double x = 2 * random.nextGaussian();
      double[] d = new double[2];
      f.evaluate(x, d);
      double[] near = f.values(x - 1e-6, x + 1e-6, x - 1e-4, x + 1e-4);
      double difference = (near[1] - near[0]) / 2e-6;
      double wider = (near[3] - near[2]) / 2e-4;
      if (Double.isFinite(d[1])
          && Math.abs(d[1]) < 1e4
          && Math.abs(difference - wider) < 1e-3 * Math.max(1, Math.abs(wider))) {
        assertEquals(difference, d[1], 2e-3 * Math.max(1, Math.abs(d[1])), f + " at " + x);
      }
    }
  }

  /**
   * The slope of √(max(x, 0)) is 0, not infinite or NaN, for x ≤ 0. The PyTorch code that {@link
   * SourceCode} exports has the same slope 0 for x &lt; 0.
   */
  @Test
  void aRootHasAFiniteSlopeWhereItsArgumentIsZero() {
    double[] d = new double[2];
    for (String text : List.of("sqrt(max0(x))", "sqrt(x)", "tanh(sqrt(max0(x)))")) {
      for (double x : new double[] {-2, -0.5, 0}) {
        Expression.parse(text).evaluate(x, d);
        assertEquals(0, d[0], text);
        assertEquals(0, d[1], text + " at " + x);
      }
    }
    Expression.parse("sqrt(max0(x))").evaluate(4, d);
    assertEquals(0.25, d[1]);
    // As a float64, e¹⁰⁰⁰ is infinite, and so is the derivative of exp at 1000. But the argument
    // 1000 does not depend on x, so that the slope is 0.
    Expression.parse("exp(constant[1000](x))").evaluate(1, d);
    assertEquals(0, d[1]);
  }

  /**
   * Simplifies every composition of two unary operations, and every binary operation (except left
   * and right) of every pair of unary operations of x; the values must not change.
   */
  @Test
  void identitiesHoldByValue() {
    List<Expression> all = new ArrayList<>();
    CellSpace space = CellSpace.of(RandomActivations.ALL, Bounds.NONE);
    for (Operation inner : space.unary()) {
      Expression a = apply(inner, new Input());
      for (Operation outer : space.unary()) {
        all.add(apply(outer, a));
        Expression b = apply(outer, new Input());
        for (Operation op : space.binary()) {
          if (!op.name().equals("left") && !op.name().equals("right")) {
            all.add(apply(op, a, b));
          }
        }
      }
    }
    int changed = countChangedAndCompareValues(all);
    System.out.println(changed + " of " + all.size() + " trees of two levels simplify");
    assertTrue(changed > 1000, "only " + changed + " trees were simplified");
  }

  private Expression apply(Operation op, Expression... arguments) {
    double beta = op.hasBeta() ? (float) random.nextGaussian() : Double.NaN;
    return new Apply(op, beta, List.of(arguments));
  }

  @Test
  void simplifiedCellsHaveTheSameValues() {
    List<Expression> all = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      all.add(RandomActivations.random(random));
    }
    int changed = countChangedAndCompareValues(all);
    assertTrue(changed > 500, "only " + changed + " cells were simplified, seed " + SEED);
  }

  /**
   * Simplifies each function. For each function that this changes, asserts that it has no more
   * operations than before and the same values as before, and that it does not change when it is
   * simplified again. Returns the number of functions that changed.
   */
  private int countChangedAndCompareValues(List<Expression> all) {
    int changed = 0;
    double[] points = points();
    for (Expression before : all) {
      Expression after = before.simplified();
      if (after.equals(before)) {
        continue;
      }
      changed++;
      String what = before + " = " + after + ", seed " + SEED;
      assertTrue(after.operations().count() <= before.operations().count(), what);
      assertEquals(after, after.simplified(), what);
      double[] expected = before.values(points);
      double[] actual = after.values(points);
      for (int i = 0; i < points.length; i++) {
        if (Math.abs(expected[i]) < 1e9) {
          double tolerance = 1e-6 * Math.abs(expected[i]) + Float.MIN_NORMAL;
          assertEquals(expected[i], actual[i], tolerance, what + " at " + points[i]);
        }
      }
    }
    return changed;
  }

  /**
   * Returns 150 points: 0, −0, 98 from N(0, 3²), and 50 of random sign with log-uniform magnitudes
   * from 1e-12 to 100.
   */
  private double[] points() {
    double[] points = new double[150];
    for (int i = 0; i < points.length; i++) {
      points[i] =
          i < 100
              ? 3 * random.nextGaussian()
              : Math.pow(10, -12 + 14 * random.nextDouble()) * (random.nextBoolean() ? 1 : -1);
    }
    points[0] = 0;
    points[1] = -0.0;
    return points;
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
          identity,identity ; mix      ; x
          identity,identity ; blend    ; x
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
    assertEquals(expected, named(unary, binary).text());
  }

  @Test
  void computesAndPrintsItsFormula() {
    Expression f = Expression.parse("mix[0.25](sin(subtract(scale[0.5](x), tanh(x))), max0(x))");
    assertEquals("0.250·sin(0.500·x − tanh(x)) + 0.750·max(x, 0)", f.text());
    double x = 1.3;
    double expected = 0.25 * Math.sin(0.5 * x - Math.tanh(x)) + 0.75 * x;
    assertArrayEquals(new double[] {expected, 0}, f.values(x, 0), 1e-12);
  }

  @Test
  void knowsEqualFunctionsWhateverTheOrder() {
    Expression f = named("tanh,scale", "max");
    assertEquals(f.canonical(), named("scale,tanh", "max").canonical());
    assertNotEquals(f.canonical(), named("scale,tanh", "min").canonical());
    assertNotEquals(
        f.canonical(), Expression.parse("max(tanh(x), scale[0.3](x))").canonical(), "other β");
    assertNotEquals(
        named("tanh,sin", "subtract").canonical(), named("sin,tanh", "subtract").canonical());
    assertEquals(
        Expression.parse("x"), named("tanh,sin,negative,identity", "add,right").canonical());
  }

  @Test
  void leavesOperationsOfTheUsersAlone() {
    Operation mine = Operation.of("abs", Math::tanh);
    Expression e = Expression.parse("abs(abs(x))", mine);
    assertEquals(e, e.simplified());
    assertEquals(Math.tanh(Math.tanh(0.5)), e.values(0.5)[0], 0);
    Expression max =
        new Apply(
            Operations.named("max"),
            Double.NaN,
            List.of(e, new Apply(Operations.named("negative"), Double.NaN, List.of(e))));
    assertEquals("|abs(abs(x))|", max.simplified().text());
  }

  @Test
  void formulasAreTypesetAsTheyAreMeant() {
    Map<String, String> latex =
        Map.of(
            "blend[0.0](gelu(x), constant[0.9](x))",
            "0.500\\cdot \\operatorname{GELU}\\left(x\\right)+0.500\\cdot 0.900",
            "scale[0.5](constant[0.9](x))",
            "0.500\\cdot 0.900",
            "square(gauss(x))",
            "\\exp\\left(-x^{2}\\right)^{2}");
    latex.forEach((f, expected) -> assertEquals(expected, Expression.parse(f).latex(), f));
  }

  @Test
  void sharesOfABlendAreNumbers() {
    Expression blend = Expression.parse("blend[-0.117](gelu(x), square(x))");
    assertEquals("0.471·GELU(x) + 0.529·(x²)", blend.text());
    assertTrue(blend.latex().startsWith("0.471\\cdot "), blend::latex);
    assertTrue(blend.latex().contains("+0.529"), blend::latex);
  }
}
