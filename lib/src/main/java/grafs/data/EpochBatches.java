package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The batches of one epoch, each made when it is asked for. */
final class EpochBatches implements Iterator<Batch> {

  private final NDManager manager;
  private final BatchMaker maker;
  private final int batches;
  private final int batchSize;
  private final int examples;
  private int next;

  /**
   * Begins an epoch.
   *
   * @param manager the parent of each batch's own manager
   * @param maker makes the batches; closed with the last one
   * @param batches how many
   * @param batchSize the examples of a batch
   * @param examples the examples there are: the last batch may have fewer than the others
   */
  EpochBatches(NDManager manager, BatchMaker maker, int batches, int batchSize, int examples) {
    this.manager = manager;
    this.maker = maker;
    this.batches = batches;
    this.batchSize = batchSize;
    this.examples = examples;
  }

  @Override
  public boolean hasNext() {
    return next < batches;
  }

  @Override
  public Batch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("This epoch had " + next + " batches");
    }
    int from = next * batchSize;
    int size = Math.min(batchSize, examples - from);
    next++;
    NDManager own = manager.newSubManager();
    NDList made = maker.batch(own, from, size);
    if (!hasNext()) {
      maker.close();
    }
    return new Batch(
        own,
        new NDList(made.get(0)),
        new NDList(made.get(1)),
        size,
        Batchifier.STACK,
        Batchifier.STACK,
        next,
        batches);
  }
}
