package grafs.run;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.model.Activations;
import java.util.function.Supplier;

/**
 * A request that another process or machine executes a run: its text is all that {@link
 * RunStore#run} needs there, apart from the data.
 *
 * @param config the run's configuration
 * @param source where the data are
 * @param known the known activation of a training, by its name among {@link Activations#names};
 *     null otherwise
 * @param found the function of a training, as {@link Expression#parse} reads it; null otherwise
 * @param code the commit of the program that makes the request
 */
public record RunRequest(
    RunConfig config, TaskSource source, String known, String found, String code) {

  /**
   * Requests a search.
   *
   * @param experiment the network, what it learns and the scale
   * @param source where the data are
   * @param space the search space
   * @param seed the seed
   * @return the request
   */
  public static RunRequest search(
      Experiment experiment, TaskSource source, CellSpace space, long seed) {
    RunConfig config = RunConfig.search(experiment, space, seed);
    return new RunRequest(config, source, null, null, Provenance.commit());
  }

  /**
   * Requests a training with a known activation; its name in tables is {@link Activations#title}.
   *
   * @param experiment the network, what it learns and the scale
   * @param source where the data are
   * @param known the activation, one of {@link Activations#names}
   * @param seed the seed
   * @return the request
   * @throws IllegalArgumentException if there is no such activation
   */
  public static RunRequest training(
      Experiment experiment, TaskSource source, String known, long seed) {
    String title = Activations.title(known);
    RunConfig config = RunConfig.training(experiment, title, Activations.of(known), seed);
    return new RunRequest(config, source, known, null, Provenance.commit());
  }

  /**
   * Requests a training with a function.
   *
   * @param experiment the network, what it learns and the scale
   * @param source where the data are
   * @param name what to call the function in tables and plots
   * @param function the function, of the kit's own operations
   * @param seed the seed
   * @return the request
   */
  public static RunRequest training(
      Experiment experiment, TaskSource source, String name, Expression function, long seed) {
    RunConfig config = RunConfig.training(experiment, name, function, seed);
    return new RunRequest(config, source, null, function.toString(), Provenance.commit());
  }

  /** The activation of a training. */
  Supplier<? extends Block> activation() {
    return found == null ? Activations.of(known) : Expression.parse(found);
  }

  /** {@return the request as JSON, in one line} */
  public String text() {
    return JsonFile.text(this).replaceAll("\n *", "");
  }

  /**
   * Reads a request.
   *
   * @param text what {@link #text} gave
   * @return the request
   * @throws IllegalArgumentException if the text is not a request
   */
  public static RunRequest parse(String text) {
    try {
      RunRequest order = JsonFile.parse(text, RunRequest.class);
      if (order == null || order.config() == null || order.source() == null) {
        throw new IllegalArgumentException("this is no order of a run: " + text);
      }
      return order;
    } catch (RuntimeException e) {
      // Not only syntax errors: a record's constructor may reject values.
      throw new IllegalArgumentException("this is no order of a run: " + e.getMessage(), e);
    }
  }
}
