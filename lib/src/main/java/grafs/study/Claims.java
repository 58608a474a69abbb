package grafs.study;

import static java.util.Collections.frequency;
import static java.util.Collections.min;

import grafs.notebook.Tables;
import grafs.run.Comparison;
import grafs.run.Comparison.Test;
import grafs.run.KeptTraining;
import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.study.Verdict.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/**
 * What the paper claims of functions (arXiv 2408.06820, abstract and section 4), judged by kept
 * trainings: that what is found is better than each baseline.
 */
public final class Claims {

  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

  /** The outcomes of comparisons that make up a claim: the first that occurs is the claim's. */
  private static final List<Outcome> DECISIVE =
      List.of(Outcome.DOES_NOT_HOLD, Outcome.TOO_FEW_SEEDS, Outcome.HOLDS);

  private final List<Row> rows;

  /**
   * One comparison.
   *
   * @param claim the claim that it is a part of, in words
   * @param run a run of what should be better
   * @param scale the scale's name, with those settings that differ among runs at it
   * @param baseline whose runs should be worse
   * @param comparison the comparison
   * @param correctedP the p-value, corrected for all rows; NaN if there is none
   * @param verdict the answer
   */
  record Row(
      String claim,
      Measurement run,
      String scale,
      String baseline,
      Comparison comparison,
      double correctedP,
      Verdict verdict) {

    private Row corrected(double p, int tests) {
      return new Row(claim, run, scale, baseline, comparison, p, Verdict.of(comparison, p, tests));
    }
  }

  private Claims(List<Row> rows) {
    this.rows = rows;
  }

  /**
   * Judges the claims. Runs are compared if they have the same network, data set, scale and
   * settings: each found function with each baseline; what has no counterpart has no row. First
   * come runs in which each activation has its own learning rate ({@link EvidenceTable#own}), then
   * those with one rate for all; the searched network comes before larger ones. The p-values are
   * corrected for all of these comparisons, by Holm's procedure.
   *
   * <p>Runs of the same activation, seed and settings that have different values are left out with
   * a warning, since it is unknown which one is right.
   *
   * @param trainings trainings of any kind; those of other scales are ignored
   * @param scale the scale's name; only {@code paper} is the paper's setting
   * @return the claims that the runs can answer
   */
  public static Claims of(List<KeptTraining> trainings, String scale) {
    return judged(trainings.stream().map(KeptTraining::measurement).toList(), scale);
  }

  static Claims judged(List<Measurement> runs, String scale) {
    List<Measurement> clear = unambiguous(runs);
    List<Row> rows = new ArrayList<>();
    for (String name : List.of(EvidenceTable.own(scale), scale)) {
      for (PaperModel network : PaperModel.values()) {
        List<Measurement> there =
            clear.stream()
                .filter(run -> run.scale().equals(name) && run.network().equals(network.title()))
                .toList();
        for (List<Measurement> same : Tables.groups(there, Measurement::data)) {
          rows.addAll(comparisons(network, same));
        }
      }
    }
    double[] p = rows.stream().mapToDouble(row -> row.comparison.p()).toArray();
    int tests = (int) DoubleStream.of(p).filter(each -> !Double.isNaN(each)).count();
    double[] corrected = Comparison.holm(p);
    return new Claims(
        IntStream.range(0, p.length)
            .mapToObj(i -> rows.get(i).corrected(corrected[i], tests))
            .toList());
  }

  /** {@return a row for each comparison} */
  List<Row> rows() {
    return rows;
  }

