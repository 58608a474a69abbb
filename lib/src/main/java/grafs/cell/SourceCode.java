package grafs.cell;

import grafs.cell.Template.Formula;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.lang.model.SourceVersion;

/**
 * Exports an activation function as source code that does not depend on this library. The code
 * computes the simplified formula, without the limits on values that a search uses ({@link
 * Bounds}). Some operations of the function have a learnable scalar β, as in β·x. All β become one
 * trainable parameter in PyTorch and DJL, and one argument with a default value in JAX. The initial
 * or default values are those of the function.
 *
 * <p>The code computes in the precision of its input, while this library computes in float64 and
 * rounds the result to float32. Where an intermediate value overflows float32, the gradient of the
 * code may therefore be NaN. A comment in the code then says from which |x| on.
 */
public final class SourceCode {

  /**
   * A regular expression of names that the exported class or function must not have: the keywords
   * of Python that are not keywords of Java too, and the modules that the Python code imports.
   */
  private static final String TAKEN =
      "False|None|True|and|as|async|await|def|del|elif|except|from|global|in|is|lambda|nonlocal"
          + "|not|or|pass|raise|with|yield|torch|nn|F|jax|jnp";

  /**
   * A regular expression of further names that an exported Java class must not have: classes that
   * the code imports or that the language provides, and identifiers that cannot name a class.
   */
  private static final String TAKEN_IN_JAVA =
      "NDArrays?|NDList|Shape|AbstractBlock|Activation|Parameter|ParameterStore|PairList"
          + "|Object|Override|String|permits|record|sealed|var";

  private final Expression function;
  private final Notation language;
  private final String declare;
  private final String entry;

  /** The values of all β, in the order in which the code reads them. */
  private final List<Double> betas = new ArrayList<>();

  /** The assignments of variables, in order, before the result. */
  private final List<String> statements = new ArrayList<>();

  /** The expression that the code returns. */
  private final String result;

  /**
   * Writes the parts of the code: {@code betas}, {@code statements} and {@code result}.
   *
   * @param language the language
   * @param f the function
   * @param name the name of the class or function; checked
   * @param declare the format of an assignment to a new variable, to be filled with the variable's
   *     name and value
   * @param entry the format of an access to one β, to be filled with its index
   * @throws IllegalArgumentException if the name cannot be used
   */
  private SourceCode(Notation language, Expression f, String name, String declare, String entry) {
    if (!SourceVersion.isName(name)
        || !name.matches("\\w+")
        || name.matches(TAKEN)
        || language == Notation.JAVA && name.matches(TAKEN_IN_JAVA)) {
      throw new IllegalArgumentException(
          "the exported code cannot be named '%s': take letters, digits and '_', but no keyword of Python or Java and nothing that the code uses, such as torch or NDArray"
              .formatted(name));
    }
    function = f.simplified();
    this.language = language;
    this.declare = declare;
    this.entry = entry;
    result = write(function).text();
  }

  /**
   * Returns the code of an expression; adds its β to {@code betas}, and the assignments that it
   * needs to {@code statements}.
   */
  private Formula write(Expression e) {
    if (!(e instanceof Expression.Apply node)) {
      return Formula.variable("x");
    }
    Template code = node.operation().formula(language);
    Formula[] arguments = new Formula[node.arguments().size()];
    for (int i = 0; i < arguments.length; i++) {
      // An argument that the formula does not contain, such as b in left(a, b) = a, is left out.
      int uses = code.uses(i + 1);
      arguments[i] = uses == 0 ? null : named(write(node.arguments().get(i)), uses > 1);
    }
    return code.fill(next(node.beta()), arguments);
  }

  /**
   * Adds a β to {@code betas} and returns the code that reads it. NaN stands for an operation
   * without β. For NaN nothing is added, and the returned text is not used.
   */
  private String next(double beta) {
    if (Double.isNaN(beta)) {
      return "β";
    }
    betas.add(beta);
    return String.format(Locale.ROOT, entry, betas.size() - 1);
  }

  /**
   * Returns the formula of a value. If the value is used several times and is not a variable yet,
   * assigns it to a new variable, and returns the variable instead.
   */
  private Formula named(Formula value, boolean repeats) {
    if (!repeats || SourceVersion.isIdentifier(value.text())) {
      return value;
    }
    String name = "v" + (statements.size() + 1);
    statements.add(declare.formatted(name, value.text()));
    return Formula.variable(name);
  }

  /**
   * Writes a PyTorch module. If the function has any β, their values are in the parameter {@code
   * beta}.
   *
   * @param f the function
   * @param className the name of the class
   * @return the source of a Python file
   * @throws IllegalArgumentException if the name is not an identifier in both Python and Java, or
   *     is one that the code needs for something else
   * @throws IllegalStateException if the function contains a custom operation that has no PyTorch
   *     code
   */
  public static String pyTorch(Expression f, String className) {
    SourceCode code = new SourceCode(Notation.PYTORCH, f, className, "%s = %s", "self.beta[%d]");
    String body = code.body("        ", "return %s");
    String start = code.betas.isEmpty() ? "" : PYTORCH_BETA.formatted(code.tuple());
    return PYTORCH.formatted(
        (body + start).contains("torch.") ? "import torch\n" : "",
        body.contains("F.") ? "from torch.nn import functional as F\n" : "",
        className,
        code.note(),
        start,
        body);
  }

  private static final String PYTORCH =
      """
      %sfrom torch import nn
      %s

      class %s(nn.Module):
          \"""%s\"""
      %s
          def forward(self, x):
      %s
      """;

  private static final String PYTORCH_BETA =
      """

          def __init__(self, beta=%s):
              super().__init__()
              self.beta = nn.Parameter(torch.tensor(beta))
      """;

