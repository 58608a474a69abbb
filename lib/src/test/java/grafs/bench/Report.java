package grafs.bench;

import grafs.bench.Measurement.Subject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The report of {@link Benchmarks}, as printed tables and as a CSV file. A subject is a benchmark
 * with its parameters. Each value has a score and an error:
 *
 * <ul>
 *   <li>time of a subject: the score is the 10th percentile of all samples, the error the
 *       difference between the median and this percentile;
 *   <li>peak of memory of a subject: the score is the highest peak measured; there is no error;
 *   <li>ratio: the score is the median over the rounds, the error half the difference between the
 *       highest and the lowest of the rounds' ratios.
 * </ul>
 *
 * @param machine the machine on which the measurements were taken
 * @param measurements the measurements, one or more for each subject
 * @param ratios the ratios
 */
record Report(Machine machine, List<Measurement> measurements, List<Ratio> ratios) {

  /** A row of the CSV file, without the columns of the machine; an error of NaN is left empty. */
  private record Row(
      String benchmark, String parameters, double score, double error, String unit) {}

  private Map<Subject, List<Measurement>> bySubject() {
    return measurements.stream()
        .collect(
            Collectors.groupingBy(Measurement::subject, LinkedHashMap::new, Collectors.toList()));
  }

  private static Row time(Subject subject, List<Measurement> all) {
    double[] times = all.stream().flatMapToDouble(m -> Arrays.stream(m.milliseconds())).toArray();
    double score = Measurement.undisturbed(Arrays.stream(times));
    double median = Measurement.quantile(Arrays.stream(times), 0.5);
    return new Row(subject.name(), subject.settings(), score, median - score, "ms");
  }

  private static Row peak(Subject subject, List<Measurement> all) {
    double highest = all.stream().mapToDouble(Measurement::peak).max().orElseThrow();
    return new Row(subject.name() + ":peak", subject.settings(), highest, Double.NaN, "MB");
  }

  /**
   * Prints one line for each subject (time and its error in milliseconds, peak of memory in
   * megabytes) and one for each ratio (median, and the ratio of every round).
   *
   * @param out the stream to print to
   */
  void print(PrintStream out) {
    out.printf(
        "%n%s, %d cores; Java %s, DJL %s, PyTorch %s%n%n",
        machine.cpu(), machine.cores(), machine.java(), machine.djl(), machine.pytorch());
    out.printf("%-26s %-40s %10s %9s %9s%n", "", "", "ms", "±", "peak MB");
    bySubject()
        .forEach(
            (subject, all) -> {
              Row time = time(subject, all);
              out.printf(
                  Locale.ROOT,
                  "%-26s %-40s %10.2f %9.2f %9.0f%n",
                  time.benchmark(),
                  time.parameters(),
                  time.score(),
                  time.error(),
                  peak(subject, all).score());
            });
    out.printf("%n%-34s %8s   %s%n", "", "median", "rounds");
    for (Ratio ratio : ratios) {
      String rounds =
          Arrays.stream(ratio.rounds())
              .mapToObj(r -> String.format(Locale.ROOT, "%.2f", r))
              .collect(Collectors.joining(" "));
      out.printf(Locale.ROOT, "%-34s %8.2f   %s%n", ratio.name(), ratio.median(), rounds);
    }
  }

  /**
   * Writes the CSV file under another name and then renames it, so that it is never incomplete.
   *
   * @param folder the folder of the file, created if it is missing
   * @param now the time, which is the name of the file
   * @return the file
   * @throws IOException if the file cannot be written
   */
  Path write(Path folder, LocalDateTime now) throws IOException {
    List<Row> rows = new ArrayList<>();
    bySubject()
        .forEach(
            (subject, all) -> {
              rows.add(time(subject, all));
              rows.add(peak(subject, all));
            });
    for (Ratio ratio : ratios) {
      String rounds = "rounds=" + ratio.rounds().length;
      rows.add(new Row(ratio.name(), rounds, ratio.median(), ratio.spread(), "ratio"));
    }
    List<String> lines = new ArrayList<>();
    lines.add("benchmark,parameters,score,error,unit,cpu,cores,java,djl,pytorch");
    for (Row row : rows) {
      lines.add(
          line(
              row.benchmark(),
              row.parameters(),
              number(row.score()),
              number(row.error()),
              row.unit(),
              machine.cpu(),
              String.valueOf(machine.cores()),
              machine.java(),
              machine.djl(),
              machine.pytorch()));
    }
    Files.createDirectories(folder);
    Path file =
        folder.resolve(now.format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss")) + ".csv");
    Path part = folder.resolve(file.getFileName() + ".part");
    Files.write(part, lines);
    return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.4f", value);
  }

  /** Joins the fields of a row, quoting those with commas, quotes or line ends. */
  private static String line(String... fields) {
    return Arrays.stream(fields)
        .map(f -> f.matches("[^,\"\n]*") ? f : '"' + f.replace("\"", "\"\"") + '"')
        .collect(Collectors.joining(","));
  }
}
