package grafs.run;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.nas.Relaxation;
import grafs.nas.SearchResult;
import grafs.nas.Verification;
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
      SearchResult.Start start,
      List<SearchResult.Epoch> epochs,
      Verification.Outcome verified,
      double seconds) {}

  boolean complete() {
    return Files.exists(folder.resolve(RESULT)) && Files.exists(folder.resolve(FUNCTION));
  }

  void write(SearchResult result) {
    writeFunction(folder, result.found());
    new JsonFile(folder.resolve(RESULT))
        .write(new Course(result.start(), result.epochs(), result.verified(), result.seconds()));
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
        readFunction(folder, space),
        space,
        relaxation,
        course.start(),
        List.copyOf(course.epochs()),
        course.verified(),
        course.seconds());
  }

  /** What is in {@code activation.json}; the formula is for the reader's eye only. */
  private record Function(String function, String formula) {}

  /** Writes a function; a reader sees the old file or the whole new one. */
  static void writeFunction(Path folder, Expression function) {
    new JsonFile(folder.resolve(FUNCTION))
        .write(new Function(function.toString(), function.text()));
  }

  /**
   * Reads a function.
   *
   * @param folder the run's folder
   * @param space a space whose operations may occur in it
   * @return the function
   * @throws IllegalArgumentException if there is something wrong in the file; the message says what
   */
  static Expression readFunction(Path folder, CellSpace space) {
    Function saved = new JsonFile(folder.resolve(FUNCTION)).read(Function.class);
    if (saved.function() == null) {
      throw new IllegalArgumentException(
          folder.resolve(FUNCTION) + " names no function; delete its folder and run again");
    }
    return space.parse(saved.function());
  }
}
