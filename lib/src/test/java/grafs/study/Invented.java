package grafs.study;

import grafs.run.Experiment;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.RunStore;
import grafs.train.Score;
import grafs.train.Training;
import java.nio.file.Path;
import java.util.List;

/** Makes records of trainings that were never run, for tests of tables. */
final class Invented {

  private Invented() {}

  /**
   * {@return a training of one epoch; the path of its folder, which does not exist, is {@code
   * value} as text}
   *
   * @param value the test accuracy, or, for a GPT, the test loss; NaN if the training diverged
   */
  static KeptTraining training(RunConfig config, double value) {
    boolean text = config.model().family() == PaperModel.Family.GPT;
    Score test = new Score(text || Double.isNaN(value) ? value : 1, text ? Double.NaN : value, 10);
    List<Training.Epoch> epochs = List.of(new Training.Epoch(1, test, test, 1));
    return new KeptTraining(
        Path.of("" + value),
        new RunStore.Header(config, null, null),
        new Experiment.Run(config.activation(), config.seed(), epochs));
  }
}
