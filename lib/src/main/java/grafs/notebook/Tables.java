package grafs.notebook;

import grafs.cell.Candidates;
import grafs.data.ImageDataset;
import grafs.nas.SearchResult;
import grafs.nas.Verification;
import grafs.run.Experiment;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.Scale;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import smile.math.MathEx;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The tables that the notebooks show, as tables of the library Tablesaw, and methods that make a
 * column from a list of any objects. A search for an activation function trains a network's weights
 * on one part of the training set and parameters α on the other part. The function is a formula of
 * edges (operations of one argument) and vertices (operations of two). α has a number for each
 * candidate operation of each edge and vertex. During the search, candidates of low α are dropped.
 * Trainings ({@link Experiment.Run}) then compare activations.
 */
public final class Tables {

  private Tables() {}

  /**
   * Makes a table of the numbers of images and classes of a data set.
   *
   * @param data the data set
   * @param scale the set of hyperparameters that says how many of the images are used
   * @return one row for the training images and one for the test images
   */
  public static Table data(ImageDataset data, Scale scale) {
    return Table.create(
        data.name(),
        StringColumn.create("images", "training", "test"),
        IntColumn.create("in the data set", data.train().size(), data.test().size()),
        IntColumn.create(
            "used here",
            used(data.train().size(), scale.trainExamples()),
            used(data.test().size(), scale.testExamples())),
        IntColumn.create("classes", data.classNames().size(), data.classNames().size()));
  }

  /**
   * {@return the number of examples that are used}
   *
   * @param all the number of examples in the data set
   * @param most the largest number that the scale uses; 0 for all
   */
  private static int used(int all, int most) {
    return most == 0 ? all : Math.min(all, most);
  }

  /**
   * Makes a table of the epochs of a search.
   *
   * @param result the search
   * @return one row per epoch: mean loss and accuracy (in percent) of the steps that train the
   *     weights and of those that train α; the loss "as decided now", on α's part of the training
   *     set, of the network in which each edge and vertex has only its operation of largest α; the
   *     number of candidate operations left in each edge and vertex; the seconds. Losses are in
   *     nats if they are cross entropies
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
   * @param name the column's name
   * @param rows the objects that the rows of the table describe
   * @param text gives the text of a row, from its object
   * @param <T> the type of the objects
   * @return the column
   */
  public static <T> StringColumn texts(String name, List<T> rows, Function<T, String> text) {
    return StringColumn.create(name, rows.stream().map(text).toList());
  }

