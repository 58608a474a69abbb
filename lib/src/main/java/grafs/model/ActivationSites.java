package grafs.model;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParallelBlock;
import grafs.cell.KnownActivation;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the activations of any DJL network (the blocks that compute activation functions), and
 * replaces them by other blocks. {@code grafs.run.ActivationSearch}, which searches for a better
 * activation for a network that a user has built, uses this class.
 *
 * <p>Activations are recognised by the values that they compute, not by their classes or names, so
 * that lambdas and method references are found too. A block is taken for an activation if it has no
 * parameters and no children, acts elementwise, and its function is not affine. A <em>site</em> is
 * a position in the tree of blocks at which there is an activation.
 */
public final class ActivationSites {

  private final Block network;
  private final List<Place> places = new ArrayList<>();

  /**
   * Descriptions of the activations that cannot be replaced, because a {@link ParallelBlock}
   * applies them when it joins the outputs of its branches.
   */
  private final List<String> hidden = new ArrayList<>();

  /**
   * A position in the tree of blocks at which there is an activation.
   *
   * @param path DJL's names of the blocks from the network's child down to the activation, such as
   *     {@code 02SequentialBlock/03LambdaBlock}
   * @param name the name of the function that the block computes: a constant of {@link
   *     KnownActivation} in lower case, such as {@code relu} or {@code mish}. The first function
   *     that is none of these constants is named {@code unknown}, the second {@code unknown 2}, and
   *     so on
   * @param block the activation that was there when the network was examined
   */
  public record Site(String path, String name, Block block) {}

  /**
   * A site with its parent in the tree of blocks.
   *
   * @param parent the block that has the activation as a child
   * @param index the activation's index in the parent's list of children
   * @param site the site
   */
  private record Place(Block parent, int index, Site site) {}

  private ActivationSites(Block network) {
    this.network = network;
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
      sites.walk(network, "", new Recognition(manager), new ArrayDeque<>());
    }
    return sites;
  }

  /**
   * Finds the sites below a block, and adds them to {@link #places}. A {@link ParallelBlock} joins
   * the outputs of its branches by a function, which may contain an activation too. If this is so
   * for the given block or a block below it, a description is added to {@link #hidden}.
   *
   * @param parent the block
   * @param path the block's path from the network, empty for the network itself
   * @param recognition tells which blocks are activations
   * @param way the ancestors of the block. A block that is its own ancestor is not visited again,
   *     so that the walk ends
   */
  private void walk(Block parent, String path, Recognition recognition, Deque<Block> way) {
    if (way.stream().anyMatch(block -> block == parent)) {
      return;
    }
    way.push(parent);
    BlockList children = parent.getChildren();
    for (int i = 0; i < children.size(); i++) {
      Block child = children.valueAt(i);
      String own = path.isEmpty() ? children.keyAt(i) : path + "/" + children.keyAt(i);
      String name = recognition.name(child);
      if (name == null) {
        walk(child, own, recognition, way);
      } else {
        places.add(new Place(parent, i, new Site(own, name, child)));
      }
    }
    if (parent instanceof ParallelBlock parallel && recognition.activates(parallel)) {
      hidden.add(
          (path.isEmpty() ? "the network itself" : path)
              + ", in the function that joins its branches");
    }
    way.pop();
  }

  /** {@return the sites, in the order of a depth-first traversal of the tree of blocks} */
  public List<Site> sites() {
    return places.stream().map(Place::site).toList();
  }

  /**
   * {@return the block that is at a site at present, the original activation or a replacement}
   *
   * @param site one of {@link #sites}
   * @throws java.util.NoSuchElementException if the site is not one of {@link #sites}
   */
  public Block now(Site site) {
    return places.stream()
        .filter(place -> place.site().equals(site))
        .map(ActivationSites::now)
        .findFirst()
        .orElseThrow();
  }

  /**
   * {@return descriptions of the activations that were found but cannot be replaced, because they
   * are part of the function by which a {@link ParallelBlock} joins the outputs of its branches.
   * Each description gives the path of that block}
   */
  public List<String> hidden() {
    return List.copyOf(hidden);
  }

  /**
   * Sets the block at every site. All references to the block that was there are changed: those in
   * DJL's lists of children, and those in fields, lists, arrays and maps of the network's blocks.
   * If the same block object is at several sites, one new block replaces it at all of them: the
   * block that {@code others} returned for the first of these sites.
   *
   * @param others returns the new block for a site, or null to put the original activation back; it
   *     must return different blocks for different activations
   * @throws IllegalArgumentException in three cases. First, the same block object is at several
   *     sites, and {@code others} returns null for some of these sites, but not for all. Second,
   *     {@code others} returns the same block for different activations. In these two cases the
   *     network is unchanged. Third, a reference to an activation cannot be changed, such as a
   *     reference in a record. Then the original activations are put back at all sites
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
      for (Place place : places) {
        Optional<String> holder = replace(place, made.get(place.site().block()));
        if (holder.isPresent()) {
          throw new IllegalArgumentException(
              "the activation at %s cannot be replaced, since the field %s may refer to it in a way that cannot be changed, such as by a record or an unmodifiable list, or among more than 100 000 objects: take ActivationSearch.of(activation -> …, default), which builds the network anew with each activation"
                  .formatted(place.site().path(), holder.get()));
        }
      }
    } catch (RuntimeException e) {
      places.forEach(place -> replace(place, place.site().block()));
      throw e;
    }
  }

  /**
   * Sets the block at one place, and changes all other references to the block that was there.
   * Returns the name of a field with a reference that cannot be changed, if there is one.
   */
  private Optional<String> replace(Place place, Block other) {
    Block now = now(place);
    if (now == other) {
      return Optional.empty();
    }
    setChild(place, other);
    return Holders.replace(network, now, other);
  }

  private static Block now(Place place) {
    return place.parent().getChildren().valueAt(place.index());
  }

  /**
   * Sets an element of DJL's list of children. This uses reflection, because DJL has no method for
   * it.
   */
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
