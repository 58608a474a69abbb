package grafs.study;

import static java.util.Collections.frequency;
import static java.util.Collections.min;
import static java.util.stream.Collectors.joining;

import grafs.notebook.Tables;
import grafs.run.Comparison;
import grafs.run.Comparison.Test;
import grafs.run.KeptSearch;
import grafs.run.KeptTraining;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.study.Verdict.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/**
 * Judges what the paper claims (arXiv 2408.06820, abstract and section 4): that an activation
 * function found by a search is better than each baseline, a known activation such as ReLU, on the
 * network and data of the search, on larger networks and on other data. The claims are judged by
 * trainings that were kept on disk ({@link KeptTraining}). A comparison compares one found function
 * with one baseline, in trainings of the same network with the same data and settings. A claim is
 * made up of one or more comparisons. Each comparison has a verdict on its claim: the claim holds,
 * it does not hold, or there are too few seeds to say. The notebook {@code 04_paper_tables} shows
 * the claims.
 */
public final class Claims {

  /**
   * The outcomes by precedence: the verdict on a claim is the first outcome in this list that one
   * of its comparisons has.
   */
  private static final List<Outcome> DECISIVE =
      List.of(Outcome.DOES_NOT_HOLD, Outcome.TOO_FEW_SEEDS, Outcome.HOLDS);

  private final List<Row> rows;

  /**
   * One comparison.
   *
   * @param claim the claim to which the comparison belongs, in words
   * @param group the trainings of both activations
   * @param found the found function, which the claim says is better, such as {@code found 3}
   * @param baseline the baseline activation, such as {@code relu}
   * @param comparison the statistics of the test scores, in pairs of trainings of the same seed
   * @param correctedP the p-value, corrected for the number of all comparisons; NaN without a test
   * @param verdict the verdict; null until all comparisons are known
   */
  record Row(
      String claim,
      TrainingGroup group,
      String found,
      String baseline,
      Comparison comparison,
      double correctedP,
      Verdict verdict) {

    private Row corrected(double p, int tests) {
      return new Row(
          claim, group, found, baseline, comparison, p, Verdict.of(comparison, p, tests));
    }

    private Metric metric() {
      return group.model().family().metric();
    }

    private String scale() {
      return group.scale() + group.differing();
    }
  }

  private Claims(List<Row> rows) {
    this.rows = rows;
  }

