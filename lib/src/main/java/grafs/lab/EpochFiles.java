package grafs.lab;

import grafs.cell.CellSpace;
import grafs.search.SearchResult;
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
            "epoch,weights_loss,weights_accuracy,alpha_loss,alpha_accuracy,seconds\n");
    StringBuilder alphas = new StringBuilder("epoch,place,operation,alpha,kept\n");
    List<String> unary = space.operations().unary().stream().map(op -> op.name()).toList();
    List<String> binary = space.operations().binary().stream().map(op -> op.name()).toList();
    for (SearchResult.Epoch e : epochs) {
      metrics.append(row(e.epoch(), e.train(), e.validation(), e.seconds()));
      alphas(alphas, e.epoch(), "u", unary, e.alpha().unary(), e.candidates().unary());
      alphas(alphas, e.epoch(), "b", binary, e.alpha().binary(), e.candidates().binary());
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

  private static void alphas(
      StringBuilder csv,
      int epoch,
      String kind,
      List<String> names,
      float[][] alpha,
      List<List<Integer>> kept) {
    for (int place = 0; place < alpha.length; place++) {
      for (int o = 0; o < names.size(); o++) {
        csv.append(epoch).append(',').append(kind).append(place + 1).append(',');
        csv.append(names.get(o)).append(',').append(alpha[place][o]).append(',');
        csv.append(kept.get(place).contains(o)).append('\n');
      }
    }
  }
}