  /** Leaves out runs of the same settings and seed that have different values. */
  private static List<Measurement> unambiguous(List<Measurement> runs) {
    return Tables.groups(runs, run -> run.with(1)).stream()
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

  /** Compares runs of one network, data set and scale, for each of their settings. */
  private static List<Row> comparisons(PaperModel network, List<Measurement> runs) {
    List<Map<String, String>> settings =
        runs.stream().map(Measurement::settings).distinct().toList();
    List<Row> rows = new ArrayList<>();
    for (Map<String, String> own : settings) {
      Map<String, List<Measurement>> by =
          runs.stream()
              .filter(run -> run.settings().equals(own))
              .collect(
                  Collectors.groupingBy(
                      Measurement::activation, LinkedHashMap::new, Collectors.toList()));
      String scale = SettingNames.named(runs.get(0).scale(), own, settings);
      for (String found : by.keySet()) {
        for (String baseline : network.family().activations()) {
          if (found.startsWith("found") && by.containsKey(baseline)) {
            Comparison comparison = Comparison.of(merits(by.get(found)), merits(by.get(baseline)));
            Measurement run = by.get(found).get(0);
            String claim = better(network, run.data(), baseline);
            rows.add(new Row(claim, run, scale, baseline, comparison, Double.NaN, null));
          }
        }
      }
    }
    return rows;
  }

  private static Map<Long, Double> merits(List<Measurement> runs) {
    Map<Long, Double> merits = new TreeMap<>();
    runs.forEach(run -> merits.put(run.seed(), run.metric().merit(run.value())));
    return merits;
  }

  private static String better(PaperModel network, String data, String baseline) {
    PaperModel.Family family = network.family();
    PaperModel searched = family.networks().get(0);
    return "What is found for %s beats %s%s"
        .formatted(
            searched,
            baseline.equals(family.standard()) ? "the default" : "every other baseline",
            family.data().indexOf(data) > 0
                ? " on new data"
                : network == searched ? "" : " on larger networks");
  }

  /**
   * {@return one row per comparison: what was compared and how; the gain, positive if found is
   * better, with its 95 % interval; the effect size with its symbol, see {@link Test#effect}; the
   * p-value, corrected, and by ranks; the verdict}
   */
  public Table table() {
    return Table.create(
        "Claims",
        Tables.texts("claim", rows, Row::claim),
        Tables.texts("network", rows, row -> row.run.network()),
        Tables.texts("data set", rows, row -> row.run.data()),
        Tables.texts("scale", rows, Row::scale),
        Tables.texts("metric", rows, row -> row.run.metric().title()),
        Tables.texts("compared", rows, row -> row.run.activation() + " : " + row.baseline),
        Tables.texts("runs", rows, compared((metric, c) -> runs(c))),
        Tables.texts(
            "gain", rows, compared((metric, c) -> metric.number(c.gain()) + metric.gainUnit())),
        Tables.texts("95 % interval", rows, compared(Claims::interval)),
        Tables.texts("effect", rows, compared((metric, c) -> effect(c))),
        Tables.texts("test", rows, compared((metric, c) -> c.test().title())),
        Tables.texts("p", rows, compared((metric, c) -> p(c.p()))),
        Tables.texts("p corrected", rows, row -> p(row.correctedP)),
        Tables.texts("p by ranks", rows, compared((metric, c) -> p(c.rankP()))),
        Tables.texts("verdict", rows, row -> row.verdict.toString()),
        Tables.texts("because", rows, row -> row.verdict.reason()));
  }

  private static Function<Row, String> compared(BiFunction<Metric, Comparison, String> text) {
    return row -> text.apply(row.run.metric(), row.comparison);
  }

  private static String runs(Comparison comparison) {
    return comparison.pairs()
        + (comparison.pairs() == 1 ? " pair" : " pairs")
        + (comparison.leftOut() > 0 ? ", %d without partner".formatted(comparison.leftOut()) : "")
        + (comparison.diverged() > 0 ? ", %d diverged".formatted(comparison.diverged()) : "");
  }

  private static String interval(Metric metric, Comparison c) {
    return Double.isNaN(c.lower())
        ? "–"
        : metric.number(c.lower()) + " to " + metric.number(c.upper()) + metric.gainUnit();
  }

  private static String effect(Comparison comparison) {
    return comparison.test() == Test.NONE
        ? "–"
        : String.format(Locale.ROOT, "%s %.2f", comparison.test().effect(), comparison.effect());
  }

  /** {@return a p-value as text, a dash for none} */
  static String p(double value) {
    return Double.isNaN(value)
        ? "–"
        : value < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", value);
  }

  /**
   * Summarises the comparisons by claim: a claim holds if all of its comparisons hold, and does not
   * hold if one of them does not.
   *
   * @return one row per claim and scale: the data sets, how many comparisons have which outcome,
   *     the verdict
   */
  public Table summary() {
    List<List<Row>> groups = Tables.groups(rows, row -> List.of(row.claim, row.scale));
    Table table =
        Table.create(
            "Claims in sum",
            Tables.texts("claim", groups, own -> own.get(0).claim),
            Tables.texts("scale", groups, own -> own.get(0).scale),
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

  private static String data(List<Row> rows) {
    return rows.stream().map(row -> row.run.data()).distinct().collect(Collectors.joining(", "));
  }

  private static List<Outcome> outcomes(List<Row> rows) {
    return rows.stream().map(row -> row.verdict.outcome()).toList();
  }
}
