package grafs.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.util.List;

/**
 * Rows of a {@link TableData} as a DJL data set. The numbers are kept in Java arrays, so nothing
 * has to be closed; a batch owns its tensors. A batch has inputs {@code [batch, inputs]} and labels
 * {@code [batch]}, or {@code [batch, 1]} if the labels are quantities, all float32.
 */
final class TableRows extends RandomAccessDataset {

  private final float[][] x;
  private final float[] labels;
  private final boolean classes;

  /** Exists only because the constructor of DJL's data sets takes their settings from a builder. */
  private static final class Builder extends BaseBuilder<Builder> {
    @Override
    protected Builder self() {
      return this;
    }
  }

  /**
   * Copies rows of a table.
   *
   * @param inputs the values of each input, for all rows of the table
   * @param labels the label of each row of the table: the index of a class, or a quantity
   * @param rows which rows of the table to copy
   * @param classes whether labels are indices of classes
   */
  TableRows(List<double[]> inputs, double[] labels, List<Integer> rows, boolean classes) {
    // DJL requires a batch size and an order; code that takes batches of these rows sets its own.
    super(new Builder().setSampling(Math.min(32, rows.size()), false));
    this.x = new float[rows.size()][inputs.size()];
    this.labels = new float[rows.size()];
    this.classes = classes;
    for (int i = 0; i < x.length; i++) {
      for (int c = 0; c < inputs.size(); c++) {
        x[i][c] = (float) inputs.get(c)[rows.get(i)];
      }
      this.labels[i] = (float) labels[rows.get(i)];
    }
  }

  @Override
  public void prepare(Progress progress) {
    // The rows are in memory already.
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
}
