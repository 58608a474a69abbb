package grafs.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Activation;
import grafs.cell.Expression;
import org.junit.jupiter.api.Test;

/** The bounds are wide: these tests are to detect differences of an order of magnitude. */
class LatencyTest {

  @Test
  void anActivationIsComparedWithRelu() {
    double relu = Latency.of(Activation::reluBlock);
    assertTrue(relu > 0.2 && relu < 5, "ReLU takes " + relu + " times as long as itself");
    // Reading a table takes the same time for any operations; a function is computed exactly only
    // where it is too curved for its table.
    double two = Latency.of(Expression.parse("gate(x, x)"));
    double many = Latency.of(Expression.parse("sin(tanh(gelu(multiply(x, silu(x)))))"));
    assertTrue(many < 10 * two && two < 10 * many, many + " and " + two);
    assertTrue(two > 0.1 && two < 100, "a found function takes " + two);
  }
}