  /**
   * Judges the claims. Trainings are compared if they have the same network, data set, scale (a set
   * of hyperparameters with a name) and settings: each found function with each baseline.
   * Comparisons of trainings in which each activation has its own learning rate ({@link
   * EvidenceTable#own}) come first, before those with one rate for all activations; the network of
   * the search comes before larger ones. The p-values are corrected for the number of all these
   * comparisons by Holm's procedure.
   *
   * <p>Trainings with equal settings, function and seed but different results are left out with a
   * warning. Different found functions of one name are compared one by one; a baseline whose name
   * has several functions is left out, with a warning.
   *
   * @param trainings trainings that were kept on disk; those of other scales are ignored
   * @param searches searches that were kept on disk, among them those that found the functions. Of
   *     the searches for one family of networks (such as ResNets), those at this scale on the
   *     smallest network count. A claim says that its data are new if none of the searches that
   *     count used these data. If no search counts, the claim does not say whether its data are new
   * @param scale the scale's name; only {@code paper} is the paper's setting
   * @return the claims; a claim is left out if there are no trainings with a found function and a
   *     baseline to judge it by
   */
  public static Claims of(List<KeptTraining> trainings, List<KeptSearch> searches, String scale) {
    List<RunConfig> searched =
        searches.stream()
            .map(search -> search.header().config())
            .filter(config -> config.scale().name().equals(scale))
            .toList();
    List<KeptTraining> there =
        trainings.stream()
            .filter(
                training ->
                    List.of(EvidenceTable.own(scale), scale)
                        .contains(training.header().config().scale().name()))
            .toList();
    List<Row> rows =
        TrainingGroup.of(there).stream()
            .sorted(
                Comparator.comparing((TrainingGroup group) -> group.scale().equals(scale))
                    .thenComparing(TrainingGroup::model))
            .flatMap(group -> comparisons(group, searched).stream())
            .toList();
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

  private static List<Row> comparisons(TrainingGroup group, List<RunConfig> searches) {
    PaperModel.Family family = group.model().family();
    Map<String, Map<Long, Double>> merits = new LinkedHashMap<>();
    group
        .trainings()
        .forEach(
            (title, runs) ->
                merits.put(family.nameOf(title), TrainingGroup.merits(runs, family.metric())));
    List<Row> rows = new ArrayList<>();
    for (String found : merits.keySet()) {
      for (String baseline : family.activations()) {
        if (found.startsWith("found") && merits.containsKey(baseline)) {
          Comparison comparison = Comparison.of(merits.get(found), merits.get(baseline));
          String claim = better(group, searches, baseline);
          rows.add(new Row(claim, group, found, baseline, comparison, Double.NaN, null));
        }
      }
    }
    return rows;
  }

  /** {@return the claim to which a comparison with a baseline belongs, in words} */
  private static String better(TrainingGroup group, List<RunConfig> searches, String baseline) {
    PaperModel.Family family = group.model().family();
    PaperModel searched = family.networks().get(0);
    List<String> data =
        searches.stream()
            .filter(search -> search.model() == searched)
            .map(RunConfig::fingerprint)
            .toList();
    return "What is found for %s beats %s%s"
        .formatted(
            searched,
            baseline.equals(family.standard()) ? "the default" : "every other baseline",
            !data.isEmpty() && !data.contains(group.fingerprint())
                ? " on new data"
                : group.model() == searched ? "" : " on larger networks");
  }

  /**
   * {@return one row per comparison: what was compared; the gain (the mean difference of the test
   * scores of a pair, or the median if a training diverged), positive if the found function is
   * better, with its 95 % interval; the effect size with its symbol ({@link Test#effect}); the
   * test; its p-value, this p-value corrected for the number of all comparisons, and the p-value of
   * the signed-rank test; the verdict and its reason}
   */
  public Table table() {
    return Table.create(
        "Claims",
        Tables.texts("claim", rows, Row::claim),
        Tables.texts("network", rows, row -> row.group.model().title()),
        Tables.texts("data set", rows, row -> row.group.data()),
        Tables.texts("scale", rows, Row::scale),
        Tables.texts("metric", rows, row -> row.metric().title()),
        Tables.texts("compared", rows, row -> row.found + " : " + row.baseline),
        Tables.texts("runs", rows, compared((metric, c) -> runs(c))),
        Tables.texts(
            "gain", rows, compared((metric, c) -> metric.number(c.gain()) + metric.gainUnit())),
        Tables.texts(
            "95 % interval", rows, compared((metric, c) -> interval(metric, c, metric.gainUnit()))),
        Tables.texts("effect", rows, compared((metric, c) -> effect(c))),
        Tables.texts("test", rows, compared((metric, c) -> c.test().title())),
        Tables.texts("p", rows, compared((metric, c) -> p(c.p()))),
        Tables.texts("p corrected", rows, row -> p(row.correctedP)),
        Tables.texts("p by ranks", rows, compared((metric, c) -> p(c.rankP()))),
        Tables.texts("verdict", rows, row -> row.verdict.toString()),
        Tables.texts("because", rows, row -> row.verdict.reason()));
  }

  private static Function<Row, String> compared(BiFunction<Metric, Comparison, String> text) {
    return row -> text.apply(row.metric(), row.comparison);
  }

  private static String runs(Comparison comparison) {
    return comparison.pairs()
        + (comparison.pairs() == 1 ? " pair" : " pairs")
        + (comparison.leftOut() > 0 ? ", %d without partner".formatted(comparison.leftOut()) : "")
        + (comparison.diverged() > 0 ? ", %d diverged".formatted(comparison.diverged()) : "");
  }

  /** {@return the 95 % interval of the gain with a unit; a dash if there is none} */
  static String interval(Metric metric, Comparison c, String unit) {
    return Double.isNaN(c.lower())
        ? "–"
        : metric.number(c.lower()) + " to " + metric.number(c.upper()) + unit;
  }

  private static String effect(Comparison comparison) {
    return comparison.test() == Test.NONE
        ? "–"
        : String.format(Locale.ROOT, "%s %.2f", comparison.test().effect(), comparison.effect());
  }

  /** {@return a p-value as text with four decimals; a dash for NaN} */
  static String p(double value) {
    return Double.isNaN(value)
        ? "–"
        : value < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", value);
  }

  /**
   * Summarises the comparisons by claim and scale. A claim does not hold if it does not hold in one
   * of its comparisons. Otherwise, if one of them has too few seeds, the claim has too few seeds.
   * Otherwise the claim holds.
   *
   * @return one row per claim and scale: the data sets, the number of comparisons with each
   *     outcome, the verdict
   */
  public Table summary() {
    List<List<Row>> groups = Tables.groups(rows, row -> List.of(row.claim, row.scale()));
    Table table =
        Table.create(
            "Claims in sum",
            Tables.texts("claim", groups, own -> own.get(0).claim),
            Tables.texts("scale", groups, own -> own.get(0).scale()),
            Tables.texts(
                "data sets",
                groups,
                own ->
                    own.stream().map(row -> row.group.data()).distinct().collect(joining(", "))));
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

  private static List<Outcome> outcomes(List<Row> rows) {
    return rows.stream().map(row -> row.verdict.outcome()).toList();
  }
}
