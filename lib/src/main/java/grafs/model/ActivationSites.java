package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParallelBlock;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Finds the activations of any DJL network, and replaces them by other blocks. {@code
 * grafs.run.ActivationSearch} uses it to search for an activation in a network that a user has
 * built.
 *
 * <p>Activations are recognised by computing them, not by their classes or names, so that lambdas
 * and method references are found too. A block is taken for an activation if it has no parameters
 * and no children, acts elementwise, and its function is not affine. A <em>site</em> is a place in
 * the tree of blocks where the child is an activation.
 */
public final class ActivationSites {

  /** The arguments, in ascending order, at which functions are computed to recognise them. */
  private static final float[] POINTS = points();

  private final Block network;
  private final List<Place> places = new ArrayList<>();

  /** See {@link #hidden()}. */
  private final List<String> hidden = new ArrayList<>();

  /**
   * The names of functions, by their values at {@link #POINTS}: first the known activations, then
   * the unknown ones that were found.
   */
  private final Map<float[], String> names = new LinkedHashMap<>();

  /** The number of different functions found that are no known activation. */
  private int unknown;

  /**
   * A place in the tree of blocks where the child is an activation.
   *
   * @param path DJL's names of the blocks from the network's child down to the activation, such as
   *     {@code 02SequentialBlock/03LambdaBlock}
   * @param name the known activation that the block computes, a constant of {@link KnownActivation}
   *     in lower case, such as {@code relu} or {@code mish}; {@code unknown} if it is none, and
   *     {@code unknown 2} and so on for further functions that are none
   * @param block the original activation
   */
  public record Site(String path, String name, Block block) {}

  /**
   * A site with its position in the tree.
   *
   * @param parent the block that has the activation as a child
   * @param index the activation's index in the parent's list of children
   * @param site the site
   */
  private record Place(Block parent, int index, Site site) {}

  private ActivationSites(Block network) {
    this.network = network;
    for (KnownActivation known : KnownActivation.values()) {
      if (known.function() != null) {
        names.put(values(known.function()), Activations.name(known));
      }
    }
  }

  /**
   * Finds the activations of a network.
   *
   * @param network the network, initialised or not
   * @return its sites, possibly none; if the same block object is at several places of the tree,
   *     there is a site for each place
   */
  public static ActivationSites in(Block network) {
    ActivationSites sites = new ActivationSites(network);
    try (NDManager manager = NDManager.newBaseManager()) {
      sites.walk(network, "", manager, new ArrayDeque<>());
    }
    return sites;
  }

  /**
   * Returns numbers from −4 to 4 in steps of 0.2, and 20 others up to ±100 000, which tell
   * functions apart that clip large values.
   */
  private static float[] points() {
    float[] beyond = {5, 6.5f, 9, 15, 25, 50, 130, 300, 2000, 100_000};
    float[] points = new float[41 + 2 * beyond.length];
    for (int i = -20; i <= 20; i++) {
      points[beyond.length + 20 + i] = i / 5f;
    }
    for (int i = 0; i < beyond.length; i++) {
      points[beyond.length - 1 - i] = -beyond[i];
      points[beyond.length + 41 + i] = beyond[i];
    }
    return points;
  }

  /**
   * Finds the sites below a block, and the functions with an activation by which the block and the
   * blocks below it join branches.
   *
   * @param parent the block
   * @param path the block's path from the network, empty for the network itself
   * @param manager the manager for the tensors of trial computations
   * @param way the ancestors of the block; the walk ends at a block that is its own ancestor
   */
  private void walk(Block parent, String path, NDManager manager, Deque<Block> way) {
    if (way.stream().anyMatch(block -> block == parent)) {
      return;
    }
    way.push(parent);
    BlockList children = parent.getChildren();
    for (int i = 0; i < children.size(); i++) {
      Block child = children.valueAt(i);
      String own = path.isEmpty() ? children.keyAt(i) : path + "/" + children.keyAt(i);
      if (child.getChildren().isEmpty()
          && child.getDirectParameters().isEmpty()
          && isActivation(child, manager)) {
        places.add(new Place(parent, i, new Site(own, name(child, manager), child)));
      } else {
        walk(child, own, manager, way);
      }
    }
    if (parent instanceof ParallelBlock parallel && activates(parallel, manager)) {
      hidden.add(
          (path.isEmpty() ? "the network itself" : path)
              + ", in the function that joins its branches");
    }
    way.pop();
  }

