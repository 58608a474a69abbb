package grafs.model;

import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The common part of all networks: the list of activations, the parameters' names, {@code
 * toString}.
 */
abstract class AbstractNetwork extends AbstractBlock implements Network {

  private final Supplier<? extends Block> factory;
  private final List<Block> activations = new ArrayList<>();

  AbstractNetwork(Supplier<? extends Block> factory) {
    this.factory = factory;
  }

  /**
   * {@return a new activation from the factory, which is added to {@link #activations}; to be
   * called in the order in which the input passes the activations}
   */
  final Block activation() {
    Block made = Objects.requireNonNull(factory.get(), "The activation's factory gave no block");
    activations.add(made);
    return made;
  }

  /** {@return the kind and size of the network, for {@link #toString}} */
  abstract String title();

  /** Adds all parameters to a state dict, in the order of the network. */
  abstract void name(StateDict dict);

  @Override
  public List<Block> activations() {
    return Collections.unmodifiableList(activations);
  }

  @Override
  public Map<String, Parameter> stateDict() {
    StateDict dict = new StateDict();
    name(dict);
    return dict.parameters();
  }

  @Override
  public String toString() {
    if (!isInitialized()) {
      return title() + ", not initialized";
    }
    String count = String.format(Locale.ROOT, "%,d", parameterCount()).replace(',', ' ');
    return title() + ": " + count + " parameters";
  }
}
