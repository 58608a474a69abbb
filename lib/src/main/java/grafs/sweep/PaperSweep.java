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
 * The paper's experiments with a family of networks (arXiv 2408.06820, section 4) as a sweep, which
 * fills the tables and answers the claims of notebook 04: searches on the first network and the
 * first data set; trainings with each baseline and with each function found, the same seeds for
 * all.
 *
 * @param family the family
 * @param transfers whether there are trainings of the larger networks and on the other data too
 */
public record PaperSweep(PaperModel.Family family, boolean transfers) {

  private static final String TABLES = "-tables";

  /**
   * Looks up a sweep.
   *
   * @param name {@code resnet}, {@code vit} or {@code gpt} for the network and the data that are
   *     searched on; {@code resnet-tables} and so on for all networks and data
   * @return the sweep
   * @throws IllegalArgumentException if there is none of that name
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

  /** {@return its name} */
  public String name() {
    return family.name().toLowerCase(Locale.ROOT) + (transfers ? TABLES : "");
  }

  /**
   * Returns the default data sets.
   *
   * @param scale the scale's name
   * @return at {@code paper} the paper's data sets, otherwise the notebooks' data set
   */
  public List<String> data(String scale) {
    List<String> data =
        scale.equals("paper")
            ? family.data()
            : List.of(family == PaperModel.Family.GPT ? "toy-stories" : "fashion-mnist");
    return transfers ? data : data.subList(0, 1);
  }

  /**
   * Makes the sweep, and loads its data.
   *
   * @param scale the scale's name
   * @param data data sets, folders or files; the first one is searched on; exactly one without
   *     transfers
   * @param seeds how many searches there are, and trainings of each network with each activation
   * @param retries the number of further attempts for a trial that fails
   * @return the sweep
   * @throws IllegalArgumentException if there is no such scale, no seed, or the number of data sets
   *     is wrong
   * @throws grafs.data.DataException if data are missing; the message says what to put where
   */
  public Sweep at(String scale, List<String> data, int seeds, int retries) {
    if (data.isEmpty() || !transfers && data.size() > 1) {
      throw new IllegalArgumentException(
          "%s is on one data set, not %d; %s is on several"
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