  /** Whether a block acts elementwise by a function that is not affine. */
  private static boolean isActivation(Block block, NDManager manager) {
    try {
      NDArray x = manager.create(POINTS);
      NDArray cube = x.get("1:").reshape(3, 4, 5);
      NDArray y = block.forward(null, new NDList(x.reshape(1, -1)), false).singletonOrThrow();
      NDArray again = block.forward(null, new NDList(cube), false).singletonOrThrow();
      // The block acts elementwise if it computes the same values for inputs of shape [1, 61] and,
      // without the first number, [3, 4, 5].
      return y.getShape().equals(new Shape(1, POINTS.length))
          && again.getShape().equals(cube.getShape())
          && Arrays.equals(
              Arrays.copyOfRange(y.toFloatArray(), 1, POINTS.length), again.toFloatArray())
          && bends(y.toFloatArray());
    } catch (RuntimeException | AssertionError e) {
      // The block does not accept inputs of these shapes, so it does not act elementwise.
      return false;
    }
  }

  /**
   * Whether a function is not affine: between some neighbouring {@link #POINTS} its slope changes
   * by more than float32 rounding explains, or its slope is NaN.
   *
   * @param y the function's values at {@link #POINTS}
   */
  private static boolean bends(float... y) {
    return IntStream.range(1, y.length - 1)
        .anyMatch(
            i -> {
              double left = slope(y, i - 1);
              double right = slope(y, i);
              double rounding =
                  4
                      * Math.ulp(Math.max(Math.abs(y[i - 1]), Math.abs(y[i + 1])))
                      / (POINTS[i + 1] - POINTS[i - 1]);
              return !(Math.abs(left - right) <= 5e-4 * Math.max(1, Math.abs(left)) + 4 * rounding);
            });
  }

  /** Returns the slope of the line between the points i and i + 1. */
  private static double slope(float[] y, int i) {
    return ((double) y[i + 1] - y[i]) / ((double) POINTS[i + 1] - POINTS[i]);
  }

  /**
   * Whether the function by which a parallel block joins the outputs of its branches contains an
   * activation, as the ReLU after the sum in DJL's residual networks: whether it is not affine in
   * the first branch's output while the other branches' are 0. False if it cannot be computed.
   */
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

