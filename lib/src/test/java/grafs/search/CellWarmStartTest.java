package grafs.search;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.model.Activations;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CellWarmStartTest {

  static Stream<Arguments> starts() {
    return Stream.of("relu", "gelu", "silu")
        .flatMap(
            activation ->
                Stream.of(
                    Arguments.of(Relaxation.SOFTMAX, CellWarmStart.DEFAULT, activation),
                    Arguments.of(Relaxation.DRNAS, CellWarmStart.DRNAS, activation)));
  }

  @ParameterizedTest
  @MethodSource("starts")
  void startsNearTheDefaultYetUndecided(
      Relaxation relaxation, CellWarmStart warmStart, String activation) {
    CellSpace space = CellSpace.paper();
    Block target = Activations.of(activation).get();
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, 3)) {
      double drawn = warmStart.fit(space, alpha, relaxation, target, new SplittableRandom(3));
      CellWeights mean = relaxation.mean(alpha);
      double ofMean = CellWarmStart.error(space, mean, target);
      assertTrue(drawn < 0.05, activation + " is missed by " + drawn + " over draws");
      assertTrue(ofMean < 0.05, activation + " is missed by " + ofMean + " with mean weights");
      float largest = mean.unary().max().getFloat();
      assertTrue(largest < 0.9, "one operation already has the weight " + largest);
    }
  }
}
