package grafs.run;

import grafs.cell.Operation;
import grafs.cell.Place;
import grafs.data.ProjectHome;
import grafs.nas.SearchResult;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * A complete search that a {@link RunStore} keeps. In a search, the activation is a cell: a formula
 * that mixes several operations at each of its places. Each operation at each place has a number α;
 * the larger it is, the larger is the operation's weight in the mixture.
 *
 * @param folder the folder with the search's files
 * @param header the search's configuration and provenance, which is the software, device and time
 * @param result the search's result
 */
public record KeptSearch(Path folder, RunStore.Header header, SearchResult result) {

  /** {@return a title that tells this search from others: network, data set and seed} */
  public String title() {
    RunConfig config = header.config();
    return "%s, %s, seed %d".formatted(config.model(), config.data(), config.seed());
  }

  /**
   * {@return a table of the search with one row for each epoch, place of the cell and operation: α
   * after the epoch, and the weight with which the operation is mixed in at this α. The weight is
   * the mean over draws if the search draws weights at random, and 0 after the search has dropped
   * the operation}
   */
  public Table alphas() {
    return alphas(result);
  }

  /**
   * Makes the table of {@link #alphas()} for a search that no store keeps.
   *
   * @param result the result of the search
   * @return the table
   */
  public static Table alphas(SearchResult result) {
    IntColumn epoch = IntColumn.create("epoch");
    StringColumn place = StringColumn.create("place");
    StringColumn operation = StringColumn.create("operation");
    DoubleColumn alpha = DoubleColumn.create("α");
    DoubleColumn weight = DoubleColumn.create("weight");
    List<Place> places = result.space().places();
    List<double[][]> weights = IntStream.range(0, places.size()).mapToObj(result::weights).toList();
    for (int t = 1; t <= result.epochs().size(); t++) {
      for (int p = 0; p < places.size(); p++) {
        List<Operation> candidates = places.get(p).candidates();
        for (int o = 0; o < candidates.size(); o++) {
          double own = weights.get(p)[o][t];
          epoch.append(t);
          place.append(places.get(p).name());
          operation.append(candidates.get(o).name());
          alpha.append(result.epochs().get(t - 1).alpha()[p][o]);
          weight.append(Double.isNaN(own) ? 0 : own);
        }
      }
    }
    return Table.create("α", epoch, place, operation, alpha, weight);
  }

  @Override
  public String toString() {
    return "%s, %s: search%n%s%n%s"
        .formatted(title(), header.config().scale().name(), result, ProjectHome.shortened(folder));
  }

  /**
   * Reads a search from its folder.
   *
   * @throws IllegalArgumentException if the run is a training, if its search space has operations
   *     of the user's own, which cannot be made again, or if a file is damaged
   */
  static KeptSearch read(RunFolder folder) {
    RunStore.Header header = folder.header(true);
    SearchResult result = folder.search(header.config().space().toSpace());
    return new KeptSearch(folder.path(), header, result);
  }
}
