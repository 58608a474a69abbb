package grafs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import grafs.model.ActivationSites.Site;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link ActivationSites}, which finds and replaces the activation functions of a network. It
 * must tell clipped activations from activations without clipping. It must also replace activations
 * to which a block refers not only by DJL's list of children, but also by fields or objects in
 * fields, such as lists; the class {@link Holders} does this.
 */
class ActivationHoldersTest {

  private static List<String> names(Block network) {
    return ActivationSites.in(network).sites().stream().map(Site::name).toList();
  }

  private static Block clip(double low, double high) {
    return LambdaBlock.singleton(x -> x.clip(low, high));
  }

  @Test
  void clipsAreNotTakenForWhatTheyClip() {
    SequentialBlock network =
        new SequentialBlock()
            .add(Activation.reluBlock())
            .add(Activation.relu6Block())
            .add(clip(0, 1))
            .add(clip(0, 20))
            .add(clip(0, 127))
            .add(clip(0, 1000))
            .add(clip(-1, 1))
            .add(clip(-10, 10)) // differs from x only for |x| > 10
            .addSingleton(x -> Activation.gelu(x).minimum(6))
            .addSingleton(x -> x.mul(3).add(5_000)); // affine, so no activation
    assertEquals(
        List.of(
            "relu",
            "relu6",
            "unknown",
            "unknown 2",
            "unknown 3",
            "unknown 4",
            "hard_tanh",
            "unknown 5",
            "unknown 6"),
        names(network));
  }

  @Test
  void mobileNetV2HasReLU6() {
    List<String> names = names(MobileNetV2.builder().setOutSize(4).build());
    assertTrue(names.size() >= 35, names.toString());
    assertEquals(Set.of("relu6"), Set.copyOf(names));
  }

