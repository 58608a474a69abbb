package grafs.run;

import ai.djl.nn.Block;
import ai.djl.training.dataset.RandomAccessDataset;
import grafs.cell.Expression;
import grafs.model.ActivationSites.Site;
import grafs.nas.SearchResult;
import java.util.List;
import java.util.Locale;

/**
 * The result of {@link ActivationSearch#run}: the function that was found for the user's network,
 * the record of the search, and the network with the function. {@link #compare} tests whether the
 * function is better than the default activation, which is the one that the network had before the
 * search.
 *
 * <p>In the search, the activation is a cell: a formula that mixes several operations at each of
 * its places. Each operation at each place has a number α; the larger it is, the larger is the
 * operation's weight in the mixture. α is trained on one part of the data, the network's weights on
 * the other.
 */
public final class FoundActivation {

  private final Block block;
  private final SearchResult search;
  private final PairedTraining training;

  /**
   * The learning rates tried before the search, with their scores; null if the user set the rate.
   */
  private final PairedTraining.Rates rates;

  FoundActivation(
      Block block, SearchResult search, PairedTraining training, PairedTraining.Rates rates) {
    this.block = block;
    this.search = search;
    this.training = training;
    this.rates = rates;
  }

  /**
   * {@return the function; if the search {@linkplain SearchResult#keptDefault kept} the default
   * activation, the formula of the default activation, or, if its formula is not known, the best
   * function found}
   */
  public Expression function() {
    return search().found();
  }

  /**
   * {@return the record of the search; {@link KeptSearch#alphas(SearchResult)} makes a table of its
   * α}
   */
  public SearchResult search() {
    return search;
  }

  /**
   * {@return the network with the function in place of its activations, or with the default
   * activation if the search {@linkplain SearchResult#keptDefault kept} it. For {@link
   * ActivationSearch#in} this is the block that was given, with the weights it had before the
   * search; for {@link ActivationSearch#of}, a new network from the factory}
   */
  public Block block() {
    return block;
  }

  /**
   * {@return the places of the network whose activations the function replaces; empty for a network
   * that a factory builds}
   */
  public List<Site> replaced() {
    return training.network().replaced();
  }

  /**
   * {@return a description of each activation that was found in the network but cannot be replaced}
   */
  public List<String> hidden() {
    return training.network().hidden();
  }

  /**
   * Compares the function with the default activation, on rows that neither the search nor the
   * choice of a learning rate has used. A row is one example of a data set.
   *
   * <p>The network is trained from scratch with each of the two, for as many epochs as the search
   * had and with its optimizer, on the rows that trained the weights in the search (three quarters
   * by default). First a learning rate is chosen for each of the two, by the score on the rows that
   * trained α in the search. The first rates tried are r/3, r and 3r, where r is the rate of the
   * search. While the best rate is the lowest one tried, a third of that rate is tried; while the
   * best rate is the highest one tried, three times that rate is tried. The limits are r/27 and
   * 27r. Rates that were tried for the default activation before the search are not tried again.
   *
   * <p>Then the network is trained with each of the two activations once per seed, at the
   * activation's best rate, and scored on the rows given here. Trainings with the same seed have
   * the same initial weights and the same order of rows. The confidence interval and the p-value
   * take into account only that results vary with the seed. They do not describe how results would
   * vary with other training rows or test rows.
   *
   * <p>All weights are initialised anew for each training, except frozen ones. Afterwards the
   * network has the activations and weights that it had before the comparison.
   *
   * @param test rows that the search has not seen
   * @param seeds the seeds, at least one, each given once; five or more for a meaningful interval
   * @return the comparison
   * @throws IllegalArgumentException if the data set is the one that was searched on; if the rows
   *     do not fit the network and the loss; if there is no seed, or one is given twice
   */
  public FoundComparison compare(RandomAccessDataset test, long... seeds) {
    return training.compare(search, rates, test, seeds);
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
            "%s%nat learning rate %.2g, the best for %s of %s",
            text,
            rates.best(),
            standard,
            rates.range());
  }
}
