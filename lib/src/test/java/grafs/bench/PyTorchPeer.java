package grafs.bench;

import grafs.bench.Measurement.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A training step of the same network in PyTorch itself, by the {@code python3} on the path or the
 * system's, if one has PyTorch: the reference for the cost of DJL and of this kit's loop.
 *
 * @param python the interpreter
 * @param program the program that takes steps
 * @param version PyTorch's version, such as {@code 2.7.1 cpu}
 */
record PyTorchPeer(String python, Path program, String version) {

  /** {@return what is measured} */
  static Subject subject(int batch) {
    return new Subject(PyTorchPeer.class, "step", Map.of("batch", String.valueOf(batch)));
  }

  /**
   * Looks for a PyTorch.
   *
   * @param program the program that takes steps
   * @return the first that there is, or empty
   */
  static Optional<PyTorchPeer> find(Path program) {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      try {
        String said = lines(python, program, 1, 0, 0).get(0);
        return Optional.of(new PyTorchPeer(python, program, said.substring("pytorch ".length())));
      } catch (IOException e) {
        // This interpreter is missing or has no PyTorch.
      }
    }
    return Optional.empty();
  }

  /**
   * Measures in a process of its own.
   *
   * @param subject what {@link #subject} gave
   * @param round the round
   * @param warmups steps to leave out first
   * @param samples steps to time
   * @return the measurement
   */
  Measurement take(Subject subject, int round, int warmups, int samples) {
    try {
      int batch = Integer.parseInt(subject.parameters().get("batch"));
      List<String> lines = lines(python, program, batch, warmups, samples);
      double[] times =
          lines.stream()
              .filter(line -> Character.isDigit(line.charAt(0)))
              .mapToDouble(Double::parseDouble)
              .toArray();
      double peak = Double.parseDouble(lines.get(lines.size() - 1).substring("peak ".length()));
      return new Measurement(subject, round, times, peak);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(String python, Path program, int... numbers)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(python, program.toString()));
    for (int number : numbers) {
      command.add(String.valueOf(number));
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(program + " failed with batches of " + numbers[0]);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return said.lines().toList();
  }
}