  /**
   * Groups objects by a key.
   *
   * @param rows the objects
   * @param key gives the key of an object; a group has the objects of equal keys
   * @param <T> the type of the objects
   * @return the groups, in the order of their first objects; in each the objects in their order
   */
  public static <T> List<List<T>> groups(List<T> rows, Function<T, ?> key) {
    return List.copyOf(
        rows.stream()
            .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()))
            .values());
  }

  /**
   * Makes a column of rounded numbers.
   *
   * @param name the column's name
   * @param rows the objects that the rows of the table describe
   * @param digits the digits after the decimal point
   * @param number gives the number of a row, from its object; NaN stays NaN
   * @param <T> the type of the objects
   * @return the column
   */
  public static <T> DoubleColumn numbers(
      String name, List<T> rows, int digits, ToDoubleFunction<T> number) {
    return DoubleColumn.create(
        name, rows.stream().mapToDouble(row -> round(number.applyAsDouble(row), digits)).toArray());
  }

  /**
   * Makes a table of a search's verification. After the search, the network was trained from
   * scratch with each function of a short list and with the default activation, the one that it has
   * without a search. With each of them it was trained with one or more seeds. It was scored on α's
   * part of the training set.
   *
   * @param result a search
   * @return one row per function of the short list and one for the default: the reason why it was
   *     listed, the losses of its trainings, one for each seed, the mean of these losses, and the
   *     mean accuracy in percent unless an accuracy is NaN, as in a regression; without rows if
   *     verification was off
   */
  public static Table verification(SearchResult result) {
    List<Verification.Trial> trials =
        result.verified() == null ? List.of() : result.verified().trials();
    List<List<Verification.Trial>> groups =
        groups(trials, trial -> Optional.ofNullable(trial.function()));
    Table table =
        Table.create(
            "Verification",
            texts("function", groups, own -> function(own.get(0), result)),
            texts("listed for", groups, own -> own.get(0).origin()),
            texts(
                "losses",
                groups,
                own ->
                    own.stream()
                        .map(trial -> Double.toString(round(trial.score().loss(), 4)))
                        .collect(Collectors.joining(", "))),
            numbers("mean", groups, 4, own -> mean(own.stream(), t -> t.score().loss())));
    return trials.stream().anyMatch(trial -> Double.isNaN(trial.score().accuracy()))
        ? table
        : table.addColumns(
            numbers(
                "accuracy, %",
                groups, 2, own -> 100 * mean(own.stream(), t -> t.score().accuracy())));
  }

  private static String function(Verification.Trial trial, SearchResult result) {
    return trial.function() == null ? "the default" : result.space().parse(trial.function()).text();
  }

  private static <T> double mean(Stream<T> rows, ToDoubleFunction<T> number) {
    return rows.mapToDouble(number).average().orElse(Double.NaN);
  }

  /** {@return the number of candidate operations of each edge and vertex, with spaces between} */
  private static String left(Candidates candidates) {
    return candidates.places().stream()
        .map(place -> Integer.toString(place.size()))
        .collect(Collectors.joining(" "));
  }

  /**
   * Makes a table of test accuracies.
   *
   * @param runs trainings of one network on one data set
   * @return one row per activation, in order of first appearance: its name, with the number of
   *     trainings that diverged if any did; the accuracy of each seed after the last epoch, their
   *     mean and (with two seeds or more) their standard deviation, in percent. A cell is empty if
   *     the activation was not trained with the seed, or if the training diverged; if one diverged,
   *     mean and standard deviation are empty too
   */
  public static Table accuracies(List<Experiment.Run> runs) {
    return bySeed("Test accuracy, %", runs, run -> 100 * run.accuracy(), 2);
  }

  /**
   * Makes a table of test losses.
   *
   * @param runs trainings of one network on one data set
   * @return the same columns as {@link #accuracies}, with the loss in nats per example (for texts,
   *     per token) in place of the accuracy
   */
  public static Table losses(List<Experiment.Run> runs) {
    return bySeed("Test loss, nats", runs, run -> run.test().loss(), 4);
  }

  private static Table bySeed(
      String title, List<Experiment.Run> runs, ToDoubleFunction<Experiment.Run> value, int digits) {
    List<List<Experiment.Run>> rows = groups(runs, Experiment.Run::activation);
    List<Long> seeds = runs.stream().map(Experiment.Run::seed).distinct().sorted().toList();
    Table table = Table.create(title, texts("activation", rows, Tables::named));
    for (long seed : seeds) {
      table.addColumns(
          numbers(
              "seed " + seed,
              rows,
              digits,
              own -> mean(own.stream().filter(run -> run.seed() == seed), value)));
    }
    table.addColumns(numbers("mean", rows, digits, own -> mean(own.stream(), value)));
    if (seeds.size() > 1) {
      table.addColumns(
          numbers(
              "std",
              rows,
              digits,
              own ->
                  own.size() < 2
                      ? Double.NaN
                      : MathEx.sd(own.stream().mapToDouble(value).toArray())));
    }
    return table;
  }

  /** {@return the name of the activation of some trainings and how many of them diverged} */
  private static String named(List<Experiment.Run> own) {
    long diverged = own.stream().filter(Experiment.Run::diverged).count();
    return own.get(0).activation() + (diverged == 0 ? "" : ", %d diverged".formatted(diverged));
  }

  /**
   * Lists the parts of the paper's tables for which there is no training yet. The paper is arXiv
   * 2408.06820, whose experiments this project repeats.
   *
   * @param trainings the complete trainings of the results folder
   * @param scale the name of a scale (a set of hyperparameters), such as {@code quick}
   * @return a row for each pair of a network and a data set of the paper without a training at this
   *     scale: network, data set, and the command that runs such trainings
   */
  public static Table notRun(List<KeptTraining> trainings, String scale) {
    Set<Place> run =
        trainings.stream()
            .map(kept -> kept.header().config())
            .map(own -> new Place(own.model(), own.data(), own.scale().name()))
            .collect(Collectors.toSet());
    List<Place> missing =
        Stream.of(PaperModel.values())
            .flatMap(model -> model.family().data().stream().map(d -> new Place(model, d, scale)))
            .filter(place -> !run.contains(place))
            .toList();
    return Table.create(
        "Not run at " + scale,
        texts("network", missing, place -> place.model.title()),
        texts("data", missing, Place::data),
        texts("to run it", missing, Place::command));
  }

  /** The trainings of one network on one data set at one scale. */
  private record Place(PaperModel model, String data, String scale) {

    /**
     * {@return the command that runs these trainings} It runs others too. If the paper searches for
     * activations on this network and data set, the command runs these searches and the trainings
     * of this network on this data set. Otherwise it runs the trainings of all networks of the
     * family (such as ResNets) on all its data sets.
     */
    String command() {
      PaperModel.Family family = model.family();
      boolean searched = model == family.networks().get(0) && data.equals(family.data().get(0));
      return "environment/lab sweep %s%s --scale %s --data %s"
          .formatted(
              family.name().toLowerCase(Locale.ROOT),
              searched ? "" : "-tables",
              scale,
              searched ? data : String.join(",", family.data()));
    }
  }

  /**
   * {@return a value rounded to some decimals; unchanged if it is not finite or its absolute value
   * is 1e9 or more}
   */
  static double round(double value, int digits) {
    double unit = Math.pow(10, digits);
    return Math.abs(value) < 1e9 ? Math.round(value * unit) / unit : value;
  }
}
