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
 * Finds and replaces the references to a block that the network's blocks have beside DJL's list of
 * children: in fields, lists, arrays and maps, and in the objects and lambdas that these refer to.
 * A reference in another collection, a map's key or an {@code Optional} is found and cannot be
 * changed.
 */
final class Holders {

  /**
   * Limit on the objects visited in one search, against following a large object graph that is not
   * part of the network.
   */
  private static final int MOST = 100_000;

  /** The classes whose fields are not looked at: DJL's own list of children is replaced apart. */
  private static final Set<Class<?>> BASES =
      Set.of(Object.class, AbstractBlock.class, AbstractBaseBlock.class);

  private final Block before;
  private final Block after;
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private String stubborn;
  private String owner;

  private Holders(Block before, Block after) {
    this.before = before;
    this.after = after;
  }

  /**
   * Replaces one block by another wherever the network's blocks refer to it.
   *
   * @param network the network
   * @param before the block to be replaced
   * @param after the new block
   * @return the field that could not be changed, such as {@code MyBlock.activations}, or empty
   */
  static Optional<String> replace(Block network, Block before, Block after) {
    Holders holders = new Holders(before, after);
    holders.block(network);
    return Optional.ofNullable(holders.stubborn);
  }

  private void block(Block block) {
    if (block == after || block == before || !seen.add(block)) {
      return;
    }
    fields(block);
    block.getChildren().values().forEach(this::block);
  }

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
        } catch (ReflectiveOperationException e) {
          // The field of a record or the captured variable of a lambda, which cannot be set.
          stubborn = owner;
        }
      }
    }
  }

  @SuppressWarnings("unchecked")
  private void inside(Object value) {
    if (value == null || value instanceof Block || !mayHold(value)) {
      return;
    }
    if (seen.size() > MOST || !seen.add(value)) {
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
   * Whether a value may refer to a block: arrays, collections, maps, pairs, and objects of other
   * classes than those of the Java platform and of DJL's engines, which are many.
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

  /** An element that cannot be exchanged. */
  private void fixed(Object element) {
    if (element == before) {
      stubborn = owner;
    } else {
      inside(element);
    }
  }

  private void element(Object element, Consumer<Block> put) {
    if (element != before) {
      inside(element);
      return;
    }
    try {
      put.accept(after);
    } catch (UnsupportedOperationException e) {
      stubborn = owner;
    }
  }
}