  @Test
  void oneBlockAtTwoPlacesIsPickedAtBothOrNone() {
    Block shared = Activation.reluBlock();
    Block twice = new SequentialBlock().add(Activation.geluBlock());
    SequentialBlock network = new SequentialBlock().add(shared).add(shared).add(twice).add(twice);
    ActivationSites sites = ActivationSites.in(network);
    assertEquals(
        List.of("relu", "relu", "gelu", "gelu"), sites.sites().stream().map(Site::name).toList());
    for (String one : List.of("01", "02", "03", "04")) {
      String said =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      sites.replace(
                          site ->
                              site.path().startsWith(one)
                                  ? LambdaBlock.singleton(NDArray::sin)
                                  : null))
              .getMessage();
      assertTrue(said.contains(one) && said.contains("where("), said);
      assertSame(shared, network.getChildren().valueAt(0));
      assertSame(shared, network.getChildren().valueAt(1));
    }
    sites.replace(site -> site.name().equals("relu") ? LambdaBlock.singleton(NDArray::sin) : null);
    assertSame(network.getChildren().valueAt(0), network.getChildren().valueAt(1));
  }

  /**
   * A block with an activation, a ReLU, to which it refers in two ways: by DJL's list of children,
   * and by a field with another object, the holder, that refers to the activation. The output is
   * computed with the holder's reference, so it changes only if this reference is replaced.
   *
   * @param <T> the type of the holder
   */
  private static final class Holding<T> extends AbstractBlock {

    private final T holder;
    private final Function<T, Block> get;

    /**
     * Creates the block.
     *
     * @param hold makes a holder that refers to the given activation
     * @param get returns the block to which the holder refers
     */
    Holding(Function<Block, T> hold, Function<T, Block> get) {
      holder = hold.apply(addChildBlock("activation", Activation.reluBlock()));
      this.get = get;
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
      return get.apply(holder).forward(store, in, training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return shapes;
    }
  }

  @Test
  void aLongListOfTextsBeforeTheActivationIsPassedOver() {
    follows(
        new Holding<List<List<?>>>(
            relu ->
                List.of(
                    IntStream.range(0, 150_000).mapToObj(i -> "word " + i).toList(),
                    new ArrayList<>(List.of(relu))),
            lists -> (Block) lists.get(1).get(0)));
  }

  @Test
  void moreObjectsThanAreSearchedBeforeTheActivationAreRefused() {
    refused(
        new Holding<List<List<?>>>(
            relu ->
                List.of(
                    Stream.generate(ArrayList::new).limit(100_001).toList(),
                    new ArrayList<>(List.of(relu))),
            lists -> (Block) lists.get(1).get(0)));
  }

  private static final class Box {
    private final Block block;

    Box(Block block) {
      this.block = block;
    }
  }

  private record Fixed(Block block) {}

  /**
   * Asserts that a block's output for −1 is sin(−1) after its activation was replaced by the sine,
   * and 0 after its original activation, ReLU, was put back.
   */
  private static void follows(Block block) {
    Block network = new SequentialBlock().add(block);
    ActivationSites sites = ActivationSites.in(network);
    sites.replace(site -> LambdaBlock.singleton(NDArray::sin));
    assertEquals(Math.sin(-1), output(network), 1e-6);
    sites.replace(site -> null);
    assertEquals(0, output(network));
  }

  /**
   * Asserts that a replacement is refused and leaves the network unchanged. The message must name
   * the field that refers to the activation, and say what to do instead.
   */
  private static void refused(Block block) {
    Block network = new SequentialBlock().add(block);
    Block before = block.getChildren().valueAt(0);
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    ActivationSites.in(network)
                        .replace(site -> LambdaBlock.singleton(NDArray::sin)))
            .getMessage();
    assertTrue(said.contains("Holding.holder") && said.contains("ActivationSearch.of"), said);
    assertSame(before, block.getChildren().valueAt(0), "the network is as it was");
  }

  private static float output(Block network) {
    try (NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray x = manager.create(new float[] {-1});
      return network.forward(store, new NDList(x), false).head().getFloat();
    }
  }

  @Test
  void whatHoldsAnActivationIsFollowed() {
    follows(new Holding<>(block -> block, block -> block));
    follows(new Holding<>(block -> new Block[] {block}, blocks -> blocks[0]));
    follows(new Holding<>(block -> new Block[][] {{}, {block}}, blocks -> blocks[1][0]));
    follows(new Holding<>(block -> new ArrayList<>(List.of(block)), blocks -> blocks.get(0)));
    follows(new Holding<>(block -> new HashMap<>(Map.of("a", block)), map -> map.get("a")));
    follows(new Holding<>(Box::new, box -> box.block));
    follows(new Holding<>(b -> new PairList<>(Map.of("a", b)), pairs -> pairs.valueAt(0)));
    follows(new Holding<>(block -> new Pair<>("a", new Box(block)), pair -> pair.getValue().block));
    follows(new Holding<>(AtomicReference::new, AtomicReference::get));
    follows(
        new Holding<>(
            b -> new HashMap<>(Map.of(1, List.of(new Box(b)))), m -> m.get(1).get(0).block));
  }

  @Test
  void whatCannotBeChangedIsRefused() {
    refused(new Holding<>(List::of, blocks -> blocks.get(0)));
    refused(new Holding<>(block -> Map.of("a", block), map -> map.get("a")));
    refused(new Holding<>(Fixed::new, Fixed::block));
    refused(new Holding<>(Set::of, set -> set.iterator().next()));
    refused(new Holding<>(b -> new ArrayDeque<>(List.of(b)), deque -> deque.getFirst()));
    refused(new Holding<>(b -> Map.of(b, "a"), map -> map.keySet().iterator().next()));
    refused(new Holding<>(Optional::of, Optional::get));
    refused(new Holding<Supplier<Block>>(block -> () -> block, Supplier::get));
  }

  @Test
  void theWholeNetworkIsLookedAt() {
    // The activation is a child of the first block. The second block also refers to it, by a list
    // in a field.
    SequentialBlock inner = new SequentialBlock().add(Activation.reluBlock());
    List<Block> kept = new ArrayList<>(inner.getChildren().values());
    Block network = new SequentialBlock().add(inner).add(new Keeping(kept));
    ActivationSites.in(network).replace(site -> LambdaBlock.singleton(NDArray::sin));
    assertTrue(IntStream.range(0, 1).allMatch(i -> kept.get(i) == inner.getChildren().valueAt(0)));
  }

  private static final class Keeping extends AbstractBlock {

    @SuppressWarnings({"unused", "PMD.UnusedPrivateField"})
    private final List<Block> kept;

    Keeping(List<Block> kept) {
      this.kept = kept;
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
      return in;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return shapes;
    }
  }
}
