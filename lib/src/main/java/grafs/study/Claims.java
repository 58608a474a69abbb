package grafs.study;

import grafs.notebook.Tables;
import grafs.run.Comparison;
import grafs.run.Comparison.Test;
import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.run.RunSettings;
import grafs.study.Claim.Question;
import grafs.study.Verdict.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/** Judges claims by runs, and makes tables of the answers. */
public final class Claims {

  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

  /** The factor by which a cost must be lower to be much lower. */
  private static final double MUCH = 10;

  private Claims() {}

  /**
   * Answers questions. Each is answered from the runs with exactly its network, data set, scale and
   * metric; if these runs differ in their settings, there is an answer for each of them. The
   * p-values are corrected for all comparisons that can be made, by Holm's procedure, so ask
   * together what is reported together.
   *
   * <p>Runs of the same activation, seed and settings that have different values are left out with
   * a warning, since it is unknown which one is right.
   *
   * @param questions the questions
   * @param runs runs of any kind; those that no question is about are ignored
   * @return an answer to each question, in their order; several where runs had several settings,
   *     which their scales then name
   */
  public static List<Claim> judge(List<Question> questions, List<Measurement> runs) {
    List<Measurement> clear = unambiguous(runs);
    List<Claim> claims = questions.stream().flatMap(q -> answers(q, clear).stream()).toList();
    double[] p = claims.stream().mapToDouble(Claims::pValue).toArray();
    int tests = (int) DoubleStream.of(p).filter(each -> !Double.isNaN(each)).count();
    double[] corrected = Holm.correct(p);
    return IntStream.range(0, p.length)
        .mapToObj(i -> claims.get(i).corrected(corrected[i], tests))
        .toList();
  }

  /** NaN without a test. */
  private static double pValue(Claim claim) {
    return claim.comparison() == null ? Double.NaN : claim.comparison().p();
  }

  /** Leaves out duplicate runs: all but one if they agree, otherwise all of them. */
  private static List<Measurement> unambiguous(List<Measurement> runs) {
    List<Measurement> clear = new ArrayList<>();
    for (List<Measurement> same :
        Tables.groups(runs.stream().distinct().toList(), run -> run.with(1))) {
      Measurement first = same.get(0);
      if (same.size() == 1 || first.metric().counted()) {
        clear.addAll(same);
      } else {
        LOG.warn(
            "left out: {} runs of {}: of the same settings, but with {} of {}",
            same.size(),
            first.title(),
            first.metric().title(),
            same.stream().map(Measurement::value).toList());
      }
    }
    return clear;
  }

  /**
   * Compares runs of equal settings, for all settings that have runs on both sides. Verdicts that
   * need a corrected p-value are null at first. Scale names in the answers include the settings
   * that differ.
   */
  private static List<Claim> answers(Question question, List<Measurement> runs) {
    List<Measurement> found = of(question, question.found(), runs);
    List<Measurement> baseline = of(question, question.baseline(), runs);
    List<Map<String, String>> settings =
        Stream.concat(found.stream(), baseline.stream())
            .map(Measurement::settings)
            .distinct()
            .toList();
    List<Claim> answers = new ArrayList<>();
    for (Map<String, String> own : settings) {
      Question asked = question.at(RunSettings.named(question.scale(), own, settings));
      List<Measurement> ours = with(own, found);
      List<Measurement> theirs = with(own, baseline);
      if (ours.isEmpty() || theirs.isEmpty()) {
        continue;
      }
      answers.add(
          question.metric().counted()
              ? new Claim(asked, null, Double.NaN, cost(asked, ours, theirs))
              : new Claim(asked, Comparison.of(ours, theirs), Double.NaN, null));
    }
    return answers.isEmpty()
        ? List.of(new Claim(question, null, Double.NaN, missing(question, found, baseline)))
        : answers;
  }

  private static List<Measurement> with(Map<String, String> settings, List<Measurement> runs) {
    return runs.stream().filter(run -> run.settings().equals(settings)).toList();
  }

  private static List<Measurement> of(
      Question question, String activation, List<Measurement> runs) {
    return runs.stream().filter(run -> question.about(run, activation)).toList();
  }

  private static Verdict missing(
      Question question, List<Measurement> found, List<Measurement> baseline) {
    String ours = found.isEmpty() ? question.found() : "";
    String theirs = baseline.isEmpty() ? question.baseline() : "";
    String missing = ours + (ours.isEmpty() || theirs.isEmpty() ? "" : " and of ") + theirs;
    String reason =
        missing.isEmpty()
            ? "%s and of %s with the same settings".formatted(question.found(), question.baseline())
            : missing;
    return new Verdict(Outcome.NO_RUNS, 0, "no runs of " + reason);
  }

