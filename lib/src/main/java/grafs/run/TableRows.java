package grafs.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.Batchifier;
import ai.djl.util.Progress;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;

/**
 * Rows of numbers with a label each, as a DJL data set. They lie in Java's memory, so nothing is to
 * be closed; a batch owns its tensors.
 */
final class TableRows extends RandomAccessDataset {

  private final float[][] x;
  private final float[] labels;
  private final boolean classes;

  /** DJL makes data sets by builders. */
  private static final class Builder extends BaseBuilder<Builder> {
    @Override
    protected Builder self() {
      return this;
    }
  }

  /**
   * Takes rows.
   *
   * @param x the inputs, {@code [row][input]}
   * @param labels the label of each row
   * @param classes whether labels are classes, {@code [batch]}, or numbers, {@code [batch, 1]}
   */
  TableRows(float[][] x, float[] labels, boolean classes) {
    // Who takes batches from these rows says in which order.
    super(new Builder().setSampling(Math.min(32, labels.length), false));
    this.x = x;
    this.labels = labels;
    this.classes = classes;
  }

  @Override
  public void prepare(Progress progress) {
    // All is there.
  }

  @Override
  protected long availableSize() {
    return labels.length;
  }

  @Override
  public Record get(NDManager manager, long row) {
    int i = (int) row;
    NDArray label = classes ? manager.create(labels[i]) : manager.create(new float[] {labels[i]});
    return new Record(new NDList(manager.create(x[i])), new NDList(label));
  }

  @Override
  public Iterable<Batch> getData(NDManager manager, Sampler order) {
    return () -> {
      Iterator<List<Long>> turns = order.sample(this);
      return new Iterator<>() {
        private long done;

        @Override
        public boolean hasNext() {
          return turns.hasNext();
        }

        @Override
        public Batch next() {
          List<Long> rows = turns.next();
          done += rows.size();
          return batch(manager.newSubManager(), rows, done);
        }
      };
    };
  }

  @Override
  public Iterable<Batch> getData(NDManager manager, Sampler order, ExecutorService threads) {
    return getData(manager, order);
  }

  private Batch batch(NDManager manager, List<Long> rows, long done) {
    float[] inputs = new float[rows.size() * x[0].length];
    float[] own = new float[rows.size()];
    for (int i = 0; i < own.length; i++) {
      int row = rows.get(i).intValue();
      System.arraycopy(x[row], 0, inputs, i * x[row].length, x[row].length);
      own[i] = labels[row];
    }
    Shape shape = classes ? new Shape(own.length) : new Shape(own.length, 1);
    return new Batch(
        manager,
        new NDList(manager.create(inputs, new Shape(own.length, x[0].length))),
        new NDList(manager.create(own, shape)),
        own.length,
        Batchifier.STACK,
        Batchifier.STACK,
        done,
        size());
  }
}
