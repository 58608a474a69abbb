package grafs.run;

import ai.djl.nn.Block;
import ai.djl.training.dataset.RandomAccessDataset;
import grafs.cell.Expression;
import grafs.model.ActivationSites.Site;
import grafs.nas.SearchResult;
import java.util.List;
import java.util.Locale;
import tech.tablesaw.api.Table;

/** The result of a search in a user's own network. */
public final class FoundActivation {

  private final Block block;
  private final SearchResult search;
  private final PairedTraining training;

  /** The choice of the learning rate at which the search was run; null if it was given. */
  private final PairedTraining.Rates rates;

  FoundActivation(
      Block block, SearchResult search, PairedTraining training, PairedTraining.Rates rates) {
    this.block = block;
    this.search = search;
    this.training = training;
    this.rates = rates;
  }

  /**
   * {@return the function; the best one of the search where it {@linkplain SearchResult#keptDefault
   * kept} an activation that is not a known one}
   */
  public Expression function() {
    return search().found();
  }

  /** {@return how it was found} */
  public SearchResult search() {
    return search;
  }

  /**
   * {@return the network with the function in place of its activations, or with these if the search
   * {@linkplain SearchResult#keptDefault kept} them: the block that was given, with the weights it
   * had, or a fresh one of the factory}
   */
  public Block block() {
    return block;
  }

  /** {@return where the function was put; empty for a factory} */
  public List<Site> replaced() {
    return training.network().replaced();
  }

  /** {@return a description of each activation that could not be replaced} */
  public List<String> hidden() {
    return training.network().hidden();
  }

  /**
   * Compares the function with the activation that it replaced, on rows that no choice was made on.
   * Both networks are trained from scratch on three quarters of the rows that the search was run
   * on, for as many epochs as the search had and with its optimizer. The learning rate of each
   * network is chosen on the last quarter of those rows: the search's rate, a third of it and three
   * times it are tried, and the next one beyond while the lowest or the highest one is best, within
   * a factor of 27 of the search's rate for both networks. Rates at which the search has tried the
   * network as it was are not tried again. With its best rate each network is trained once per seed
   * and scored on the rows given here; a seed gives both networks the same initial weights and the
   * same order of rows.
   *
   * <p>The interval and p say how sure the difference is over seeds, for these training rows and
   * these test rows. Afterwards the network has the activations and weights that it had. The
   * trainings initialise all weights anew except frozen ones.
   *
   * @param test rows that the search has not seen
   * @param seeds the seeds, at least one, each once; use five or more for a meaningful interval
   * @return the comparison
   * @throws IllegalArgumentException if the rows are those that the search was run on, or do not
   *     fit the network and the loss, or a seed comes twice
   */
  public FoundComparison compare(RandomAccessDataset test, long... seeds) {
    return training.compare(search, rates, test, seeds);
  }

  /**
   * {@return one row per epoch, place and operation, with α and the weight; the weight of a dropped
   * operation is 0}
   */
  public Table alphas() {
    return KeptSearch.alphas(search());
  }

  @Override
  public String toString() {
    int places = replaced().size();
    String standard = training.network().standardName();
    String where = places == 0 ? "" : places == 1 ? " at 1 place" : " at " + places + " places";
    String text = "%s%nin place of %s%s".formatted(search, standard, where);
    return rates == null
        ? text
        : String.format(
            Locale.ROOT,
            "%s%nat learning rate %.2g, the best for %s of %.2g to %.2g",
            text,
            rates.best(),
            standard,
            rates.lowest(),
            rates.highest());
  }
}
