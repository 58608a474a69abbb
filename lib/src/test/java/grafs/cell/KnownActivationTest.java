package grafs.cell;

import static grafs.cell.RandomActivations.named;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that the activations of {@link KnownActivation} have the values of their formulas, and are
 * recognised when they are composed of other operations.
 */
class KnownActivationTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          max0,leaky_relu,abs,max0   | add,min      | ReLU
          identity,sigmoid           | multiply     | SiLU
          identity,identity          | gate         | SiLU
          scale,gelu,scale,sin       | right,left   | GELU
          max0,min0,tanh,tanh        | add,blend    | tanh
          identity,sin,identity,elu  | left,max     | ELU
          min0,max0                  | add          | identity
          leaky_relu,identity        | max          | Leaky ReLU
          softplus,max0              | max          | softplus
          softplus,tanh,tanh,identity | left,multiply | Mish
          max0,max0                  | multiply     | squared ReLU
          sigmoid,sin                | left         | sigmoid
          max0,max0                  | subtract     | constant
          constant,sin               | left         | constant
          tanh,identity              | max          | -
          gelu,silu                  | min          | SiLU
          gelu,silu                  | add          | -
          """)
  void recognisesDisguises(String unary, String binary, String name) {
    Expression f = named(List.of(unary.split(",")), List.of(binary.split(",")));
    assertEquals(
        name.equals("-") ? Optional.empty() : Optional.of(name),
        KnownActivation.of(f).map(KnownActivation::title),
        f.text());
  }

  @Test
  void dependsOnBeta() {
    assertEquals(
        Optional.of(KnownActivation.IDENTITY),
        KnownActivation.of(Expression.parse("scale[1.0](x)")));
    assertEquals(Optional.empty(), KnownActivation.of(Expression.parse("scale[1.01](x)")));
  }

  @Test
  void eachIsWhatItsNameSays() {
    double[] x = {-7, -3.5, -1, -0.2, 0, 0.4, 2, 3.5, 8};
    for (double at : x) {
      same(KnownActivation.HARD_SWISH, at, at * Math.min(Math.max(at + 3, 0), 6) / 6);
      same(KnownActivation.HARD_TANH, at, Math.max(-1, Math.min(1, at)));
      same(KnownActivation.RELU6, at, Math.min(Math.max(at, 0), 6));
      same(KnownActivation.MISH, at, at * Math.tanh(Math.log1p(Math.exp(at))));
      double selu = at > 0 ? at : 1.6732632423543772 * Math.expm1(at);
      same(KnownActivation.SELU, at, 1.0507009873554805 * selu);
      same(KnownActivation.QUICK_GELU, at, at / (1 + Math.exp(-1.702 * at)));
      same(KnownActivation.SQUARED_RELU, at, Math.pow(Math.max(at, 0), 2));
    }
    for (KnownActivation known : KnownActivation.values()) {
      if (known.function() != null) {
        assertEquals(Optional.of(known), KnownActivation.of(known.function()));
      }
    }
  }

  @Test
  void theAuthorsFunctionsAreTheirFormulas() {
    for (double x : new double[] {-7, -3.5, -1, -0.2, 0, 0.4, 2, 3.5, 8}) {
      double relu = Math.max(x, 0);
      double gelu = gelu(x);
      double silu = silu(x);
      double elu = x > 0 ? x : Math.expm1(x);
      double own = sigmoid(silu) * silu;
      same(KnownActivation.SQUARED_LEAKY_RELU, x, Math.pow(x > 0 ? x : x / 2, 2));
      same(KnownActivation.GRAFS_RESNET_1, x, sigmoid(relu) * gelu);
      same(KnownActivation.GRAFS_RESNET_2, x, sigmoid(gelu) * gelu);
      same(KnownActivation.GRAFS_RESNET_3, x, sigmoid(leaky(gelu)) * leaky(x));
      same(KnownActivation.GRAFS_RESNET_4, x, sigmoid(relu) * elu);
      same(KnownActivation.GRAFS_VIT_1, x, sigmoid(gelu(silu * silu)) * silu);
      same(KnownActivation.GRAFS_VIT_2, x, 0.4 * gelu(0.44 * x * x + 0.56 * gelu) + 0.6 * silu);
      same(KnownActivation.GRAFS_VIT_3, x, 0.48 * own * own + 0.52 * silu);
      same(KnownActivation.GRAFS_VIT_4, x, sigmoid(own * own) * silu);
      same(KnownActivation.GRAFS_GPT_1, x, silu(sigmoid(relu) * gelu) * silu);
      same(KnownActivation.GRAFS_GPT_2, x, sigmoid(leaky(gelu)) * gelu);
      same(KnownActivation.GRAFS_GPT_3, x, gelu(gelu) + gelu);
      same(KnownActivation.GRAFS_GPT_4, x, silu(silu + gelu) + gelu);
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double silu(double x) {
    return x * sigmoid(x);
  }

  private static double leaky(double x) {
    return x > 0 ? x : 0.01 * x;
  }

  private static double gelu(double x) {
    return x * (1 + Erf.erf(x / Math.sqrt(2))) / 2;
  }

  private static void same(KnownActivation known, double x, double y) {
    assertEquals(y, known.function().values(x)[0], 1e-9, known + " at " + x);
  }
}
