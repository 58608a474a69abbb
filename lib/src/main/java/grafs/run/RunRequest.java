package grafs.run;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.model.Activations;
import java.util.function.Supplier;

/**
 * A request that another process or machine executes a run, which is a search for an activation
 * function or a training of a network. The request is sent as text. {@link RunStore#run} executes
 * it there; it needs only this text and the data.
 *
 * @param config the run's configuration
 * @param source where the data can be loaded from
 * @param activation the activation of a training: one of {@link Activations#names}, or a function
 *     as {@link Expression#parse} reads it; null for a search
 * @param code the commit of the program that makes the request
 */
public record RunRequest(RunConfig config, TaskSource source, String activation, String code) {

  /**
   * Checks that no value is missing, as may be the case in a damaged text.
   *
   * @throws IllegalArgumentException if there is no configuration, no source of the data or, for a
   *     training, no activation
   */
  public RunRequest {
    if (config == null || source == null) {
      throw new IllegalArgumentException("its config or its source is missing");
    }
    if (activation == null && !config.isSearch()) {
      throw new IllegalArgumentException("the activation of this training is missing");
    }
  }

  /**
   * Makes a request for a search.
   *
   * @param experiment the network, the data and the hyperparameters
   * @param source where the data can be loaded from
   * @param space the search space: the operations that a function may consist of
   * @param seed the seed of all that is random in the search
   * @return the request
   */
  public static RunRequest search(
      Experiment experiment, TaskSource source, CellSpace space, long seed) {
    RunConfig config = RunConfig.search(experiment, space, seed);
    return new RunRequest(config, source, null, Provenance.commit());
  }

  /**
   * Makes a request for a training.
   *
   * @param experiment the network, the data and the hyperparameters
   * @param source where the data can be loaded from
   * @param name the activation's name in tables and plots
   * @param activation the activation: one of {@link Activations#names}, or a function of this
   *     library's own operations as {@link Expression#parse} reads it
   * @param seed the seed of all that is random in the training
   * @return the request
   * @throws IllegalArgumentException if the activation is neither a known name nor a function
   */
  public static RunRequest training(
      Experiment experiment, TaskSource source, String name, String activation, long seed) {
    RunConfig config = RunConfig.training(experiment, name, block(activation), seed);
    return new RunRequest(config, source, activation, Provenance.commit());
  }

  /**
   * {@return a factory that makes blocks of an activation, given by a known name or as a formula}
   */
  static Supplier<? extends Block> block(String activation) {
    return Activations.names().contains(activation)
        ? Activations.of(activation)
        : Expression.parse(activation);
  }

  /** {@return the request as JSON, in one line} */
  public String text() {
    return JsonFile.text(this).replaceAll("\n *", "");
  }

  /**
   * Reads a request from its text.
   *
   * @param text the text that {@link #text} returned
   * @return the request
   * @throws IllegalArgumentException if the text is not a request
   */
  public static RunRequest parse(String text) {
    try {
      return JsonFile.parse(text, RunRequest.class);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("this is not a request for a run: " + e.getMessage(), e);
    }
  }
}
