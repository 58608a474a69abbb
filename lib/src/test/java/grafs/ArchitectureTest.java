package grafs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/**
 * Checks rules for the dependencies, the method calls and the names of the whole library. The first
 * rule is that a package may depend only on packages after it in the list sweep, study, notebook,
 * run, nas, train, model, data, cell. In addition nas does not depend on model.
 */
@AnalyzeClasses(packages = "grafs", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  /** All packages. Each may depend on those after it in this list. */
  private static final List<String> LAYERS =
      List.of("sweep", "study", "notebook", "run", "nas", "train", "model", "data", "cell");

  @ArchTest
  static void packagesDependOnLaterOnes(JavaClasses classes) {
    var rule = layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (String layer : LAYERS) {
      rule = rule.layer(layer).definedBy("grafs." + layer + "..");
    }
    rule = rule.whereLayer(LAYERS.get(0)).mayNotBeAccessedByAnyLayer();
    for (int i = 1; i < LAYERS.size(); i++) {
      String[] before = LAYERS.subList(0, i).toArray(String[]::new);
      rule = rule.whereLayer(LAYERS.get(i)).mayOnlyBeAccessedByLayers(before);
    }
    rule.check(classes);
  }

  @ArchTest
  static final ArchRule SEARCHES_DO_NOT_KNOW_THE_PAPERS_NETWORKS =
      noClasses()
          .that()
          .resideInAPackage("grafs.nas..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("grafs.model..");

  @ArchTest
  static final ArchRule NO_CYCLES = slices().matching("grafs.(**)").should().beFreeOfCycles();

  /**
   * The packages run, nas, train, model, data and cell do not print to the standard output or error
   * output; they log, or call a listener. {@code DataCommand}, the main class of a command-line
   * tool, may print.
   */
  @ArchTest
  static final ArchRule NOTHING_BELOW_NOTEBOOKS_PRINTS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "grafs.cell..",
              "grafs.data",
              "grafs.model..",
              "grafs.train..",
              "grafs.nas..",
              "grafs.run..")
          .and()
          .doNotHaveSimpleName("DataCommand")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  /**
   * Code in the packages cell and model does not multiply, divide or exponentiate tensors by a Java
   * number. DJL makes a tensor of the number and frees it before the backward pass reads it; see
   * {@link grafs.cell.Constant}.
   */
  @ArchTest
  static final ArchRule NO_NUMBERS_UNDER_AUTOGRAD =
      noClasses()
          .that()
          .resideInAnyPackage("grafs.cell..", "grafs.model..")
          .should()
          .callMethod(NDArray.class, "mul", Number.class)
          .orShould()
          .callMethod(NDArray.class, "div", Number.class)
          .orShould()
          .callMethod(NDArray.class, "pow", Number.class)
          .orShould()
          .callMethod(Activation.class, "swish", NDArray.class, float.class);

  /**
   * The packages whose classes a notebook imports by {@code import package.*}, in addition to all
   * packages of this library.
   */
  private static final List<String> IMPORTED_BESIDE =
      List.of(
          "java.util",
          "ai.djl",
          "ai.djl.ndarray",
          "ai.djl.ndarray.types",
          "ai.djl.nn",
          "ai.djl.training",
          "ai.djl.training.dataset",
          "ai.djl.training.loss",
          "ai.djl.training.optimizer",
          "ai.djl.training.util",
          "tech.tablesaw.api",
          "tech.tablesaw.plotly",
          "tech.tablesaw.plotly.api",
          "tech.tablesaw.plotly.components",
          "tech.tablesaw.plotly.traces");

  /**
   * No public class of this library has the name of a class in {@link #IMPORTED_BESIDE}, so that a
   * notebook can use the name without its package.
   */
  @ArchTest
  static void noNameIsAmbiguousInANotebook(JavaClasses classes) {
    List<String> ambiguous =
        classes.stream()
            .filter(each -> each.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(JavaClass::isTopLevelClass)
            .map(JavaClass::getSimpleName)
            .flatMap(name -> IMPORTED_BESIDE.stream().map(other -> other + "." + name))
            .filter(ArchitectureTest::exists)
            .toList();
    assertEquals(List.of(), ambiguous);
  }

  private static boolean exists(String name) {
    try {
      Class.forName(name, false, ArchitectureTest.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
