package grafs.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import grafs.model.ActivationSites;
import grafs.model.ActivationSites.Site;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A user's network in which the activations of one kind, such as all ReLUs, can be exchanged. This
 * is done to search for a better activation ({@link ActivationSearch}), and to train the network
 * with each of two activations ({@link PairedTraining}). {@link Given} is a network whose
 * activations are found and replaced; {@link Built} is built anew by a factory for each activation.
 * The default activation is the one that the network had before any exchange.
 */
interface SearchedNetwork {

  /** {@return the default activation} */
  Block standard();

  /**
   * {@return the name of the default activation, such as {@code relu}; a name that begins with
   * {@code unknown} if it is not a known activation, or {@code default} if it is not found in the
   * network}
   */
  String standardName();

  /**
   * Exchanges the activation, does some work with the network, and then gives the network back the
   * activations and weights that it had before. A network that a factory builds is built anew for
   * the work instead.
   *
   * @param activation makes a block for each place of the activation; null for the default
   *     activation
   * @param work the work, which is given the network
   * @return the value that the work returns
   */
  <T> T with(Supplier<? extends Block> activation, Function<Block, T> work);

  /**
   * Exchanges the activation permanently.
   *
   * @param activation makes a block for each place of the activation; null for the default
   *     activation
   * @return the network with that activation
   */
  Block keep(Supplier<? extends Block> activation);

  /**
   * {@return the places whose activation is exchanged; empty for a network that a factory builds}
   */
  default List<Site> replaced() {
    return List.of();
  }

  /** {@return a description of each activation that was found but cannot be replaced} */
  default List<String> hidden() {
    return List.of();
  }

  /**
   * Makes the searched network of a factory.
   *
   * @param factory builds the network with the blocks of the supplier that it is given
   * @param standard the default activation
   * @throws IllegalArgumentException if the default activation has parameters, or the network has
   *     no trainable weights
   */
  static SearchedNetwork of(Function<Supplier<Block>, Block> factory, Block standard) {
    if (!standard.getParameters().isEmpty()) {
      throw new IllegalArgumentException(
          "the default activation has parameters of its own, which all places of the network would share: give one without parameters, such as Activation.reluBlock()");
    }
    Block built = factory.apply(() -> standard);
    requireWeights(built);
    String name =
        ActivationSites.in(built).sites().stream()
            .filter(site -> site.block() == standard)
            .map(Site::name)
            .findFirst()
            .orElse("default");
    return new Built(factory, standard, name);
  }

  /**
   * Makes the searched network of a block, whose activations are found and replaced.
   *
   * @param network the block
   * @param chosen picks the activations to be exchanged, all of one kind
   * @throws IllegalArgumentException if no activation is found and picked, if those picked are of
   *     several kinds, or if the network has no trainable weights
   */
  static SearchedNetwork in(Block network, Predicate<Site> chosen) {
    ActivationSites sites = ActivationSites.in(network);
    List<Site> picked = sites.sites().stream().filter(chosen).toList();
    requireOneKind(sites, picked);
    requireWeights(network);
    return new Given(network, sites, picked, new IdentityHashMap<>());
  }

  private static void requireOneKind(ActivationSites sites, List<Site> picked) {
    if (picked.isEmpty()) {
      String those =
          sites.sites().isEmpty()
              ? "none was found"
              : "none was picked of "
                  + sites.sites().stream().map(Site::path).collect(Collectors.joining(", "));
      String hidden =
          sites.hidden().isEmpty()
              ? ""
              : "; there are some at " + String.join("; ", sites.hidden());
      throw new IllegalArgumentException(
          "the network has no activation to replace: %s%s. Activations in a block's own code cannot be reached: build the network with ActivationSearch.of(activation -> …, default)"
              .formatted(those, hidden));
    }
    Map<String, String> kinds =
        picked.stream()
            .collect(Collectors.toMap(Site::name, Site::path, (one, other) -> one + ", " + other));
    if (kinds.size() > 1) {
      throw new IllegalArgumentException(
          "one function takes the place of one kind of activation, but these are several: %s. Pick one with where(…)"
              .formatted(kinds));
    }
  }

