package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import java.util.Arrays;
import java.util.Random;

/**
 * The architecture parameters α of a search, shared by all cells of the network: one for every
 * unary operation on every edge and every binary operation on every vertex; and the candidates that
 * are still in play.
 */
public final class ArchitectureParameters implements AutoCloseable {

  /** What is subtracted from the α of dropped operations: softmax then gives them exactly 0. */
  private static final float DROPPED = 1e9f;

  private final NDManager manager;
  private final NDArray unary;
  private final NDArray binary;
  private final NDArray unaryMask;
  private final NDArray binaryMask;
  private Candidates candidates;

  /**
   * The values of α at one time.
   *
   * @param unary {@code [edges][|U|]}
   * @param binary {@code [vertices][|B|]}
   */
  public record Values(float[][] unary, float[][] binary) {}

  /**
   * Draws α from 1e-3·N(0, 1), as DARTS and DrNAS do.
   *
   * @param space the search space
   * @param manager the parent of the manager that owns α; they live on its device
   * @param seed the seed
   */
  public ArchitectureParameters(CellSpace space, NDManager manager, long seed) {
    this.manager = manager.newSubManager();
    Random random = new Random(seed);
    unary = draw(random, space.graph().edges(), space.operations().unary().size());
    binary = draw(random, space.graph().vertices(), space.operations().binary().size());
    unaryMask = this.manager.zeros(unary.getShape());
    binaryMask = this.manager.zeros(binary.getShape());
    candidates = Candidates.all(space);
  }

  private NDArray draw(Random random, int places, int operations) {
    float[] values = new float[places * operations];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1e-3f * (float) random.nextGaussian();
    }
    NDArray drawn = manager.create(values, new Shape(places, operations));
    drawn.setRequiresGradient(true);
    return drawn;
  }

  /** {@return both arrays of α, for an optimizer} */
  PairList<String, NDArray> arrays() {
    PairList<String, NDArray> arrays = new PairList<>();
    arrays.add("unary", unary);
    arrays.add("binary", binary);
    return arrays;
  }

  /** {@return whether the gradients that were left at α are finite} */
  boolean finiteGradient() {
    try (NDArray unaryGradient = unary.getGradient();
        NDArray binaryGradient = binary.getGradient()) {
      return Divergence.finite(unaryGradient) && Divergence.finite(binaryGradient);
    }
  }

  /** {@return α of the unary operations, {@code [edges, |U|]}} */
  NDArray unary() {
    return unary;
  }

  /** {@return α of the binary operations, {@code [vertices, |B|]}} */
  NDArray binary() {
    return binary;
  }

  /**
   * {@return 0 for candidates, a large negative number for dropped operations, {@code [edges,
   * |U|]}}
   */
  NDArray unaryMask() {
    return unaryMask;
  }

  /**
   * {@return 0 for candidates, a large negative number for dropped operations, {@code [vertices,
   * |B|]}}
   */
  NDArray binaryMask() {
    return binaryMask;
  }

  /** {@return the operations still in play} */
  public Candidates candidates() {
    return candidates;
  }

  /** {@return a copy of the values} */
  public Values values() {
    return new Values(rows(unary), rows(binary));
  }

  private static float[][] rows(NDArray matrix) {
    float[] flat = matrix.toFloatArray();
    int columns = (int) matrix.getShape().get(1);
    float[][] rows = new float[flat.length / columns][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = Arrays.copyOfRange(flat, r * columns, (r + 1) * columns);
    }
    return rows;
  }

  /**
   * Keeps autograd from following α, or lets it follow α again.
   *
   * @param frozen whether to hold α out
   */
  void freeze(boolean frozen) {
    unary.setRequiresGradient(!frozen);
    binary.setRequiresGradient(!frozen);
  }

  /** {@return whether autograd does not follow α} */
  boolean frozen() {
    return !unary.hasGradient();
  }

  /**
   * Keeps only some candidates.
   *
   * @param kept candidates among the present ones
   */
  void keep(Candidates kept) {
    candidates = kept;
    unaryMask.set(mask(kept.unary(), (int) unary.getShape().get(1)));
    binaryMask.set(mask(kept.binary(), (int) binary.getShape().get(1)));
  }

  private static float[] mask(java.util.List<java.util.List<Integer>> kept, int operations) {
    float[] mask = new float[kept.size() * operations];
    Arrays.fill(mask, -DROPPED);
    for (int place = 0; place < kept.size(); place++) {
      for (int operation : kept.get(place)) {
        mask[place * operations + operation] = 0;
      }
    }
    return mask;
  }

  @Override
  public void close() {
    manager.close();
  }
}