  /**
   * Returns the name of the function that a block computes, as in {@link Site}. Blocks that compute
   * equal values at {@link #POINTS} have the same name.
   */
  private String name(Block block, NDManager manager) {
    float[] own =
        block.forward(null, new NDList(manager.create(POINTS)), false).head().toFloatArray();
    return names.entrySet().stream()
        .filter(known -> near(own, known.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseGet(
            () -> {
              unknown++;
              String name = unknown == 1 ? "unknown" : "unknown " + unknown;
              names.put(own, name);
              return name;
            });
  }

  /** Returns a function's values at {@link #POINTS}. */
  private static float[] values(Expression function) {
    float[] values = new float[POINTS.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) function.values(POINTS[i])[0];
    }
    return values;
  }

  /** Whether numbers differ by less than 1e-5, relative where |b| &gt; 1, or are both NaN. */
  private static boolean near(float[] a, float... b) {
    return IntStream.range(0, a.length)
        .allMatch(
            i ->
                Float.compare(a[i], b[i]) == 0
                    || Math.abs(a[i] - b[i]) < 1e-5 * Math.max(1, Math.abs(b[i])));
  }

  /** {@return the sites, in the order of the tree's traversal, children from first to last} */
  public List<Site> sites() {
    return places.stream().map(Place::site).toList();
  }

  /**
   * {@return the block that is at a site at present, the original activation or a replacement}
   *
   * @param site one of {@link #sites}
   * @throws java.util.NoSuchElementException if it is none of them
   */
  public Block now(Site site) {
    return places.stream()
        .filter(place -> place.site().equals(site))
        .map(place -> place.parent().getChildren().valueAt(place.index()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * {@return descriptions of activations that were found but cannot be replaced, since they are
   * part of the function by which a {@link ParallelBlock} joins the outputs of its branches; each
   * says where it is}
   */
  public List<String> hidden() {
    return List.copyOf(hidden);
  }

  /**
   * Sets the block at every site, in DJL's lists of children and wherever else the network's blocks
   * refer to it: in fields, lists, arrays and maps. If the same block object is at several sites,
   * it is replaced by the same new block at all of them, the one that was made for the first.
   *
   * @param others returns the block for a site, different blocks for different activations; null
   *     for the original activation
   * @throws IllegalArgumentException if the same block object is at several sites, and is to be
   *     replaced at some of them only, or if {@code others} returns the same block for different
   *     activations; the network is then unchanged. Or if a reference to an activation cannot be
   *     changed, such as a reference in a record; the network then has its original activations.
   *     The message names the sites
   */
  public void replace(Function<Site, Block> others) {
    Map<Block, Block> made = new IdentityHashMap<>();
    for (Place place : places) {
      Site site = place.site();
      Block other = others.apply(site);
      Block before = made.putIfAbsent(site.block(), other == null ? site.block() : other);
      if (before != null && (other == null) != (before == site.block())) {
        String first =
            sites().stream().filter(s -> s.block() == site.block()).toList().get(0).path();
        throw new IllegalArgumentException(
            "one block is the activation at %s and at %s: pick both or none with where(…), or build the network with a block for each"
                .formatted(first, site.path()));
      }
    }
    Set<Block> different = Collections.newSetFromMap(new IdentityHashMap<>());
    different.addAll(made.values());
    if (different.size() < made.size()) {
      throw new IllegalArgumentException(
          "different activations cannot be replaced by the same block: make a new block for each");
    }
    try {
      places.forEach(place -> replace(place, made.get(place.site().block())));
    } catch (IllegalArgumentException e) {
      restore();
      throw e;
    }
  }

  /** Sets the block at one place, and all other references to the block that was there. */
  private void replace(Place place, Block other) {
    Block now = place.parent().getChildren().valueAt(place.index());
    if (now == other) {
      return;
    }
    setChild(place, other);
    Optional<String> holder = Holders.replace(network, now, other);
    if (holder.isPresent()) {
      throw new IllegalArgumentException(
          "the activation at %s cannot be replaced, since the field %s may refer to it in a way that cannot be changed, such as by a record or an unmodifiable list, or among more than 100 000 objects: take ActivationSearch.of(activation -> …, default), which builds the network anew with each activation"
              .formatted(place.site().path(), holder.get()));
    }
  }

  /** Sets the original activations at all sites. */
  public void restore() {
    for (Place place : places) {
      Block now = place.parent().getChildren().valueAt(place.index());
      if (now != place.site().block()) {
        setChild(place, place.site().block());
        Holders.replace(network, now, place.site().block());
      }
    }
  }

  /** Sets an element of DJL's list of children, for which DJL has no method. */
  private static void setChild(Place place, Block other) {
    try {
      Field children = AbstractBlock.class.getDeclaredField("children");
      children.setAccessible(true);
      ((BlockList) children.get(place.parent())).values().set(place.index(), other);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalArgumentException(
          "the activation at %s cannot be replaced, since %s does not keep its children in the list of DJL's AbstractBlock (%s): take ActivationSearch.of(activation -> …, default), which builds the network anew with each activation"
              .formatted(place.site().path(), place.parent().getClass().getSimpleName(), e),
          e);
    }
  }
}
