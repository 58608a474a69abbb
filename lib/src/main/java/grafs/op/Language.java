package grafs.op;

import java.util.EnumMap;
import java.util.Map;

/** A language in which an operation can be written down as source code. */
public enum Language {
  /** Python with {@code torch}, {@code nn} and {@code F}, for {@code torch.nn.functional}. */
  PYTORCH("PyTorch"),
  /** Python with {@code jax} and {@code jnp}, for {@code jax.numpy}. */
  JAX("JAX"),
  /** Java with DJL's {@code NDArray}, {@code NDArrays} and {@code Activation}. */
  JAVA("Java");

  private final String title;

  Language(String title) {
    this.title = title;
  }

  @Override
  public String toString() {
    return title;
  }

  /** {@return templates by language; null stands for a language without one} */
  static Map<Language, Template> templates(String pyTorch, String jax, String java) {
    Map<Language, Template> templates = new EnumMap<>(Language.class);
    String[] patterns = {pyTorch, jax, java};
    for (Language language : values()) {
      if (patterns[language.ordinal()] != null) {
        templates.put(language, new Template(patterns[language.ordinal()]));
      }
    }
    return Map.copyOf(templates);
  }

  /** {@return the operation's template} */
  Template of(String operation, Map<Language, Template> code) {
    Template template = code.get(this);
    if (template == null) {
      throw new IllegalStateException(
          "the operation '%s' has no %s code; give it some by withCode(pyTorch, jax, java)"
              .formatted(operation, this));
    }
    return template;
  }
}