  /**
   * Writes a JAX function of x. If the function has any β, their values are the default of its
   * argument {@code beta}.
   *
   * @param f the function
   * @param functionName the name of the JAX function
   * @return the source of a Python file
   * @throws IllegalArgumentException if the name is not an identifier in both Python and Java, or
   *     is one that the code needs for something else
   * @throws IllegalStateException if the function contains a custom operation that has no JAX code
   */
  public static String jax(Expression f, String functionName) {
    SourceCode code = new SourceCode(Notation.JAX, f, functionName, "%s = %s", "beta[%d]");
    String body = code.body("    ", "return %s");
    String imports =
        (body.contains("jax.") ? "import jax\n" : "")
            + (body.contains("jnp.") ? "import jax.numpy as jnp\n" : "");
    String beta = code.betas.isEmpty() ? "" : ", beta=" + code.tuple();
    return JAX.formatted(
        imports.isEmpty() ? "" : imports + "\n\n", functionName, beta, code.note(), body);
  }

  private static final String JAX =
      """
      %sdef %s(x%s):
          \"""%s\"""
      %s
      """;

  /**
   * Writes a DJL block. If the function has any β, their values are in the parameter {@code beta}.
   *
   * @param f the function
   * @param className the name of the class
   * @return the source of a Java file without a package
   * @throws IllegalArgumentException if the name is not an identifier in both Python and Java, or
   *     is one that the code needs for something else
   * @throws IllegalStateException if the function contains a custom operation that has no Java code
   */
  public static String java(Expression f, String className) {
    SourceCode code =
        new SourceCode(Notation.JAVA, f, className, "NDArray %s = %s;", "beta.get(%d)");
    String body = code.body("    ", "return new NDList(%s);");
    boolean beta = !code.betas.isEmpty();
    return JAVA.formatted(
        body.contains("NDArrays.") ? "import ai.djl.ndarray.NDArrays;\n" : "",
        body.contains("Activation.") ? "import ai.djl.nn.Activation;\n" : "",
        beta ? "import ai.djl.nn.Parameter;\n" : "",
        code.note(),
        className,
        beta ? JAVA_BETA.formatted(code.floats()) : "",
        beta ? "    NDArray beta = store.getValue(this.beta, x.getDevice(), training);\n" : "",
        body);
  }

  private static final String JAVA =
      """
      import ai.djl.ndarray.NDArray;
      %simport ai.djl.ndarray.NDList;
      import ai.djl.ndarray.types.Shape;
      import ai.djl.nn.AbstractBlock;
      %s%simport ai.djl.training.ParameterStore;
      import ai.djl.util.PairList;

      /** %s */
      public final class %s extends AbstractBlock {
      %s
        @Override
        protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
          NDArray x = inputs.singletonOrThrow();
      %s%s
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
          return inputShapes;
        }
      }
      """;

  private static final String JAVA_BETA =
      """

        private static final float[] START = {%s};

        private final Parameter beta =
            addParameter(
                Parameter.builder()
                    .setName("beta")
                    .setType(Parameter.Type.OTHER)
                    .optShape(new Shape(START.length))
                    .optInitializer((manager, shape, type) -> manager.create(START).toType(type, false))
                    .build());
      """;

  /**
   * The statements and the result as indented lines; {@code last} is the format of the line with
   * the result.
   */
  private String body(String indent, String last) {
    List<String> lines = new ArrayList<>(statements);
    lines.add(last.formatted(result));
    return indent + String.join("\n" + indent, lines);
  }

  /**
   * The text of the code's comment. It has the formula, in which characters that would end the
   * comment are replaced. If {@link #overflows} is true at one of the |x| from 0 to 100 in steps of
   * 0.05, the comment also has the smallest of these |x|.
   */
  private String note() {
    String text = function.text().replace("\\", "\\\\").replace("\"", "'").replace("*/", "* /");
    OptionalDouble from =
        IntStream.rangeClosed(0, 2000)
            .mapToDouble(i -> i / 20.0)
            .filter(x -> overflows(function, x) || overflows(function, -x))
            .findFirst();
    String note =
        ". In float32 an intermediate value overflows from |x| = %.2f on, which can make the"
            + " gradient NaN: compute in float64 there";
    return text + (from.isEmpty() ? "" : String.format(Locale.ROOT, note, from.getAsDouble()));
  }

  /**
   * Whether at x an intermediate value or derivative overflows float32, although f(x) and f′(x) do
   * not.
   */
  private static boolean overflows(Expression f, double x) {
    return isFloat(f, x) && overflowsWithin(f, x);
  }

  /** Whether at x the value or derivative of f or of any expression within f overflows float32. */
  private static boolean overflowsWithin(Expression f, double x) {
    return !isFloat(f, x)
        || f instanceof Expression.Apply node
            && node.arguments().stream().anyMatch(a -> overflowsWithin(a, x));
  }

  /** Whether f(x) and f′(x) are finite in float32. */
  private static boolean isFloat(Expression f, double x) {
    double[] d = new double[2];
    f.evaluate(x, d);
    return Math.abs(d[0]) <= Float.MAX_VALUE && Math.abs(d[1]) <= Float.MAX_VALUE;
  }

  private String tuple() {
    return betas.stream().map(SourceCode::digits).collect(Collectors.joining(", ", "(", ",)"));
  }

  private String floats() {
    return betas.stream().map(b -> (float) (double) b + "f").collect(Collectors.joining(", "));
  }

  /**
   * The shortest decimal number that parses to β: as a float32 if β is exactly a float32, otherwise
   * as a float64.
   */
  private static String digits(double beta) {
    return (float) beta == beta ? Float.toString((float) beta) : Double.toString(beta);
  }
}
