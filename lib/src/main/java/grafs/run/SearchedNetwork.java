package grafs.run;

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

/** A network whose activations of one kind can be exchanged. */
interface SearchedNetwork {

  /** {@return the activation that the network has by default} */
  Block standard();

  /** {@return its name, such as {@code relu}; {@code default} if it is not a known activation} */
  String standardName();

  /**
   * Works on the network with another activation. Afterwards activations and weights are what they
   * were before.
   *
   * @param activation makes a block for each place; null for the default activation
   * @param work what to do; given the network
   * @return what the work returns
   */
  <T> T with(Supplier<? extends Block> activation, Function<Block, T> work);

  /**
   * Exchanges the activation permanently.
   *
   * @param activation makes a block for each place; null for the default activation
   * @return the network with it
   */
  Block keep(Supplier<? extends Block> activation);

  /** {@return the places whose activation is exchanged; none of a network that is built anew} */
  default List<Site> replaced() {
    return List.of();
  }

  /** {@return a description of each activation that cannot be replaced} */
  default List<String> hidden() {
    return List.of();
  }

  /** A network that is built anew with a given activation. */
  static SearchedNetwork of(Function<Supplier<Block>, Block> factory, Block standard) {
    if (!standard.getParameters().isEmpty()) {
      throw new IllegalArgumentException(
          "the default activation has parameters of its own, and one block stands at all places: only activations without parameters can be searched for");
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
   * A network whose activations are found and replaced.
   *
   * @param network the network
   * @param chosen picks the activations, all of one kind
   * @throws IllegalArgumentException if the network has none, or those picked are of several kinds
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
      throw new IllegalArgumentException("the network has no weights that can be trained");
    }
  }

  /** See {@link #of}. */
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
   * See {@link #in}.
   *
   * @param kept maps each original activation to the one that replaced it permanently; empty until
   *     {@link #keep} is called
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
      try (ParameterSnapshot before = new ParameterSnapshot(network)) {
        try {
          place(made(activation));
          return work.apply(network);
        } finally {
          place(kept);
          before.restore();
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

    /** A block that is used in several places is replaced by one block in all of them. */
    private Map<Block, Block> made(Supplier<? extends Block> activation) {
      Map<Block, Block> made = new IdentityHashMap<>();
      if (activation == null) {
        return made;
      }
      replaced.forEach(site -> made.computeIfAbsent(site.block(), block -> activation.get()));
      return made;
    }

    /** Leaves the other sites as they are: another search may have put its function there. */
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
