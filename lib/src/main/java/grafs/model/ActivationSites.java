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
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The places of a DJL network that hold an activation: found by what a block computes, not by what
 * it is called, so that lambdas and method references are found too. A block is an activation if it
 * has no parameters and no children, and acts elementwise by a function that is not affine.
 */
public final class ActivationSites {

  private static final float[] POINTS = points();

  private final Block network;
  private final List<Place> places = new ArrayList<>();
  private final List<String> hidden = new ArrayList<>();

  /** The names of functions, by their values at {@link #POINTS}. */
  private final Map<float[], String> names = new LinkedHashMap<>();

  private int unknown;

  /**
   * A place with an activation.
   *
   * @param path its path: the names of the blocks that lead to it, such as {@code
   *     02SequentialBlock/03LambdaBlock}
   * @param name the known activation that it computes: one of {@link Activations#names()}, or of
   *     {@link KnownActivation} in small letters, such as {@code relu6} or {@code mish}; otherwise
   *     {@code unknown}, or {@code unknown 2} for another one
   * @param block the activation
   */
  public record Site(String path, String name, Block block) {}

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
   * Looks for the activations of a network.
   *
   * @param network the network, initialised or not
   * @return its sites, possibly none; a block that is used in several places, by itself or within
   *     another block, has a site for each
   */
  public static ActivationSites in(Block network) {
    ActivationSites sites = new ActivationSites(network);
    try (NDManager manager = NDManager.newBaseManager()) {
      sites.walk(network, "", manager, new ArrayDeque<>());
    }
    return sites;
  }

  /**
   * Points in steps of 0.2 up to ±4, and larger ones up to ±100 000, to recognise functions that
   * clip large values.
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

  private static boolean isActivation(Block block, NDManager manager) {
    try {
      NDArray x = manager.create(POINTS);
      NDArray cube = x.get("1:").reshape(3, 4, 5);
      NDArray y = block.forward(null, new NDList(x.reshape(1, -1)), false).singletonOrThrow();
      NDArray again = block.forward(null, new NDList(cube), false).singletonOrThrow();
      // Elementwise: an element's value does not depend on the array's shape or its other elements.
      return y.getShape().equals(new Shape(1, POINTS.length))
          && again.getShape().equals(cube.getShape())
          && Arrays.equals(
              Arrays.copyOfRange(y.toFloatArray(), 1, POINTS.length), again.toFloatArray())
          && bends(y.toFloatArray());
    } catch (RuntimeException | AssertionError e) {
      // The block needs other input shapes, as reshaping blocks do.
      return false;
    }
  }

  /** Whether the values at {@link #POINTS} deviate from a straight line by more than rounding. */
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

  private static double slope(float[] y, int i) {
    return ((double) y[i + 1] - y[i]) / ((double) POINTS[i + 1] - POINTS[i]);
  }

  /**
   * Whether the function that joins a parallel block's branches is not affine in the first branch,
   * while the others are 0.
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

  /** The name of the function that a block computes; functions of equal values have one name. */
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

  private static float[] values(Expression function) {
    float[] values = new float[POINTS.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) function.values(POINTS[i])[0];
    }
    return values;
  }

  private static boolean near(float[] a, float... b) {
    return IntStream.range(0, a.length)
        .allMatch(
            i ->
                Float.compare(a[i], b[i]) == 0
                    || Math.abs(a[i] - b[i]) < 1e-5 * Math.max(1, Math.abs(b[i])));
  }

  /** {@return the sites, in the order of the network's children} */
  public List<Site> sites() {
    return places.stream().map(Place::site).toList();
  }

  /**
   * {@return the block that is at a site now}
   *
   * @param site one of {@link #sites}
   */
  public Block now(Site site) {
    return places.stream()
        .filter(place -> place.site().equals(site))
        .map(place -> place.parent().getChildren().valueAt(place.index()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * {@return descriptions of the activations that cannot be replaced, because they are part of a
   * function that joins the branches of a parallel block; to change them, build the network anew}
   */
  public List<String> hidden() {
    return List.copyOf(hidden);
  }

  /**
   * Replaces activations, in DJL's lists of children and wherever else the network's blocks refer
   * to them: in fields, lists, arrays and maps. A block that is used in several places is replaced
   * by one block in all of them.
   *
   * @param others makes the new block for a site; null stands for the original activation
   * @throws IllegalArgumentException if one block is to be replaced at one place and left at
   *     another; or if a reference to an activation cannot be changed, such as one in a record. The
   *     message names them, and the network has its original activations
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
    try {
      places.forEach(place -> replace(place, made.get(place.site().block())));
    } catch (IllegalArgumentException e) {
      restore();
      throw e;
    }
  }

  private void replace(Place place, Block other) {
    Block now = place.parent().getChildren().valueAt(place.index());
    if (now == other) {
      return;
    }
    setChild(place, other);
    Optional<String> holder = Holders.replace(network, now, other);
    if (holder.isPresent()) {
      throw new IllegalArgumentException(
          "the activation at %s cannot be replaced, since %s keeps hold of it in its own way: ActivationSearch.of(activation -> …, default) is for such networks, which it builds anew with a given activation"
              .formatted(place.site().path(), holder.get()));
    }
  }

  /** Puts all original activations back. */
  public void restore() {
    for (Place place : places) {
      Block now = place.parent().getChildren().valueAt(place.index());
      if (now != place.site().block()) {
        setChild(place, place.site().block());
        Holders.replace(network, now, place.site().block());
      }
    }
  }

  private static void setChild(Place place, Block other) {
    try {
      Field children = AbstractBlock.class.getDeclaredField("children");
      children.setAccessible(true);
      ((BlockList) children.get(place.parent())).values().set(place.index(), other);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalArgumentException(
          "the activation at %s cannot be replaced, since %s keeps its children in its own way (%s): ActivationSearch.of(activation -> …, default) builds the network anew with a given activation"
              .formatted(place.site().path(), place.parent().getClass().getSimpleName(), e),
          e);
    }
  }
}
