package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParallelBlock;
import grafs.cell.KnownActivation;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The places of a DJL network that hold an activation: found by what a block computes, not by what
 * it is called, so that lambdas and method references are found too. A block is an activation if it
 * has no parameters and no children, and maps every number by itself, not by an affine function.
 */
public final class ActivationSites {

  private static final float[] POINTS = points();

  private final Block network;
  private final List<Place> places = new ArrayList<>();
  private final List<String> hidden = new ArrayList<>();
  private final List<float[]> unknown = new ArrayList<>();

  /**
   * A place with an activation.
   *
   * @param path where it is: the names of the blocks on the way, such as {@code
   *     02SequentialBlock/03LambdaBlock}
   * @param name the known activation that it computes, such as {@code relu}; otherwise {@code
   *     unknown}, or {@code unknown 2} for another one
   * @param block the activation
   */
  public record Site(String path, String name, Block block) {}

  private record Place(Block parent, int index, Site site) {}

  private ActivationSites(Block network) {
    this.network = network;
  }

  /**
   * Looks for the activations of a network.
   *
   * @param network the network, initialised or not
   * @return its sites, perhaps none; a block that stands in several places is in each of them
   */
  public static ActivationSites in(Block network) {
    ActivationSites sites = new ActivationSites(network);
    try (NDManager manager = NDManager.newBaseManager()) {
      sites.walk(network, "", manager, new IdentityHashMap<>());
    }
    return sites;
  }

  private static float[] points() {
    float[] points = new float[41];
    for (int i = 0; i < points.length; i++) {
      points[i] = (i - 20) / 5f;
    }
    return points;
  }

  private void walk(Block parent, String path, NDManager manager, Map<Block, Boolean> seen) {
    if (seen.put(parent, true) != null) {
      return;
    }
    BlockList children = parent.getChildren();
    for (int i = 0; i < children.size(); i++) {
      Block child = children.valueAt(i);
      String own = path.isEmpty() ? children.keyAt(i) : path + "/" + children.keyAt(i);
      if (child.getChildren().isEmpty()
          && child.getDirectParameters().isEmpty()
          && isActivation(child, manager)) {
        places.add(new Place(parent, i, new Site(own, name(child, manager), child)));
      } else {
        walk(child, own, manager, seen);
      }
    }
    if (parent instanceof ParallelBlock parallel && activates(parallel, manager)) {
      hidden.add(
          (path.isEmpty() ? "the network itself" : path)
              + ", in the function that joins its branches");
    }
  }

  private static boolean isActivation(Block block, NDManager manager) {
    try {
      NDArray x = manager.create(POINTS);
      NDArray cube = x.get("1:").reshape(2, 4, 5);
      NDArray y = block.forward(null, new NDList(x.reshape(1, -1)), false).singletonOrThrow();
      NDArray again = block.forward(null, new NDList(cube), false).singletonOrThrow();
      // Each number by itself: in another shape, and beside others, it gives the same.
      return y.getShape().equals(new Shape(1, POINTS.length))
          && again.getShape().equals(cube.getShape())
          && Arrays.equals(
              Arrays.copyOfRange(y.toFloatArray(), 1, POINTS.length), again.toFloatArray())
          && bends(y.toFloatArray());
    } catch (RuntimeException | AssertionError e) {
      // It wants other inputs, as reshaping blocks do.
      return false;
    }
  }

  /** Whether values at evenly spaced points are not on a line. */
  private static boolean bends(float... y) {
    return IntStream.range(1, y.length - 1)
        .anyMatch(i -> Math.abs(y[i - 1] - 2 * y[i] + y[i + 1]) > 1e-4);
  }

