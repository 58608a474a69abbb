package grafs.cell;

import static grafs.cell.RandomActivations.named;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
          leaky_relu,identity        | max          | LeakyReLU
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
    DiscreteActivation f = named(List.of(unary.split(",")), List.of(binary.split(",")));
    assertEquals(name.equals("-") ? Optional.empty() : Optional.of(name), f.known(), f.text());
  }

  @Test
  void dependsOnBeta() {
    DiscreteActivation f = named(List.of("scale", "max0"), List.of("left"));
    assertEquals(Optional.of("identity"), f.known());
    List<Double> other = List.of(1.01, Double.NaN, Double.NaN);
    assertEquals(
        Optional.empty(), new DiscreteActivation(f.graph(), f.unary(), f.binary(), other).known());
  }
}
