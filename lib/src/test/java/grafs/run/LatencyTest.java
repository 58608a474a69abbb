package grafs.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Activation;
import grafs.cell.Expression;
import org.junit.jupiter.api.Test;

/** The bounds are wide: what is compared differs by an order of magnitude. */
class LatencyTest {

  @Test
  void anActivationIsComparedWithRelu() {
    double relu = Latency.of(Activation::reluBlock);
    assertTrue(relu > 0.2 && relu < 5, "ReLU takes " + relu + " times as long as itself");
    // What is read from a table takes the same, whatever its operations; only where a function is
    // so curved that a table misses it, it is computed.
    double two = Latency.of(Expression.parse("gate(x, x)"));
    double many = Latency.of(Expression.parse("sin(tanh(gelu(multiply(x, silu(x)))))"));
    assertTrue(many < 10 * two && two < 10 * many, many + " and " + two);
    assertTrue(two > 0.1 && two < 100, "a found function takes " + two);
  }
}