  private static void requireWeights(Block network) {
    if (network.getParameters().values().stream().noneMatch(Parameter::requiresGradient)) {
      throw new IllegalArgumentException(
          "the network has no weights that can be trained: add a layer that has weights, or unfreeze them with freezeParameters(false)");
    }
  }

  /** A network that a factory builds anew for each activation; see {@link #of}. */
  record Built(Function<Supplier<Block>, Block> factory, Block standard, String standardName)
      implements SearchedNetwork {

    @Override
    public <T> T with(Supplier<? extends Block> activation, Function<Block, T> work) {
      return work.apply(keep(activation));
    }

    @Override
    public Block keep(Supplier<? extends Block> activation) {
      return factory.apply(activation == null ? () -> standard : activation::get);
    }
  }

  /**
   * A network whose activations are found and replaced; see {@link #in}.
   *
   * @param network the network
   * @param sites all places of the network that have an activation
   * @param replaced the places whose activation is exchanged
   * @param kept maps each default activation's block to the block that {@link #keep} put in its
   *     place; empty if the default activation is in place
   */
  record Given(Block network, ActivationSites sites, List<Site> replaced, Map<Block, Block> kept)
      implements SearchedNetwork {

    @Override
    public Block standard() {
      return replaced.get(0).block();
    }

    @Override
    public String standardName() {
      return replaced.get(0).name();
    }

    @Override
    public <T> T with(Supplier<? extends Block> activation, Function<Block, T> work) {
      try (NDManager copies = NDManager.newBaseManager()) {
        Map<Parameter, NDArray> before = new IdentityHashMap<>();
        for (Parameter parameter : network.getParameters().values()) {
          if (parameter.isInitialized()) {
            NDArray copy = parameter.getArray().duplicate();
            copy.attach(copies);
            before.put(parameter, copy);
          }
        }
        try {
          place(made(activation));
          return work.apply(network);
        } finally {
          place(kept);
          restore(before);
        }
      }
    }

    /**
     * Gives the parameters back the values that they had before the work. A parameter without such
     * a value was not initialised before the work; it is closed, so that it is uninitialised again.
     */
    private void restore(Map<Parameter, NDArray> before) {
      for (Parameter parameter : network.getParameters().values()) {
        if (before.containsKey(parameter)) {
          before.get(parameter).copyTo(parameter.getArray());
        } else if (parameter.isInitialized()) {
          parameter.close();
        }
      }
    }

    @Override
    public Block keep(Supplier<? extends Block> activation) {
      kept.clear();
      kept.putAll(made(activation));
      place(kept);
      return network;
    }

    /**
     * Makes a new block for each default activation's block; a block that is used in several places
     * gets one new block for all of them.
     *
     * @return the new blocks by the blocks that they replace; empty if {@code activation} is null
     */
    private Map<Block, Block> made(Supplier<? extends Block> activation) {
      Map<Block, Block> made = new IdentityHashMap<>();
      if (activation != null) {
        replaced.forEach(site -> made.computeIfAbsent(site.block(), block -> activation.get()));
      }
      return made;
    }

    /**
     * Puts blocks in the places whose activation is exchanged. If there is no block for a place,
     * its default activation is put back. Other places are left as they are, since another search
     * may have put its function there.
     *
     * @param blocks the new blocks by the default activation's blocks
     */
    private void place(Map<Block, Block> blocks) {
      sites.replace(
          site -> {
            Block other = replaced.contains(site) ? blocks.get(site.block()) : sites.now(site);
            return other == site.block() ? null : other;
          });
    }

    @Override
    public List<String> hidden() {
      return sites.hidden();
    }
  }
}
