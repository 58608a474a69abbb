package grafs.model;

import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Replaces, by reflection, the references to one block of a network by references to another.
 * {@link ActivationSites}, which replaces the activations of a network, uses this class. DJL keeps
 * the children of a block in a list, but a block may also refer to its activation in other ways: by
 * a field, by a list, array or map in a field, or by an object or lambda that a field refers to.
 * This class searches all of these, in all blocks of the network. It leaves DJL's lists of children
 * unchanged, because {@link ActivationSites} itself changes those.
 *
 * <p>Some references are found but cannot be changed: in collections other than modifiable lists,
 * as keys of maps or values of unmodifiable maps, in an {@code Optional}, in a record, captured by
 * a lambda, or in a field or array whose type does not admit the new block.
 */
final class Holders {

  /**
   * The largest number of objects visited in one search. This limits the time of a search if a
   * block refers to a large object graph, such as a data set.
   */
  private static final int MOST = 100_000;

  /**
   * Classes whose own fields are not searched. The fields of DJL's base classes hold the list of
   * children, which {@link ActivationSites} changes itself.
   */
  private static final Set<Class<?>> BASES =
      Set.of(Object.class, AbstractBlock.class, AbstractBaseBlock.class);

  private final Block before;
  private final Block after;

  /** The objects visited so far. */
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * The name of a block's field for which the replacement failed, such as {@code
   * MyBlock.activations}; null if there is none. The field failed if a reference that cannot be
   * changed was found through it, or if the number of visited objects exceeded {@link #MOST} when
   * it was searched.
   */
  private String stubborn;

  /** The name of the block's field that is being searched, such as {@code MyBlock.activations}. */
  private String owner;

  private Holders(Block before, Block after) {
    this.before = before;
    this.after = after;
  }

  /**
   * Replaces all references to one block by references to another, except the references in DJL's
   * lists of children.
   *
   * @param network the network whose blocks are searched
   * @param before the block to be replaced
   * @param after the new block
   * @return empty if all references were replaced. Otherwise the name of a block's field, such as
   *     {@code MyBlock.activations}: a reference that cannot be changed was found through this
   *     field, or the number of visited objects exceeded 100 000 when it was searched
   */
  static Optional<String> replace(Block network, Block before, Block after) {
    Holders holders = new Holders(before, after);
    holders.block(network);
    return Optional.ofNullable(holders.stubborn);
  }

  /** Searches the fields of a block and of all blocks below it. */
  private void block(Block block) {
    if (block == after || block == before || !seen.add(block)) {
      return;
    }
    fields(block);
    block.getChildren().values().forEach(this::block);
  }

  /** Searches the fields of an object, those of its superclasses included. */
  private void fields(Object object) {
    for (Class<?> type = object.getClass(); !BASES.contains(type); type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
          continue;
        }
        if (object instanceof Block) {
          owner = object.getClass().getSimpleName() + "." + field.getName();
        }
        try {
          field.setAccessible(true);
          Object value = field.get(object);
          if (value == before) {
            field.set(object, after);
          } else {
            inside(value);
          }
        } catch (InaccessibleObjectException e) {
          continue;
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
          // Reflection cannot set a field of a record, a variable that a lambda captured, or a
          // field whose type does not admit the new block.
          stubborn = owner;
        }
      }
    }
  }

  /**
   * Searches what a value refers to: the elements of an array or collection, the keys and values of
   * a map, the content of an optional or atomic reference, or the fields of any other object.
   */
  @SuppressWarnings("unchecked")
  private void inside(Object value) {
    if (value == null || value instanceof Block || !mayHold(value)) {
      return;
    }
    if (!seen.add(value)) {
      return;
    }
    if (seen.size() > MOST) {
      // Objects beyond the limit may refer to the block, so the replacement counts as failed.
      stubborn = stubborn == null ? owner : stubborn;
      return;
    }
    if (value instanceof Object[] array) {
      inside(Arrays.asList(array));
    } else if (value instanceof List<?> list) {
      ListIterator<Object> each = ((List<Object>) list).listIterator();
      while (each.hasNext()) {
        element(each.next(), each::set);
      }
    } else if (value instanceof Collection<?> others) {
      others.forEach(this::fixed);
    } else if (value instanceof Optional<?> optional) {
      optional.ifPresent(this::fixed);
    } else if (value instanceof AtomicReference<?> reference) {
      element(reference.get(), ((AtomicReference<Object>) reference)::set);
    } else if (value instanceof Map<?, ?> map) {
      map.keySet().forEach(this::fixed);
      ((Map<?, Object>) map)
          .entrySet()
          .forEach(entry -> element(entry.getValue(), entry::setValue));
    } else {
      fields(value);
    }
  }

  /**
   * Tells whether a value may refer to a block, so that it must be searched. Such values are
   * arrays, collections, maps, optionals, atomic references, DJL's pairs, objects of DJL's package
   * {@code ai.djl.nn}, and all objects whose classes belong neither to the Java platform nor to
   * DJL. Other objects, such as strings and tensors, are not searched.
   */
  private static boolean mayHold(Object value) {
    String type = value.getClass().getName();
    return value instanceof Object[]
        || value instanceof Collection<?>
        || value instanceof Map<?, ?>
        || value instanceof Optional<?>
        || value instanceof AtomicReference<?>
        || type.startsWith("ai.djl.util.Pair")
        || !type.matches("(java|javax|jdk|sun|com\\.sun)\\..*")
            && (!type.startsWith("ai.djl.") || type.startsWith("ai.djl.nn."));
  }

  /**
   * Checks an element that this class cannot replace, such as a map's key. If the element is the
   * block to be replaced, the replacement has failed; otherwise what it refers to is searched.
   */
  private void fixed(Object element) {
    if (element == before) {
      stubborn = owner;
    } else {
      inside(element);
    }
  }

  /**
   * Replaces an element if it is the block to be replaced; otherwise searches what it refers to.
   *
   * @param element an element of a list, a value of a map, or the content of an atomic reference
   * @param put puts a block in the place of the element
   */
  private void element(Object element, Consumer<Block> put) {
    if (element != before) {
      inside(element);
      return;
    }
    try {
      put.accept(after);
    } catch (UnsupportedOperationException | ArrayStoreException e) {
      stubborn = owner;
    }
  }
}
