package grafs.run;

import grafs.cell.CellSpace;
import grafs.cell.Place;
import grafs.data.PartFile;
import grafs.nas.SearchResult;
import grafs.train.Score;
import grafs.train.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tables of a run's epochs in CSV, {@code metrics.csv} and {@code alphas.csv}, for spreadsheets
 * and other programs; this library does not read them. A run is a training of a network, or a
 * search for an activation function. A search chooses an operation for each place of a formula.
 * Each operation in each place has a number α; the larger it is, the more weight the operation has.
 *
 * @param folder the folder of the run
 */
record EpochTables(Path folder) {

  /**
   * {@return a consumer of a training's epochs that rewrites {@code metrics.csv} after each epoch}
   */
  Consumer<Training.Epoch> ofTraining() {
    StringBuilder metrics =
        new StringBuilder("epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds\n");
    return epoch -> {
      append(metrics, epoch.epoch(), epoch.train(), epoch.test(), epoch.seconds());
      replace("metrics.csv", metrics);
    };
  }

  /**
   * {@return a consumer of a search's epochs that rewrites {@code metrics.csv} and {@code
   * alphas.csv} after each epoch} The columns {@code weights_…} have the scores on the examples
   * that train the network's weights, the columns {@code alpha_…} those on the examples that train
   * α. The columns {@code decided_…} have the scores, also on the examples that train α, of the
   * network with only the operation of largest α in each place. The column {@code kept} is false
   * once the search has dropped the operation.
   *
   * @param space the search space, which has the places and their operations
   */
  Consumer<SearchResult.Epoch> ofSearch(CellSpace space) {
    StringBuilder metrics =
        new StringBuilder(
            "epoch,weights_loss,weights_accuracy,alpha_loss,alpha_accuracy,seconds,decided_loss,decided_accuracy\n");
    StringBuilder alphas = new StringBuilder("epoch,place,operation,alpha,kept\n");
    List<Place> places = space.places();
    return e -> {
      append(metrics, e.epoch(), e.train(), e.validation(), e.seconds(), e.discrete());
      for (int p = 0; p < places.size(); p++) {
        for (int o = 0; o < places.get(p).candidates().size(); o++) {
          String operation = places.get(p).candidates().get(o).name();
          boolean kept = e.candidates().of(p).contains(o);
          append(alphas, e.epoch(), places.get(p).name(), operation, e.alpha()[p][o], kept);
        }
      }
      replace("metrics.csv", metrics);
      replace("alphas.csv", alphas);
    };
  }

  private void replace(String name, CharSequence text) {
    PartFile.writeAlone(folder.resolve(name), part -> Files.writeString(part, text));
  }

  /**
   * Appends a row to a table in CSV. A {@link Score} fills two columns, with its loss and its
   * accuracy.
   */
  private static void append(StringBuilder csv, Object... cells) {
    csv.append(
        Stream.of(cells)
            .map(c -> c instanceof Score score ? score.loss() + "," + score.accuracy() : "" + c)
            .collect(Collectors.joining(",", "", "\n")));
  }
}
