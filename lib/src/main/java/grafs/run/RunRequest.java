package grafs.run;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.model.Activations;
import java.util.function.Supplier;

/**
 * A run for another process or machine to do: as text it is all that {@link RunStore#run} needs
 * there, apart from the data.
 *
 * @param config the run's configuration
 * @param source where the data are
 * @param known the known activation that a training is with, by its name among {@link
 *     Activations#names}; null otherwise
 * @param found the function that a training is with, as {@link Expression#parse} reads it; null
 *     otherwise
 * @param code the commit that orders it
 */
public record RunRequest(
    RunConfig config, TaskSource source, String known, String found, String code) {

  /**
   * Orders a search.
   *
   * @param experiment the network, what it learns and the scale
   * @param source where the data are
   * @param space the search space
   * @param seed the seed
   * @return the order
   */
  public static RunRequest search(
      Experiment experiment, TaskSource source, CellSpace space, long seed) {
    RunConfig config = RunConfig.search(experiment, space, seed);
    return new RunRequest(config, source, null, null, Provenance.commit());
  }

  /**
   * Orders a training with a known activation, which tables name as they name it elsewhere.
   *
   * @param experiment the network, what it learns and the scale
   * @param source where the data are
   * @param known the activation, one of {@link Activations#names}
   * @param seed the seed
   * @return the order
   * @throws IllegalArgumentException if there is no such activation
   */
  public static RunRequest training(
      Experiment experiment, TaskSource source, String known, long seed) {
    String title = Activations.title(known);
    RunConfig config = RunConfig.training(experiment, title, Activations.of(known), seed);
    return new RunRequest(config, source, known, null, Provenance.commit());
  }

  /**
   * Orders a training with a function.
   *
   * @param experiment the network, what it learns and the scale
   * @param source where the data are
   * @param name what to call the function in tables and plots
   * @param function the function, of the kit's own operations
   * @param seed the seed
   * @return the order
   */
  public static RunRequest training(
      Experiment experiment, TaskSource source, String name, Expression function, long seed) {
    RunConfig config = RunConfig.training(experiment, name, function, seed);
    return new RunRequest(config, source, null, function.toString(), Provenance.commit());
  }

  /** What a training is with. */
  Supplier<? extends Block> activation() {
    return found == null ? Activations.of(known) : Expression.parse(found);
  }

  /** {@return the order as JSON, in one line} */
  public String text() {
    return JsonFile.text(this).replaceAll("\n *", "");
  }

  /**
   * Reads an order.
   *
   * @param text what {@link #text} gave
   * @return the order
   * @throws IllegalArgumentException if it is none
   */
  public static RunRequest parse(String text) {
    try {
      RunRequest order = JsonFile.parse(text, RunRequest.class);
      if (order == null || order.config() == null || order.source() == null) {
        throw new IllegalArgumentException("this is no order of a run: " + text);
      }
      return order;
    } catch (RuntimeException e) {
      // Not only syntax: a record may refuse what it is made of.
      throw new IllegalArgumentException("this is no order of a run: " + e.getMessage(), e);
    }
  }
}
