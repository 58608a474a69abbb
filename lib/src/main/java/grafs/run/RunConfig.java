package grafs.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.Operation;
import grafs.cell.Operations;
import grafs.model.Activations;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Everything that determines the result of a run, which is a search or a training. It is part of
 * the run's {@code config.json}, and a hash of it is part of the name of the run's folder: two runs
 * of equal configurations are the same run.
 *
 * <p>A known activation is one that this library has by name ({@link Activations#names}). A
 * function consists of operations. An operation is custom if the user defined it, and otherwise
 * this library's.
 *
 * @param model the network
 * @param data the data set's name
 * @param fingerprint identifies the content of the data, since other data may have the same name
 * @param scale the hyperparameters, such as the number of epochs and the learning rate
 * @param space the search space; null for a training
 * @param activation the activation's name in tables; null for a search
 * @param values the activation's values as text, since other activations may have the same name;
 *     null for a search. A known activation under its own name and a function without custom
 *     operations are evaluated at nine points from −5 to 5, all other activations at 35 points from
 *     −100 000 to 100 000
 * @param seed the seed of all that is random in the run
 */
public record RunConfig(
    PaperModel model,
    String data,
    String fingerprint,
    Scale scale,
    Space space,
    String activation,
    String values,
    long seed) {

  /** The end of a scale's name if each activation is trained at its own best learning rate. */
  public static final String OWN_RATE = ", own rate";

  /** The key of the data's fingerprint in the map that {@link #settings} returns. */
  public static final String DATA = "data";

  /** The points at which every activation is evaluated. */
  private static final float[] NEAR = {-5, -2, -1, -0.5f, 0, 0.5f, 1, 2, 5};

  /**
   * The points at which an activation is evaluated in addition, if neither its name nor its formula
   * identifies it.
   */
  private static final float[] FURTHER = {
    -1e5f, -1000, -100, -30, -10, -7, -6, -4, -3, -1.6f, -0.7f, -0.3f, -0.1f, 0.1f, 0.3f, 0.7f,
    1.6f, 3, 4, 6, 7, 10, 30, 100, 1000, 1e5f
  };

  /**
   * Checks that no value is missing, as may be the case in a damaged file.
   *
   * @throws IllegalArgumentException if a value is missing, or if there are both a search space and
   *     an activation
   */
  public RunConfig {
    if (model == null || data == null || fingerprint == null || scale == null) {
      throw new IllegalArgumentException(
          "the configuration lacks a value, or this version does not know it: model %s, data %s, fingerprint %s, scale %s"
              .formatted(model, data, fingerprint, scale == null ? null : scale.name()));
    }
    if ((activation == null) != (values == null)) {
      throw new IllegalArgumentException(
          "the configuration has an activation's name without its values, or the reverse");
    }
    if ((space == null) == (activation == null)) {
      throw new IllegalArgumentException(
          "the configuration has %s: a search has a search space, a training an activation"
              .formatted(space == null ? "neither space nor activation" : "space and activation"));
    }
  }

  /**
   * A search space in the form in which {@code config.json} has it.
   *
   * @param units the number of core units, 1 to 3, of the cell, which is the formula whose
   *     operations a search chooses; a core unit has two unary operations and a binary one
   * @param operations the names of the operations, unary ones before binary ones
   * @param limit ℓ, the largest magnitude of the values of bounded operations in a search
   * @param kind how the values are bounded: directly, or by clipping the operations' arguments
   * @param custom a checksum of the values of each custom operation, by its name; null if the space
   *     has no custom operation
   */
  public record Space(
      int units,
      List<String> operations,
      double limit,
      Bounds.Kind kind,
      Map<String, String> custom) {

    static Space of(CellSpace space) {
      List<String> operations =
          Stream.concat(space.unary().stream(), space.binary().stream())
              .map(Operation::name)
              .toList();
      Map<String, String> custom = space.custom();
      return new Space(
          space.units(),
          operations,
          space.bounds().limit(),
          space.bounds().kind(),
          custom.isEmpty() ? null : custom);
    }

    /**
     * Makes the search space.
     *
     * @return the search space
     * @throws IllegalArgumentException if it has custom operations, which only the user can make
     */
    CellSpace toSpace() {
      if (custom != null) {
        throw new IllegalArgumentException(
            "the operations %s are the user's own, of which a file has only the names: load the search with RunStore.search(experiment, space, …), giving it a space with these operations"
                .formatted(custom.keySet()));
      }
      return CellSpace.of(Operations.of(operations.toArray(String[]::new)), new Bounds(limit, kind))
          .withUnits(units);
    }
  }

  static RunConfig search(Experiment experiment, CellSpace space, long seed) {
    return of(experiment, Space.of(space), null, null, seed);
  }

  static RunConfig training(
      Experiment experiment, String name, Supplier<? extends Block> activation, long seed) {
    return of(experiment, null, name, values(name, activation), seed);
  }

  private static RunConfig of(
      Experiment of, Space space, String activation, String values, long seed) {
    Task task = of.task();
    return new RunConfig(
        of.model(), task.name(), task.fingerprint(), of.scale(), space, activation, values, seed);
  }

  /**
   * Returns the values of an activation as text, in the form that the component {@code values} has.
   *
   * @param name the activation's name in tables
   * @param activation makes the activation's block
   */
  static String values(String name, Supplier<? extends Block> activation) {
    Optional<Supplier<Block>> known =
        Activations.names().stream().filter(k -> called(k, name)).map(Activations::of).findFirst();
    // Nine points suffice if something else identifies the activation. This is its name, if the
    // known activation of that name has the same values, or its formula, which the run keeps in
    // activation.json. But a formula does not identify custom operations.
    boolean identified =
        known.isPresent()
            ? all(known.get()).equals(all(activation))
            : activation instanceof Expression function
                && function.operations().noneMatch(Operation::custom);
    return identified ? values(activation, NEAR) : all(activation);
  }

  /** Returns whether a name is that of a known activation, or its title, such as Leaky ReLU. */
  private static boolean called(String known, String name) {
    return known.equalsIgnoreCase(name) || Activations.title(known).equalsIgnoreCase(name);
  }

  private static String all(Supplier<? extends Block> activation) {
    return values(activation, NEAR) + " " + values(activation, FURTHER);
  }

  /** Evaluates a new block of an activation at some points. Returns the values as text. */
  private static String values(Supplier<? extends Block> activation, float... points) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = activation.get();
      NDArray x = manager.create(points, new Shape(1, points.length));
      block.initialize(manager, x.getDataType(), x.getShape());
      NDArray y = block.forward(new ParameterStore(manager, false), new NDList(x), false).head();
      return Arrays.toString(y.toFloatArray());
    }
  }

  /**
   * Finds the known activation that a training used, by its values.
   *
   * @return the known activation with these values; if several have them, the one with the
   *     training's name, or else the first
   * @throws IllegalArgumentException if no known activation has these values
   */
  Supplier<Block> known() {
    return Activations.names().stream()
        .sorted(Comparator.comparing(known -> !called(known, activation)))
        .map(Activations::of)
        .filter(known -> List.of(values(known, NEAR), all(known)).contains(values))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no known activation has the values of '%s': it is the user's own, which cannot be made from its name; train it again with RunStore.train, giving it the activation"
                        .formatted(activation)));
  }

  /**
   * Returns the experiment of this run.
   *
   * @param task the data of this run, loaded
   * @throws IllegalArgumentException if the data are not those of this run; the message has both
   *     fingerprints
   */
  Experiment experiment(Task task) {
    if (!fingerprint.equals(task.fingerprint())) {
      throw new IllegalArgumentException(
          "%s needs other data than were loaded: '%s' (%s), not '%s' (%s); put the files that it was made for where these are"
              .formatted(title(), data, fingerprint, task.name(), task.fingerprint()));
    }
    return new Experiment(model, task, scale);
  }

  /**
   * {@return the settings by name, such as {@code weights.sgd.learningRate}: all values of the
   * scale, except its name and its number of seeds, and the data's fingerprint} Only trainings with
   * equal settings are compared or grouped, even if their scales have the same name. The settings
   * of the search are included, since a found function depends on them. If each activation has
   * {@linkplain #OWN_RATE its own learning rate}, the learning rate of the training is not
   * included, since it belongs to the activation.
   */
  public Map<String, String> settings() {
    Map<String, String> settings = JsonFile.flattened(scale);
    settings.keySet().removeAll(List.of("name", "seeds"));
    if (scale.name().endsWith(OWN_RATE)) {
      settings.keySet().removeIf(n -> n.startsWith("weights.") && n.endsWith(".learningRate"));
    }
    settings.put(DATA, fingerprint);
    return settings;
  }

  /** {@return whether it is a search, not a training} */
  public boolean isSearch() {
    return space != null;
  }

  /** {@return what the run is called in messages, such as {@code GELU, seed 2}} */
  public String title() {
    return (isSearch() ? "search" : activation) + ", seed " + seed;
  }

  /**
   * {@return the path of the run's folder below the root of its store, such as {@code
   * resnet-20/fashion-mnist/quick/relu/seed-1-0a1b2c3d}; the last eight digits are a hash of the
   * configuration}
   */
  public String folder() {
    HashCode hash = Hashing.sha256().hashString(JsonFile.text(this), StandardCharsets.UTF_8);
    return String.join(
        "/",
        slug(model.title()),
        slug(data),
        slug(scale.name()),
        isSearch() ? "search" : slug(activation),
        "seed-" + seed + "-" + hash.toString().substring(0, 8));
  }

  /**
   * Turns a name into part of a path: lower-case letters a to z, digits, dots and underscores, with
   * one hyphen in place of any other characters.
   */
  private static String slug(String name) {
    String slug =
        name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._]+", "-").replaceAll("^[-.]+|-+$", "");
    return slug.isEmpty() ? "unnamed" : slug;
  }
}
