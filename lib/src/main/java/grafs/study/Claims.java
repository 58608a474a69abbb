package grafs.study;

import static java.util.Collections.frequency;
import static java.util.Collections.min;

import grafs.notebook.Tables;
import grafs.run.Comparison;
import grafs.run.Comparison.Test;
import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.run.RunSettings;
import grafs.study.Claim.Question;
import grafs.study.Verdict.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
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

  /** The outcomes of comparisons that make up a claim: the first that occurs is the claim's. */
  private static final List<Outcome> DECISIVE =
      List.of(Outcome.DOES_NOT_HOLD, Outcome.TOO_FEW_SEEDS, Outcome.NO_RUNS, Outcome.HOLDS);

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
    double[] p =
        claims.stream()
            .map(Claim::comparison)
            .mapToDouble(compared -> compared == null ? Double.NaN : compared.p())
            .toArray();
    int tests = (int) DoubleStream.of(p).filter(each -> !Double.isNaN(each)).count();
    double[] corrected = Holm.correct(p);
    return IntStream.range(0, p.length)
        .mapToObj(i -> claims.get(i).corrected(corrected[i], tests))
        .toList();
  }

  /** Leaves out runs of the same settings and seed that have different values. */
  private static List<Measurement> unambiguous(List<Measurement> runs) {
    return Tables.groups(runs, run -> run.metric().counted() ? run : run.with(1)).stream()
        .filter(
            same ->
                agree(
                    same.get(0).title(),
                    same.stream().map(Measurement::value).toList(),
                    same.get(0).metric().title()))
        .map(same -> same.get(0))
        .toList();
  }

  /** {@return whether runs of the same settings have the same value; if not, it is logged} */
  static boolean agree(String title, List<Double> values, Object what) {
    boolean agree = values.stream().distinct().count() == 1;
    if (!agree) {
      LOG.warn(
          "left out: {} runs of {}: of the same settings, but with {} of {}",
          values.size(),
          title,
          values,
          what);
    }
    return agree;
  }

  /**
   * Compares runs of equal settings, for all settings that have runs on both sides. Verdicts that
   * need a corrected p-value are null at first. Scale names in the answers include the settings
   * that differ.
   */
  private static List<Claim> answers(Question question, List<Measurement> runs) {
    List<Measurement> about =
        Stream.of(question.found(), question.baseline())
            .flatMap(name -> runs.stream().filter(run -> question.about(run, name)))
            .toList();
    List<Map<String, String>> settings =
        about.stream().map(Measurement::settings).distinct().toList();
    List<Claim> answers = new ArrayList<>();
    for (List<Measurement> same : Tables.groups(about, Measurement::settings)) {
      List<Measurement> found = of(question.found(), same);
      List<Measurement> baseline = of(question.baseline(), same);
      if (!found.isEmpty() && !baseline.isEmpty()) {
        Question asked =
            question.at(RunSettings.named(question.scale(), same.get(0).settings(), settings));
        answers.add(
            question.metric().counted()
                ? new Claim(asked, null, Double.NaN, cost(asked, found, baseline))
                : new Claim(asked, Comparison.of(found, baseline), Double.NaN, null));
      }
    }
    return answers.isEmpty()
        ? List.of(new Claim(question, null, Double.NaN, missing(question, about)))
        : answers;
  }

  private static List<Measurement> of(String activation, List<Measurement> runs) {
    return runs.stream().filter(run -> run.activation().equals(activation)).toList();
  }

  private static Verdict missing(Question question, List<Measurement> about) {
    List<String> missing =
        Stream.of(question.found(), question.baseline())
            .filter(name -> of(name, about).isEmpty())
            .toList();
    String reason =
        missing.isEmpty()
            ? "%s and of %s with the same settings".formatted(question.found(), question.baseline())
            : String.join(" and of ", missing);
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
        Tables.texts("runs", claims, compared((metric, c) -> runs(c))),
        Tables.texts(
            "gain", claims, compared((metric, c) -> metric.number(c.gain()) + metric.unit())),
        Tables.texts("95 % interval", claims, compared(Claims::interval)),
        Tables.texts("effect", claims, compared((metric, c) -> effect(c))),
        Tables.texts("test", claims, compared((metric, c) -> c.test().title())),
        Tables.texts("p", claims, compared((metric, c) -> p(c.p()))),
        Tables.texts("p corrected", claims, claim -> p(claim.correctedP())),
        Tables.texts("p by ranks", claims, compared((metric, c) -> p(c.rankP()))),
        Tables.texts("verdict", claims, claim -> claim.verdict().toString()),
        Tables.texts("because", claims, claim -> claim.verdict().reason()));
  }

  private static Function<Claim, String> compared(BiFunction<Metric, Comparison, String> text) {
    return claim ->
        claim.comparison() == null
            ? "–"
            : text.apply(claim.question().metric(), claim.comparison());
  }

  private static String runs(Comparison comparison) {
    return comparison.found()
        + (comparison.found() == 1 ? " pair" : " pairs")
        + (comparison.leftOut() > 0 ? ", %d without partner".formatted(comparison.leftOut()) : "")
        + (comparison.diverged() > 0 ? ", %d diverged".formatted(comparison.diverged()) : "");
  }

  private static String interval(Metric metric, Comparison c) {
    return Double.isNaN(c.lower())
        ? "–"
        : metric.number(c.lower()) + " to " + metric.number(c.upper()) + metric.unit();
  }

  private static String effect(Comparison comparison) {
    return comparison.test() == Test.NONE
        ? "–"
        : String.format(Locale.ROOT, "%s %.2f", comparison.test().effect(), comparison.effect());
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
      IntStream counts = groups.stream().mapToInt(own -> frequency(outcomes(own), outcome));
      table.addColumns(IntColumn.create(outcome.title(), counts.toArray()));
    }
    return table.addColumns(
        Tables.texts(
            "verdict",
            groups,
            own -> min(outcomes(own), Comparator.comparing(DECISIVE::indexOf)).title()));
  }

  private static String data(List<Claim> claims) {
    return claims.stream()
        .map(claim -> claim.question().data())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static List<Outcome> outcomes(List<Claim> claims) {
    return claims.stream().map(claim -> claim.verdict().outcome()).toList();
  }
}
