package grafs.cell;

import static grafs.cell.RandomActivations.named;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Activation;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationFileTest {

  @TempDir Path folder;

  @Test
  void givesBackWhatWasWritten() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path file = folder.resolve("made/seed-1/activation.json");
    for (int i = 0; i < 50; i++) {
      DiscreteActivation f = RandomActivations.random(random);
      f.write(file);
      assertEquals(f, DiscreteActivation.read(file), "seed " + seed);
    }
    try (var files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList(), "nothing else is left behind");
    }
  }

  @Test
  void isReadableByPeople() throws IOException {
    Path file = folder.resolve("activation.json");
    named(List.of("scale", "max0"), List.of("max")).write(file);
    assertEquals(
        """
        {
          "formula": "max(1.00·x, max(x, 0))",
          "units": 1,
          "edges": [
            {
              "operation": "scale",
              "beta": 1.0
            },
            {
              "operation": "max0",
              "beta": null
            }
          ],
          "vertices": [
            {
              "operation": "max",
              "beta": null
            }
          ]
        }
        """,
        Files.readString(file));
  }

  @Test
  void holdsOperationsOfTheUsers() {
    Unary mish = Unary.of("mish", x -> x.mul(Activation.softPlus(x).tanh()));
    OperationSet mine = OperationSet.paper().with(mish);
    DiscreteActivation f =
        RandomActivations.of(List.of(mish, mish), List.of(RandomActivations.binary("add")), null);
    Path file = folder.resolve("activation.json");
    f.write(file);
    assertEquals(f, DiscreteActivation.read(file, mine));
    assertMentions(() -> DiscreteActivation.read(file), file, "unknown operation: mish");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "operation": "scale" | "operation": "scala" | unknown operation: scala
          "units": 1           | "units": 2           | a cell of 2 units has 4 edges
          "units": 1           | "units": 7           | 1 to 3 core units
          "units": 1           | "units": "one"       | 'units' is "one"
          "units": 1,          |                      | 'units' is null
          "beta": 1.0          | "beta": null         | the operation scale on edge 0 needs a finite β, but its β is missing
          "beta": 1.0          | "beta": NaN          | the operation scale on edge 0 needs a finite β
          "beta": 1.0          | "beta": 1e999        | the operation scale on edge 0 needs a finite β
          "beta": 1.0          | "beta": "big"        | the β of "scale" in 'edges' is "big", not a number
          "beta": 1.0          | "beta": [1]          | the operation scale on edge 0 needs a finite β
          "beta": null         | "beta": 2            | the operation max0 on edge 1 has no β, but its β is 2.0
          "vertices": [        | "corners": [         | 'vertices' is null, not a list
          "operation": "max"   | "name": "max"        | not an object with 'operation' and 'beta'
          "units": 1           | "units"              | it is not JSON
          """)
  void saysWhatIsWrong(String part, String wrong, String message) throws IOException {
    Path file = folder.resolve("activation.json");
    named(List.of("scale", "max0"), List.of("max")).write(file);
    String json = Files.readString(file);
    int at = json.indexOf(part);
    assertTrue(at >= 0, part);
    String changed =
        json.substring(0, at) + (wrong == null ? "" : wrong) + json.substring(at + part.length());
    Files.writeString(file, changed);
    assertMentions(() -> DiscreteActivation.read(file), file, message);
  }

  @Test
  void saysWhichFileIsMissingOrNoJson() throws IOException {
    Path file = folder.resolve("activation.json");
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> DiscreteActivation.read(file));
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    Files.writeString(file, "[]");
    assertMentions(() -> DiscreteActivation.read(file), file, "not a JSON object");
    Files.writeString(file, "");
    assertMentions(() -> DiscreteActivation.read(file), file, "not a JSON object");
  }

  private static void assertMentions(
      org.junit.jupiter.api.function.Executable read, Path file, String what) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, read);
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }
}
