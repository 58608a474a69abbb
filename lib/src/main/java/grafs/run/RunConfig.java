package grafs.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.Operation;
import grafs.cell.Operations;
import grafs.model.Activations;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Everything that determines the result of a run, as it is kept in {@code config.json}: two runs of
 * equal configurations are the same run.
 *
 * @param model the network
 * @param data the data set's name
 * @param fingerprint identifies the content of the data, since other data may have the same name
 * @param scale the scale, with all its settings
 * @param space the search space; null for a training
 * @param activation the name in tables of a training's activation; null for a search
 * @param values the activation's values as text, since other activations may have the same name: at
 *     nine points from −5 to 5 for a known activation and for a function of the kit's operations,
 *     at 35 points from −100 000 to 100 000 for others; null for a search
 * @param seed the seed
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

  /** The suffix of a scale's name if each activation is trained at its own learning rate. */
  public static final String OWN_RATE = ", own rate";

  /** The name of the setting that is the data's fingerprint; see {@link #settings}. */
  public static final String DATA = "data";

  private static final float[] NEAR = {-5, -2, -1, -0.5f, 0, 0.5f, 1, 2, 5};

  private static final float[] FURTHER = {
    -1e5f, -1000, -100, -30, -10, -7, -6, -4, -3, -1.6f, -0.7f, -0.3f, -0.1f, 0.1f, 0.3f, 0.7f,
    1.6f, 3, 4, 6, 7, 10, 30, 100, 1000, 1e5f
  };

  /**
   * Checks that nothing is missing, as in a damaged file.
   *
   * @throws IllegalArgumentException if something is missing
   */
  public RunConfig {
    if (model == null || data == null || fingerprint == null || scale == null) {
      throw new IllegalArgumentException(
          "a run has a model that the kit knows, data, their fingerprint and a scale");
    }
    if ((space == null) == (activation == null)) {
      throw new IllegalArgumentException("a run has either a space or an activation");
    }
  }

  /**
   * A search space in the form that {@code config.json} has.
   *
   * @param units the number of core units of the cell, 1 to 3
   * @param operations the names of the operations, unary ones before binary ones
   * @param limit ℓ, the bound of the operations in a search
   * @param kind what the bound limits
   * @param custom the checksum of each operation that is not the kit's, by its name; null if the
   *     space has only the kit's
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
     * Makes the space.
     *
     * @return the space
     * @throws IllegalArgumentException if an operation is not one of the kit's
     */
    CellSpace toSpace() {
      if (custom != null) {
        throw new IllegalArgumentException(
            "only their user can make the operations %s again; to load the search, ask for it with the same space"
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
   * The values of an activation at nine points, as text, and where neither a name nor a function
   * identifies it, those at further points.
   */
  static String values(String name, Supplier<? extends Block> activation) {
    Optional<Supplier<Block>> known =
        Activations.names().stream().filter(k -> called(k, name)).map(Activations::of).findFirst();
    // A function of the kit's operations is kept with the run as a string.
    boolean identified =
        known.isPresent()
            ? all(known.get()).equals(all(activation))
            : activation instanceof Expression function
                && function.operations().noneMatch(Operation::custom);
    return identified ? values(activation, NEAR) : all(activation);
  }

  private static boolean called(String known, String name) {
    return known.equalsIgnoreCase(name) || Activations.title(known).equalsIgnoreCase(name);
  }

  private static String all(Supplier<? extends Block> activation) {
    return values(activation, NEAR) + " " + values(activation, FURTHER);
  }

  /** The values of a newly initialised activation, as text. */
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
   * Finds the known activation that a training used.
   *
   * @return the known activation with these values, that of the training's name before others
   * @throws IllegalArgumentException if it is none of the known ones
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
                    "'%s' is an activation that only its user can make again"
                        .formatted(activation)));
  }

  /**
   * Checks that a task has the data of this run.
   *
   * @param task the task
   * @throws IllegalArgumentException if its data differ; the message names both
   */
  void require(Task task) {
    if (!fingerprint.equals(task.fingerprint())) {
      throw new IllegalArgumentException(
          "%s is on other data than there are here: %s: %s, not %s: %s; put the same files here"
              .formatted(title(), data, fingerprint, task.name(), task.fingerprint()));
    }
  }

  /**
   * {@return the settings by name, such as {@code weights.sgd.learningRate}: all values of the
   * scale but its name and its number of seeds, those of its search included, on which a found
   * function depends; and the data's fingerprint} Only trainings with equal settings are compared
   * or grouped, even if their scales have the same name. If each activation has {@linkplain
   * #OWN_RATE its own learning rate}, that is no setting, since it belongs to the activation.
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

  /** {@return what the run is called in messages} */
  public String title() {
    return (isSearch() ? "search" : activation) + ", seed " + seed;
  }

  /**
   * {@return where the run lies below {@code results/}, such as {@code
   * resnet-20/fashion-mnist/quick/relu/seed-1-0a1b2c3d}; the digits are a hash of the
   * configuration}
   */
  public String folder() {
    String digits;
    try {
      byte[] json = JsonFile.text(this).getBytes(StandardCharsets.UTF_8);
      digits = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json), 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    return String.join(
        "/",
        slug(model.title()),
        slug(data),
        slug(scale.name()),
        isSearch() ? "search" : slug(activation),
        "seed-" + seed + "-" + digits);
  }

  private static String slug(String name) {
    String slug =
        name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._]+", "-").replaceAll("^[-.]+|-+$", "");
    return slug.isEmpty() ? "unnamed" : slug;
  }
}
