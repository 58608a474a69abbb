package grafs.run;

import grafs.cell.CellSpace;
import grafs.cell.Place;
import grafs.nas.SearchResult;
import grafs.train.Score;
import grafs.train.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run's folder tells of its epochs, for spreadsheets and other programs. Each file is
 * written anew after every epoch, and moved into place: no reader sees half a row.
 */
final class EpochFiles {

  private EpochFiles() {}

  /** {@return what writes the files after each epoch of a training} */
  static Consumer<Training.Epoch> ofTraining(Path folder) {
    List<Training.Epoch> epochs = new ArrayList<>();
    return epoch -> {
      epochs.add(epoch);
      training(folder, epochs);
    };
  }

  /** {@return what writes the files after each epoch of a search} */
  static Consumer<SearchResult.Epoch> ofSearch(Path folder, CellSpace space) {
    List<SearchResult.Epoch> epochs = new ArrayList<>();
    return epoch -> {
      epochs.add(epoch);
      search(folder, space, epochs);
    };
  }

  /** Writes {@code metrics.csv} of a training. */
  private static void training(Path folder, List<Training.Epoch> epochs) {
    StringBuilder csv =
        new StringBuilder("epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds\n");
    epochs.forEach(e -> append(csv, row(e.epoch(), e.train(), e.test(), e.seconds())));
    JsonFile.replace(folder.resolve("metrics.csv"), csv.toString());
  }

  /** Writes {@code metrics.csv} and {@code alphas.csv} of a search. */
  private static void search(Path folder, CellSpace space, List<SearchResult.Epoch> epochs) {
    StringBuilder metrics =
        new StringBuilder(
            "epoch,weights_loss,weights_accuracy,alpha_loss,alpha_accuracy,seconds,decided_loss,decided_accuracy\n");
    StringBuilder alphas = new StringBuilder("epoch,place,operation,alpha,kept\n");
    List<Place> places = space.places();
    for (SearchResult.Epoch e : epochs) {
      String row = row(e.epoch(), e.train(), e.validation(), e.seconds());
      append(metrics, row, e.discrete().loss(), e.discrete().accuracy());
      for (int p = 0; p < places.size(); p++) {
        for (int o = 0; o < places.get(p).candidates().size(); o++) {
          String operation = places.get(p).candidates().get(o).name();
          boolean kept = e.candidates().of(p).contains(o);
          append(alphas, e.epoch(), places.get(p).name(), operation, e.alpha()[p][o], kept);
        }
      }
    }
    JsonFile.replace(folder.resolve("metrics.csv"), metrics.toString());
    JsonFile.replace(folder.resolve("alphas.csv"), alphas.toString());
  }

  private static String row(int epoch, Score one, Score other, double seconds) {
    return row(epoch, one.loss(), one.accuracy(), other.loss(), other.accuracy(), seconds);
  }

  private static String row(Object... values) {
    return Stream.of(values).map(String::valueOf).collect(Collectors.joining(","));
  }

  private static void append(StringBuilder csv, Object... values) {
    csv.append(row(values)).append('\n');
  }
}
