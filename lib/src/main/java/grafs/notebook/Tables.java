package grafs.notebook;

import grafs.cell.Candidates;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.data.ImageDataset;
import grafs.nas.SearchResult;
import grafs.nas.Verification;
import grafs.run.Experiment;
import grafs.run.ImageTask;
import grafs.run.KeptSearch;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.Scale;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import smile.math.MathEx;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** The tables of the notebooks, as Tablesaw tables. */
public final class Tables {

  private Tables() {}

  /**
   * What a data set holds.
   *
   * @param data the images
   * @param scale how many of them are used
   * @return a row for the training and the test images each
   */
  public static Table data(ImageDataset data, Scale scale) {
    ImageTask task = new ImageTask(data);
    return Table.create(
        data.name(),
        StringColumn.create("images", "training", "test"),
        IntColumn.create("in the data set", data.train().size(), data.test().size()),
        IntColumn.create(
            "used here", task.trainImages(scale).size(), task.testImages(scale).size()),
        IntColumn.create("classes", data.classNames().size(), data.classNames().size()));
  }

  /**
   * What searches are kept.
   *
   * @param searches the searches
   * @return one row per search: the network and data, the seed, what was found, and how long it
   *     took
   */
  public static Table searches(List<KeptSearch> searches) {
    return Table.create(
        "Searches",
        texts("network", searches, s -> s.header().config().model().title()),
        texts("data", searches, s -> s.header().config().data()),
        texts("scale", searches, s -> s.header().config().scale().name()),
        LongColumn.create(
            "seed", searches.stream().mapToLong(s -> s.header().config().seed()).toArray()),
        texts("found", searches, s -> s.result().found().text()),
        texts("known as", searches, s -> known(s.result().found())),
        numbers("minutes", searches, 1, s -> s.result().seconds() / 60));
  }

  /**
   * How a search went.
   *
   * @param result the search
   * @return one row per epoch: losses in nats, accuracies in percent, operations left per edge
   */
  public static Table search(SearchResult result) {
    List<SearchResult.Epoch> epochs = result.epochs();
    return Table.create(
        "Search",
        IntColumn.create("epoch", epochs.stream().mapToInt(SearchResult.Epoch::epoch).toArray()),
        numbers("weight loss", epochs, 3, e -> e.train().loss()),
        numbers("weight accuracy, %", epochs, 2, e -> 100 * e.train().accuracy()),
        numbers("loss as decided now", epochs, 3, e -> e.discrete().loss()),
        numbers("α loss", epochs, 3, e -> e.validation().loss()),
        numbers("α accuracy, %", epochs, 2, e -> 100 * e.validation().accuracy()),
        texts("operations left", epochs, e -> left(e.candidates())),
        numbers("seconds", epochs, 1, SearchResult.Epoch::seconds));
  }

  /**
   * Makes a column of texts.
   *
   * @param name its name
   * @param rows what the rows are of
   * @param text the text of a row
   * @return the column
   */
  public static <T> StringColumn texts(String name, List<T> rows, Function<T, String> text) {
    return StringColumn.create(name, rows.stream().map(text).toList());
  }

  /**
   * Makes a column of rounded numbers.
   *
   * @param name its name
   * @param rows what the rows are of
   * @param digits the digits after the point
   * @param number the number of a row; NaN stays NaN
   * @return the column
   */
  public static <T> DoubleColumn numbers(
      String name, List<T> rows, int digits, ToDoubleFunction<T> number) {
    return DoubleColumn.create(
        name, rows.stream().mapToDouble(row -> round(number.applyAsDouble(row), digits)).toArray());
  }

