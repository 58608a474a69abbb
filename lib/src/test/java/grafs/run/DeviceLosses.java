package grafs.run;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.data.BatchSource;
import grafs.data.ImageDataset;
import grafs.data.TextDataset;
import grafs.model.Activations;
import grafs.nas.Relaxation;
import grafs.nas.Search;
import grafs.nas.SearchResult;
import grafs.nas.SearchSettings;
import grafs.nas.SearchSettings.Technique;
import grafs.train.Learner;
import grafs.train.OptimizerSettings;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import java.util.List;

/**
 * A program that prints the losses in the first steps of a search for an activation function, with
 * the hyperparameters of the scale {@code smoke}, which are for tests. {@link DeviceAgreementTest}
 * runs it once for each device, since a process computes on one device only.
 */
final class DeviceLosses {

  private DeviceLosses() {}

  /**
   * Ends each epoch after its first batch, so that the score of an epoch is the loss of one batch.
   */
  private record Single(BatchSource all) implements BatchSource {
    @Override
    public int batchesPerEpoch() {
      return 1;
    }

    @Override
    public Iterable<Batch> epoch(NDManager manager, int epoch) {
      return () -> List.of(all.epoch(manager, epoch).iterator().next()).iterator();
    }
  }

  /**
   * Prints the device and then, for each step, the loss of the pass that trains the weights and the
   * loss of the pass that trains α, the parameters by which a search chooses operations.
   *
   * @param arguments the name of the {@link PaperModel}, the number of steps, and the relaxation,
   *     which is how the search mixes operations: {@code SOFTMAX} or {@code DRNAS}
   */
  public static void main(String[] arguments) {
    Experiment experiment = experiment(PaperModel.valueOf(arguments[0]));
    SearchSettings smoke = experiment.scale().search();
    SearchSettings settings =
        smoke
            .epochs(Integer.parseInt(arguments[1]))
            .without(Technique.SHRINKING)
            .relaxation(arguments[2].equals("SOFTMAX") ? Relaxation.SOFTMAX : Relaxation.DRNAS)
            // The rate is low, since Adam changes α by about the whole rate even where a gradient
            // is so small that rounding decides its sign.
            .alphaLearningRate(1e-4)
            .weights(slow(smoke.weights()));
    Task.Parts parts = experiment.task().parts(experiment.scale(), 1);
    Block standard = Activations.of(experiment.model().family().standard()).get();
    Cells cells = new Cells(CellSpace.paper(), standard);
    try (Learner learner =
        new Learner(
            experiment.model().network(experiment.task(), experiment.scale(), cells),
            Loss.softmaxCrossEntropyLoss(),
            experiment.task().input(experiment.scale()),
            1)) {
      System.out.println("device " + learner.manager().getDevice());
      SearchResult result =
          new Search(settings, cells, learner, Progress.Listener.NONE)
              .run(new Single(parts.weights()), new Single(parts.alpha()), 1);
      for (SearchResult.Epoch epoch : result.epochs()) {
        System.out.println("loss " + epoch.train().loss());
        System.out.println("loss " + epoch.validation().loss());
      }
    }
  }

  /**
   * Divides the learning rate by 100 if the optimizer is SGD, as for ResNet. At the rate of {@code
   * smoke}, ResNet's steps amplify rounding errors too much, even on one device: with one thread
   * and with two threads, losses of 20 steps differ by hundredths.
   */
  private static OptimizerSettings slow(OptimizerSettings weights) {
    return weights instanceof SgdSettings sgd
        ? new SgdSettings(0.01 * sgd.learningRate(), sgd.momentum(), sgd.weightDecay(), sgd.decay())
        : weights;
  }

  private static Experiment experiment(PaperModel model) {
    return switch (model.family()) {
      case RESNET ->
          Experiment.of(model, ImageDataset.load("fashion-mnist"), Scale.resnet("smoke"));
      case VIT -> Experiment.of(model, ImageDataset.load("fashion-mnist"), Scale.vit("smoke"));
      case GPT ->
          Experiment.of(model, TextDataset.characters("toy-stories"), 64, Scale.gpt("smoke"));
    };
  }
}
