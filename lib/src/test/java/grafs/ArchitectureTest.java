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
 * Checks rules for the whole library, of which the first is: a package may depend only on packages
 * after it in the list sweep, study, notebook, run, nas, train, model, data, cell; and nas does not
 * depend on model.
 */
@AnalyzeClasses(packages = "grafs", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  /** All packages; each may depend on those after it. */
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
   * The packages from run to cell do not print to the standard output or error output; they log, or
   * call a listener. Packages above them print, and {@code DataCommand}, the program of a command.
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
   * Cells and networks do not multiply, divide or exponentiate tensors by a Java number: DJL frees
   * the tensor that it makes of the number before the backward pass reads it; see {@link
   * grafs.cell.Constant}.
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
   * The packages whose classes a notebook imports by {@code import package.*}, together with all
   * packages of the kit.
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

  /** No public class of the kit has the name of a class in {@link #IMPORTED_BESIDE}. */
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
