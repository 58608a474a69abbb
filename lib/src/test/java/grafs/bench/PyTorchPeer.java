package grafs.bench;

import grafs.bench.Measurement.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures training steps of ResNet-20 in PyTorch for Python. The same step is measured in Java
 * ({@link StepBenchmark}). The difference between the two times is what DJL and this library's
 * training loop add.
 *
 * @param python the Python interpreter, one that has PyTorch
 * @param program the Python program that takes the steps
 * @param version the version of PyTorch and its device, such as {@code 2.7.1 cpu}
 */
record PyTorchPeer(String python, Path program, String version) {

  /** {@return the benchmark of a training step with a batch size, for {@link #take}} */
  static Subject subject(int batch) {
    return new Subject(PyTorchPeer.class, "step", Map.of("batch", String.valueOf(batch)));
  }

  /**
   * Looks for a Python interpreter that has PyTorch: {@code python3} on the path, then {@code
   * /usr/bin/python3}.
   *
   * @param program the Python program that takes the steps
   * @return the first of these interpreters with which the program runs; empty if there is none
   */
  static Optional<PyTorchPeer> find(Path program) {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      try {
        String said = lines(Redirect.DISCARD, python, program, 1, 0, 0).get(0);
        return Optional.of(new PyTorchPeer(python, program, said.substring("pytorch ".length())));
      } catch (IOException e) {
        // This interpreter is missing, or has no PyTorch, so the program failed.
      }
    }
    return Optional.empty();
  }

  /**
   * Measures steps in a process of their own.
   *
   * @param subject a subject made by {@link #subject}
   * @param round the number of the round, which the result will have
   * @param warmups the number of steps before those that are timed
   * @param samples the number of steps that are timed
   * @return the measurement
   * @throws UncheckedIOException if the process fails
   */
  Measurement take(Subject subject, int round, int warmups, int samples) {
    try {
      int batch = Integer.parseInt(subject.parameters().get("batch"));
      List<String> lines = lines(Redirect.INHERIT, python, program, batch, warmups, samples);
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

  /**
   * Runs the Python program.
   *
   * @param errors where its error output goes
   * @param numbers its arguments: batch size, untimed steps, timed steps
   * @return the lines that it prints: {@code pytorch VERSION DEVICE}, the milliseconds of each
   *     timed step, {@code peak MEGABYTES}
   */
  private static List<String> lines(Redirect errors, String python, Path program, int... numbers)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(python, program.toString()));
    for (int number : numbers) {
      command.add(String.valueOf(number));
    }
    Process process = new ProcessBuilder(command).redirectError(errors).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(
            program + " failed with batches of " + numbers[0] + "; its errors are above");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return said.lines().toList();
  }
}
