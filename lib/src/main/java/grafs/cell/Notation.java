package grafs.cell;

/** How a formula is written down. */
enum Notation {
  /** For a reader, such as {@code max(x, 0)}. */
  TEXT,
  /** For a typeset page. */
  LATEX,
  /** Python with {@code torch}, {@code nn} and {@code F}, for {@code torch.nn.functional}. */
  PYTORCH,
  /** Python with {@code jax} and {@code jnp}, for {@code jax.numpy}. */
  JAX,
  /** Java with DJL's {@code NDArray}, {@code NDArrays} and {@code Activation}. */
  JAVA
}
