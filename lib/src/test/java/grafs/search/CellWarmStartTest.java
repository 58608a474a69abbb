package grafs.search;

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
    return Stream.of(Relaxation.SOFTMAX, Relaxation.DRNAS)
        .flatMap(
            relaxation ->
                Stream.of("relu", "gelu", "silu")
                    .map(activation -> Arguments.of(relaxation, activation)));
  }

  @ParameterizedTest
  @MethodSource("starts")
  void startsNearTheDefaultYetUndecided(Relaxation relaxation, String activation) {
    CellSpace space = CellSpace.paper();
    Block target = Activations.of(activation).get();
    for (long seed = 1; seed < 3; seed++)
      try (NDManager manager = NDManager.newBaseManager();
          ArchitectureParameters alpha = new ArchitectureParameters(space, manager, seed)) {
        long t = System.nanoTime();
        double drawn =
            new CellWarmStart(
                    Integer.getInteger("steps", 300),
                    Double.parseDouble(System.getProperty("lr", "0.1")))
                .fit(space, alpha, relaxation, target, new SplittableRandom(seed));
        double s = (System.nanoTime() - t) / 1e9;
        CellWeights mean = relaxation.mean(alpha);
        double error = CellWarmStart.error(space, mean, target);
        float largest = mean.unary().max().getFloat();
        System.out.printf(
            "FIT %s %s seed %d: drawn %.4f mean %.4f largest %.3f binary %.3f  %.1f s%n",
            relaxation, activation, seed, drawn, error, largest, mean.binary().max().getFloat(), s);
      }
  }
}
