package grafs.cell;

/** The notations in which an {@link Operation}, such as max(a, b), can give its formula. */
enum Notation {
  /** Plain text for a reader, such as {@code max(x, 0)}. */
  TEXT,
  /** LaTeX, for figures and tables. */
  LATEX,
  /**
   * Python with {@code torch}, {@code nn} for {@code torch.nn} and {@code F} for {@code
   * torch.nn.functional}.
   */
  PYTORCH,
  /** Python with {@code jax} and {@code jnp} for {@code jax.numpy}. */
  JAX,
  /** Java with DJL's {@code NDArray}, {@code NDArrays} and {@code Activation}. */
  JAVA
}