  /** Whether the function of a parallel block bends one branch while the other is 0. */
  private static boolean activates(ParallelBlock parallel, NDManager manager) {
    try {
      Field field = ParallelBlock.class.getDeclaredField("function");
      field.setAccessible(true);
      @SuppressWarnings("unchecked")
      Function<List<NDList>, NDList> function =
          (Function<List<NDList>, NDList>) field.get(parallel);
      NDArray x = manager.create(POINTS).reshape(1, -1);
      List<NDList> branches = new ArrayList<>();
      for (int b = 0; b < parallel.getChildren().size(); b++) {
        branches.add(new NDList(b == 0 ? x : x.zerosLike()));
      }
      NDArray y = function.apply(branches).singletonOrThrow();
      return y.getShape().equals(x.getShape()) && bends(y.toFloatArray());
    } catch (ReflectiveOperationException | RuntimeException | AssertionError e) {
      return false;
    }
  }

  private String name(Block block, NDManager manager) {
    float[] own = values(block, manager);
    return Arrays.stream(KnownActivation.values())
        .filter(known -> known.function() != null && near(own, values(known)))
        .map(Activations::name)
        .findFirst()
        .orElseGet(() -> unknown(own));
  }

  /** Functions that are not known have a name each: two of one name are alike. */
  private String unknown(float... own) {
    int number = 0;
    while (number < unknown.size() && !near(own, unknown.get(number))) {
      number++;
    }
    if (number == unknown.size()) {
      unknown.add(own);
    }
    return number == 0 ? "unknown" : "unknown " + (number + 1);
  }

  private static float[] values(Block block, NDManager manager) {
    return block.forward(null, new NDList(manager.create(POINTS)), false).head().toFloatArray();
  }

  private static float[] values(KnownActivation known) {
    double[] x = IntStream.range(0, POINTS.length).mapToDouble(i -> POINTS[i]).toArray();
    double[] y = known.function().values(x);
    float[] values = new float[y.length];
    for (int i = 0; i < y.length; i++) {
      values[i] = (float) y[i];
    }
    return values;
  }

  private static boolean near(float[] a, float... b) {
    return IntStream.range(0, a.length).allMatch(i -> Math.abs(a[i] - b[i]) < 1e-5);
  }

  /** {@return the sites, in the order of the network's children} */
  public List<Site> sites() {
    return places.stream().map(Place::site).toList();
  }

  /**
   * {@return where the network has activations that cannot be replaced, in words; only a factory of
   * the network can put others there}
   */
  public List<String> hidden() {
    return List.copyOf(hidden);
  }

  /**
   * Replaces activations. A block that stands in several places is replaced by one block in all of
   * them.
   *
   * @param others makes the block for a site; null leaves it as it was at first
   * @throws IllegalArgumentException if a parent's own code keeps hold of the activation; the
   *     message names it
   */
  public void replace(Function<Site, Block> others) {
    Map<Block, Block> made = new IdentityHashMap<>();
    for (Place place : places) {
      Block other =
          made.computeIfAbsent(
              place.site().block(),
              block -> {
                Block own = others.apply(place.site());
                return own == null ? block : own;
              });
      set(place, other);
    }
  }

  /** Puts all activations back. */
  public void restore() {
    replace(site -> null);
  }

  /** In the list of children, and wherever the parent holds the block beside it. */
  private static void set(Place place, Block other) {
    Block parent = place.parent();
    try {
      Field children = AbstractBlock.class.getDeclaredField("children");
      children.setAccessible(true);
      List<Block> list = ((BlockList) children.get(parent)).values();
      Block before = list.set(place.index(), other);
      for (Class<?> type = parent.getClass();
          type != AbstractBlock.class;
          type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
            continue;
          }
          field.setAccessible(true);
          if (field.get(parent) == before) {
            field.set(parent, other);
          }
        }
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalArgumentException(
          "the activation at %s cannot be replaced, since %s holds it in its own way (%s): give a factory that builds the network with a given activation instead"
              .formatted(place.site().path(), parent.getClass().getSimpleName(), e),
          e);
    }
  }

  @Override
  public String toString() {
    return "%d activations of %s".formatted(places.size(), network.getClass().getSimpleName());
  }
}
