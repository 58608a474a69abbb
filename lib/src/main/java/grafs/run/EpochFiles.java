package grafs.run;

import grafs.cell.CellSpace;
import grafs.cell.Place;
import grafs.nas.SearchResult;
import grafs.train.Score;
import grafs.train.Training;
import java.nio.file.Path;
import java.util.List;

/**
 * What a run's folder tells of its epochs, for spreadsheets and other programs. Each file is
 * written anew after every epoch, and moved into place: no reader sees half a row.
 */
final class EpochFiles {

  private EpochFiles() {}

  /** Writes {@code metrics.csv} of a training. */
  static void training(Path folder, List<Training.Epoch> epochs) {
    StringBuilder csv =
        new StringBuilder("epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds\n");
    epochs.forEach(e -> csv.append(row(e.epoch(), e.train(), e.test(), e.seconds())));
    JsonFile.replace(folder.resolve("metrics.csv"), csv.toString());
  }

  /** Writes {@code metrics.csv} and {@code alphas.csv} of a search. */
  static void search(Path folder, CellSpace space, List<SearchResult.Epoch> epochs) {
    StringBuilder metrics =
        new StringBuilder(
            "epoch,weights_loss,weights_accuracy,alpha_loss,alpha_accuracy,seconds,decided_loss,decided_accuracy\n");
    StringBuilder alphas = new StringBuilder("epoch,place,operation,alpha,kept\n");
    List<Place> places = space.places();
    for (SearchResult.Epoch e : epochs) {
      metrics.append(row(e.epoch(), e.train(), e.validation(), e.seconds()).stripTrailing());
      metrics.append(',').append(e.discrete().loss());
      metrics.append(',').append(e.discrete().accuracy()).append('\n');
      for (int p = 0; p < places.size(); p++) {
        for (int o = 0; o < places.get(p).candidates().size(); o++) {
          alphas.append(e.epoch()).append(',').append(places.get(p).name()).append(',');
          alphas.append(places.get(p).candidates().get(o).name()).append(',');
          alphas.append(e.alpha()[p][o]).append(',');
          alphas.append(e.candidates().of(p).contains(o)).append('\n');
        }
      }
    }
    JsonFile.replace(folder.resolve("metrics.csv"), metrics.toString());
    JsonFile.replace(folder.resolve("alphas.csv"), alphas.toString());
  }

  private static String row(int epoch, Score first, Score second, double seconds) {
    return epoch
        + ","
        + first.loss()
        + ","
        + first.accuracy()
        + ","
        + second.loss()
        + ","
        + second.accuracy()
        + ","
        + seconds
        + "\n";
  }
}