  /**
   * How a search's result was verified.
   *
   * @param result a search
   * @return one row per function of the short list and one for the default: why it was listed, its
   *     score with each seed it was trained with, accuracy in percent or loss in nats, and their
   *     mean; without rows if verification was off
   */
  public static Table verification(SearchResult result) {
    List<Verification.Trial> trials =
        result.verified() == null ? List.of() : result.verified().trials();
    boolean right = trials.stream().noneMatch(t -> Double.isNaN(t.score().accuracy()));
    List<List<Verification.Trial>> groups =
        List.copyOf(
            trials.stream()
                .collect(
                    Collectors.groupingBy(
                        trial -> Optional.ofNullable(trial.function()),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .values());
    return Table.create(
        "Verification",
        texts("function", groups, own -> function(own.get(0), result)),
        texts("listed for", groups, own -> own.get(0).origin()),
        texts(
            right ? "accuracies, %" : "losses",
            groups,
            own -> scores(own, right).mapToObj(Double::toString).collect(Collectors.joining(", "))),
        numbers("mean", groups, right ? 2 : 3, own -> scores(own, right).average().orElseThrow()));
  }

  private static String function(Verification.Trial trial, SearchResult result) {
    return trial.function() == null ? "the default" : result.space().parse(trial.function()).text();
  }

  private static DoubleStream scores(List<Verification.Trial> trials, boolean right) {
    return trials.stream()
        .map(Verification.Trial::score)
        .mapToDouble(s -> right ? percent(s.accuracy()) : round(s.loss(), 3));
  }

  private static String known(Expression function) {
    return KnownActivation.of(function).map(KnownActivation::title).orElse("");
  }

  private static String left(Candidates candidates) {
    return candidates.places().stream()
        .map(place -> Integer.toString(place.size()))
        .collect(Collectors.joining(" "));
  }

  /**
   * Test accuracies by activation.
   *
   * @param runs the trainings, the same seeds for every activation
   * @return one row per activation, in order of first appearance: the accuracy of each seed, their
   *     mean and standard deviation, in percent
   */
  public static Table accuracies(List<Experiment.Run> runs) {
    return bySeed("Test accuracy, %", runs, run -> 100 * run.accuracy(), 2);
  }

  /**
   * Test losses by activation.
   *
   * @param runs the trainings, the same seeds for every activation
   * @return one row per activation, in order of first appearance: the loss of each seed, their mean
   *     and standard deviation, in nats per example (for texts, per token)
   */
  public static Table losses(List<Experiment.Run> runs) {
    return bySeed("Test loss, nats", runs, run -> run.test().loss(), 4);
  }

  private static Table bySeed(
      String title, List<Experiment.Run> runs, ToDoubleFunction<Experiment.Run> value, int digits) {
    List<String> names = runs.stream().map(Experiment.Run::activation).distinct().toList();
    List<Long> seeds = runs.stream().map(Experiment.Run::seed).distinct().sorted().toList();
    Table table = Table.create(title, StringColumn.create("activation", names));
    for (long seed : seeds) {
      ToDoubleFunction<String> ofSeed =
          name ->
              of(runs, name)
                  .filter(run -> run.seed() == seed)
                  .mapToDouble(value)
                  .average()
                  .orElse(Double.NaN);
      table.addColumns(numbers("seed " + seed, names, digits, ofSeed));
    }
    ToDoubleFunction<String> mean =
        name -> of(runs, name).mapToDouble(value).average().orElse(Double.NaN);
    table.addColumns(numbers("mean", names, digits, mean));
    if (seeds.size() > 1) {
      ToDoubleFunction<String> deviation =
          name -> MathEx.sd(of(runs, name).mapToDouble(value).toArray());
      table.addColumns(numbers("std", names, digits, deviation));
    }
    return table;
  }

  /**
   * What of the paper's tables has no run.
   *
   * @param trainings the runs there are
   * @param scale the scale's name
   * @return a row for each of the paper's networks and data sets without a training at the scale,
   *     with the command that runs it
   */
  public static Table notRun(List<KeptTraining> trainings, String scale) {
    Set<List<String>> run = new HashSet<>();
    for (KeptTraining kept : trainings) {
      RunConfig config = kept.header().config();
      run.add(List.of(config.model().title(), config.data(), config.scale().name()));
    }
    StringColumn networks = StringColumn.create("network");
    StringColumn data = StringColumn.create("data");
    StringColumn how = StringColumn.create("to run it");
    for (PaperModel.Family family : PaperModel.Family.values()) {
      for (PaperModel model : family.networks()) {
        for (String set : family.data()) {
          if (!run.contains(List.of(model.title(), set, scale))) {
            networks.append(model.title());
            data.append(set);
            boolean searched =
                model == family.networks().get(0) && set.equals(family.data().get(0));
            how.append(
                "environment/lab sweep %s%s --scale %s --data %s"
                    .formatted(
                        family.name().toLowerCase(Locale.ROOT),
                        searched ? "" : "-tables",
                        scale,
                        searched ? set : String.join(",", family.data())));
          }
        }
      }
    }
    return Table.create("Not run at " + scale, networks, data, how);
  }

  private static Stream<Experiment.Run> of(List<Experiment.Run> runs, String activation) {
    return runs.stream().filter(run -> run.activation().equals(activation));
  }

  private static double percent(double fraction) {
    return round(100 * fraction, 2);
  }

  /** {@return the value to that many decimals} */
  static double round(double value, int digits) {
    double unit = Math.pow(10, digits);
    return Double.isFinite(value) ? Math.round(value * unit) / unit : value;
  }
}
