package grafs.sweep;

import grafs.cell.CellSpace;
import grafs.run.Experiment;
import grafs.run.PaperModel;
import grafs.run.Scale;
import grafs.run.TaskSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The paper's experiments with one family of networks (arXiv 2408.06820, section 4) as a {@link
 * Sweep}, a list of searches for activation functions and of trainings. Each of these runs is
 * called a trial. The searches use the family's first network and the first data set. Each network
 * is trained on each data set with each found function and with each baseline, a known activation
 * such as GELU, all with the same seeds. The notebook 04_paper_tables shows the results as the
 * paper's tables, and tests the paper's claims on them.
 *
 * @param family the family of networks
 * @param transfers whether the sweep also trains the family's larger networks, and trains on
 *     further data sets; otherwise the sweep has only the network and the data set that the
 *     searches use
 */
public record PaperSweep(PaperModel.Family family, boolean transfers) {

  /** The end of a sweep's name if {@code transfers} is true. */
  private static final String TABLES = "-tables";

  /**
   * Looks up a sweep by its name.
   *
   * @param name {@code resnet}, {@code vit} or {@code gpt} for a sweep without {@code transfers};
   *     {@code resnet-tables}, {@code vit-tables} or {@code gpt-tables} for a sweep with {@code
   *     transfers}
   * @return the sweep
   * @throws IllegalArgumentException if there is no sweep of that name
   */
  public static PaperSweep of(String name) {
    return Stream.of(PaperModel.Family.values())
        .map(family -> new PaperSweep(family, name.endsWith(TABLES)))
        .filter(sweep -> sweep.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no sweep '%s'; the sweeps are resnet, vit and gpt, and each of them with %s"
                        .formatted(name, TABLES)));
  }

  /** {@return the name by which {@link #of} finds this sweep} */
  public String name() {
    return family.name().toLowerCase(Locale.ROOT) + (transfers ? TABLES : "");
  }

  /**
   * Returns the data sets of this sweep if the user names none.
   *
   * @param scale the size of the experiments: {@code smoke}, {@code quick} or {@code paper}
   * @return the names of the data sets. At the scale {@code paper}, these are the paper's data sets
   *     with {@code transfers}, and the first of them without. At other scales it is {@code
   *     toy-stories} for GPTs, and {@code fashion-mnist} for other networks
   */
  public List<String> data(String scale) {
    List<String> data =
        scale.equals("paper")
            ? family.data()
            : List.of(family == PaperModel.Family.GPT ? "toy-stories" : "fashion-mnist");
    return transfers ? data : data.subList(0, 1);
  }

  /**
   * Loads the data and creates the sweep.
   *
   * @param scale the size of the experiments: {@code smoke}, {@code quick} or {@code paper}
   * @param data the data sets, each one as a data set's name, the path of a folder of images, or
   *     the path of a text file; exactly one without {@code transfers}; the searches use the first
   *     one
   * @param seeds the number of searches, and of trainings of each network on each data set with
   *     each activation
   * @param retries the number of further attempts for a trial that fails
   * @return the sweep
   * @throws IllegalArgumentException if there is no scale of that name, if {@code seeds} is less
   *     than 1, if {@code data} is empty, or if it has several elements without {@code transfers}
   * @throws grafs.data.DataException if data are missing; the message says which files to put where
   */
  public Sweep at(String scale, List<String> data, int seeds, int retries) {
    if (data.isEmpty() || !transfers && data.size() > 1) {
      throw new IllegalArgumentException(
          "%s takes one data set, not %d; %s takes several"
              .formatted(name(), data.size(), new PaperSweep(family, true).name()));
    }
    if (seeds < 1) {
      throw new IllegalArgumentException("a sweep has at least one seed, not " + seeds);
    }
    Scale numbers = Scale.of(family, scale);
    List<PaperModel> networks =
        family.networks().subList(0, transfers ? family.networks().size() : 1);
    List<Trial> trials = new ArrayList<>();
    List<Trial> searches = new ArrayList<>();
    for (String each : data) {
      TaskSource source = TaskSource.of(family, scale, each);
      Experiment first = new Experiment(networks.get(0), source.load(), numbers);
      if (searches.isEmpty()) {
        searches.addAll(Trial.seeds(first, source, new Trial.Search(CellSpace.paper()), seeds));
      }
      List<Trial.Work> works = new ArrayList<>();
      family.activations().forEach(name -> works.add(Trial.Given.known(name)));
      searches.forEach(search -> works.add(new Trial.Found(search)));
      for (PaperModel network : networks) {
        works.forEach(w -> trials.addAll(Trial.seeds(first.with(network), source, w, seeds)));
      }
    }
    trials.addAll(searches);
    return new Sweep(name() + " at " + scale, trials, retries);
  }
}
