package grafs.lab;

import grafs.cell.CellSpace;
import grafs.cell.DiscreteActivation;
import grafs.search.Relaxation;
import grafs.search.SearchResult;
import grafs.train.Score;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A complete search on disk: {@code activation.json}, and in {@code result.json} how it was found.
 *
 * @param folder the search's folder
 */
record SearchFile(Path folder) {

  static final String FUNCTION = "activation.json";
  private static final String RESULT = "result.json";

  /** What is in {@code result.json}; space and relaxation are in the run's configuration. */
  private record Course(
      List<Score> warmStart,
      SearchResult.Start start,
      List<SearchResult.Epoch> epochs,
      double seconds) {}

  boolean complete() {
    return Files.exists(folder.resolve(RESULT)) && Files.exists(folder.resolve(FUNCTION));
  }

  void write(SearchResult result) {
    result.found().write(folder.resolve(FUNCTION));
    new JsonFile(folder.resolve(RESULT))
        .write(new Course(result.warmStart(), result.start(), result.epochs(), result.seconds()));
  }

  /**
   * Reads the search.
   *
   * @throws IllegalArgumentException if a file is damaged
   */
  SearchResult read(CellSpace space, Relaxation relaxation) {
    Course course = new JsonFile(folder.resolve(RESULT)).read(Course.class);
    if (course.start() == null || course.epochs() == null) {
      throw new IllegalArgumentException(folder.resolve(RESULT) + " is not a search's");
    }
    return new SearchResult(
        DiscreteActivation.read(folder.resolve(FUNCTION)),
        space,
        relaxation,
        course.warmStart(),
        course.start(),
        course.epochs(),
        course.seconds());
  }
}
