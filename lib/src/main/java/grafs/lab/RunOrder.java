package grafs.lab;

import ai.djl.nn.Block;
import com.google.gson.JsonParseException;
import grafs.cell.CellGraph;
import grafs.cell.CellSpace;
import grafs.cell.DiscreteActivation;
import grafs.model.Activations;
import grafs.op.Binary;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.util.List;
import java.util.function.Supplier;

/**
 * A run for another process or machine to do: as text it is all that {@link RunStore#run} needs
 * there, apart from the data.
 *
 * @param config the run's configuration
 * @param source where the data are
 * @param known the known activation that a training is with, by its name among {@link
 *     Activations#names}; null otherwise
 * @param found the function that a training is with; null otherwise
 * @param code the commit that orders it
 */
public record RunOrder(
    RunConfig config, TaskSource source, String known, Function found, String code) {

  /**
   * A function by the names of its operations.
   *
   * @param units the core units of the cell
   * @param unary the operation of each edge
   * @param binary the operation of each vertex
   * @param beta the value of β on each edge, then on each vertex; NaN where there is none
   */
  public record Function(int units, List<String> unary, List<String> binary, List<Double> beta) {

    private static Function of(DiscreteActivation function) {
      return new Function(
          function.graph().units(),
          function.unary().stream().map(Unary::name).toList(),
          function.binary().stream().map(Binary::name).toList(),
          function.beta());
    }

    private DiscreteActivation activation() {
      OperationSet operations = OperationSet.paper();
      return new DiscreteActivation(
          new CellGraph(units),
          unary.stream().map(u -> operations.unary().get(operations.unaryIndex(u))).toList(),
          binary.stream().map(b -> operations.binary().get(operations.binaryIndex(b))).toList(),
          beta);
    }
  }

  /**
   * Orders a search.
   *
   * @param experiment the network, what it learns and the scale
   * @param source where the data are
   * @param space the search space
   * @param seed the seed
   * @return the order
   */
  public static RunOrder search(
      Experiment experiment, TaskSource source, CellSpace space, long seed) {
    RunConfig config = RunConfig.search(experiment, space, seed);
    return new RunOrder(config, source, null, null, Provenance.commit());
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
  public static RunOrder training(
      Experiment experiment, TaskSource source, String known, long seed) {
    String title = Activations.title(known);
    RunConfig config = RunConfig.training(experiment, title, Activations.of(known), seed);
    return new RunOrder(config, source, known, null, Provenance.commit());
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
  public static RunOrder training(
      Experiment experiment,
      TaskSource source,
      String name,
      DiscreteActivation function,
      long seed) {
    RunConfig config = RunConfig.training(experiment, name, function, seed);
    return new RunOrder(config, source, null, Function.of(function), Provenance.commit());
  }

  /** What a training is with. */
  Supplier<? extends Block> activation() {
    return found == null ? Activations.of(known) : found.activation();
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
  public static RunOrder parse(String text) {
    try {
      RunOrder order = JsonFile.parse(text, RunOrder.class);
      if (order == null || order.config() == null || order.source() == null) {
        throw new IllegalArgumentException("this is no order of a run: " + text);
      }
      return order;
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("this is no order of a run: " + e.getMessage(), e);
    }
  }
}