  /** Compares the highest cost of found with the lowest cost of the baseline. */
  private static Verdict cost(
      Question question, List<Measurement> found, List<Measurement> baseline) {
    double cost = found.stream().mapToDouble(Measurement::value).max().orElseThrow();
    double other = baseline.stream().mapToDouble(Measurement::value).min().orElseThrow();
    return new Verdict(
        other >= MUCH * cost ? Outcome.HOLDS : Outcome.DOES_NOT_HOLD,
        0,
        String.format(
            Locale.ROOT,
            "%.0f %s are %.1f %% of %.0f; much less is %.0f %%",
            cost,
            question.metric().title(),
            100 * cost / other,
            other,
            100 / MUCH));
  }

  /**
   * Makes a table of answers.
   *
   * @param claims the answers
   * @return one row per answer: what was compared and how; the gain, positive if found is better,
   *     with its 95 % interval; the effect size with its symbol, see {@link Test#effect}; the
   *     p-value, corrected, and by ranks; the verdict
   */
  public static Table table(List<Claim> claims) {
    return Table.create(
        "Claims",
        Tables.texts("claim", claims, claim -> claim.question().text()),
        Tables.texts("network", claims, claim -> claim.question().network()),
        Tables.texts("data set", claims, claim -> claim.question().data()),
        Tables.texts("scale", claims, claim -> claim.question().scale()),
        Tables.texts("metric", claims, claim -> claim.question().metric().title()),
        Tables.texts(
            "compared", claims, c -> c.question().found() + " : " + c.question().baseline()),
        Tables.texts("runs", claims, compared(Claims::runs)),
        Tables.texts("gain", claims, Claims::gain),
        Tables.texts("95 % interval", claims, Claims::interval),
        Tables.texts("effect", claims, compared(Claims::effect)),
        Tables.texts("test", claims, compared(c -> c.test().title())),
        Tables.texts("p", claims, compared(c -> p(c.p()))),
        Tables.texts("p corrected", claims, claim -> p(claim.correctedP())),
        Tables.texts("p by ranks", claims, compared(c -> p(c.rankP()))),
        Tables.texts("verdict", claims, claim -> claim.verdict().toString()),
        Tables.texts("because", claims, claim -> claim.verdict().reason()));
  }

  private static Function<Claim, String> compared(Function<Comparison, String> text) {
    return claim -> claim.comparison() == null ? "–" : text.apply(claim.comparison());
  }

  private static String runs(Comparison comparison) {
    return comparison.found()
        + (comparison.found() == 1 ? " pair" : " pairs")
        + (comparison.leftOut() > 0 ? ", %d without partner".formatted(comparison.leftOut()) : "")
        + (comparison.diverged() > 0 ? ", %d diverged".formatted(comparison.diverged()) : "");
  }

  private static String effect(Comparison comparison) {
    return comparison.test() == Test.NONE
        ? "–"
        : String.format(Locale.ROOT, "%s %.2f", comparison.test().effect(), comparison.effect());
  }

  private static String gain(Claim claim) {
    Metric metric = claim.question().metric();
    return compared(c -> metric.number(c.gain()) + metric.unit()).apply(claim);
  }

  private static String interval(Claim claim) {
    Metric metric = claim.question().metric();
    return compared(
            c ->
                Double.isNaN(c.lower())
                    ? "–"
                    : metric.number(c.lower()) + " to " + metric.number(c.upper()) + metric.unit())
        .apply(claim);
  }

  private static String p(double value) {
    return Double.isNaN(value)
        ? "–"
        : value < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", value);
  }

  /**
   * Summarises answers by claim: a claim holds if all of its comparisons hold, and does not hold if
   * one of them does not.
   *
   * @param claims the answers
   * @return one row per claim and scale: the data sets, how many comparisons have which outcome,
   *     the verdict
   */
  public static Table summary(List<Claim> claims) {
    List<List<Claim>> groups =
        Tables.groups(claims, claim -> List.of(claim.question().text(), claim.question().scale()));
    Table table =
        Table.create(
            "Claims in sum",
            Tables.texts("claim", groups, own -> own.get(0).question().text()),
            Tables.texts("scale", groups, own -> own.get(0).question().scale()),
            Tables.texts("data sets", groups, Claims::data));
    for (Outcome outcome : Outcome.values()) {
      table.addColumns(
          IntColumn.create(
              outcome.title(), groups.stream().mapToInt(own -> count(own, outcome)).toArray()));
    }
    return table.addColumns(Tables.texts("verdict", groups, own -> together(own).title()));
  }

  private static String data(List<Claim> claims) {
    return claims.stream()
        .map(claim -> claim.question().data())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static Outcome together(List<Claim> claims) {
    return Stream.of(Outcome.DOES_NOT_HOLD, Outcome.TOO_FEW_SEEDS, Outcome.NO_RUNS)
        .filter(outcome -> count(claims, outcome) > 0)
        .findFirst()
        .orElse(Outcome.HOLDS);
  }

  private static int count(List<Claim> claims, Outcome outcome) {
    return (int) claims.stream().filter(c -> c.verdict().outcome() == outcome).count();
  }
}
