package grafs.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * A text data set as tokens: a text to train on and one to validate with.
 *
 * <p>The documents of a text, such as stories, are those between its {@link Tokenizer#END_OF_TEXT},
 * which is one token; a text without it is one document. Blank lines do not separate documents,
 * since they also separate paragraphs.
 *
 * @param name the name under which results are reported
 * @param tokenizer the tokenizer that made the tokens
 * @param train the text to train on
 * @param validation the text to validate with, which nothing is trained or searched on
 */
public record TextDataset(String name, Tokenizer tokenizer, TextSet train, TextSet validation) {

  private static final String TINY_STORIES = "tinystories";
  private static final String TOY_STORIES = "toy-stories";

  /** The share of a user's text that is for validation. */
  private static final double VALIDATION = 0.1;

  /** The sizes of the toy stories' texts, in characters. */
  private static final long TOY_TRAIN = 20_000_000;

  private static final long TOY_VALIDATION = 1_000_000;

  /** {@return the names that {@link #load} knows, sorted} */
  public static List<String> names() {
    return List.of(TINY_STORIES, TOY_STORIES);
  }

  /**
   * Opens a data set. Its tokens are computed the first time, and then kept in {@code
   * datasets/NAME/} of {@linkplain ProjectHome the project}.
   *
   * <ul>
   *   <li>{@code tinystories}: TinyStories (Eldan and Li 2023, arXiv 2305.07759), from {@code
   *       datasets/tinystories/}; its files are read whole, to compare their checksums with the
   *       published ones, each time
   *   <li>{@code toy-stories}: made-up stories of seed 1, 20 million characters to train on and 1
   *       million to validate with, made here
   *   <li>any UTF-8 file, of which the last tenth is for validation. The data set is named like the
   *       file without its ending, in lower case, with {@code -file} added where that is a name
   *       above.
   * </ul>
   *
   * @param nameOrFile one of {@link #names()}, or a file: absolute, from the working directory, or
   *     from the project
   * @param tokenizer the tokenizer that makes the tokens
   * @return the data set
   * @throws DataException if there is no such name or file, it is not UTF-8 or not the published
   *     one, or has something that the tokenizer has no token for
   */
  public static TextDataset load(String nameOrFile, Tokenizer tokenizer) {
    return load(nameOrFile, texts -> tokenizer, ProjectHome.datasets());
  }

  /**
   * Opens a data set with its characters as tokens.
   *
   * @param nameOrFile as for {@link #load}
   * @return the data set
   * @throws DataException if there is no such name or file, or it is not UTF-8
   */
  public static TextDataset characters(String nameOrFile) {
    return load(nameOrFile, Tokenizer::characters, ProjectHome.datasets());
  }

  /** Opens a data set, with a tokenizer for its texts, in a folder of data sets. */
  static TextDataset load(
      String nameOrFile, Function<Path[], Tokenizer> tokenizerFor, Path datasets) {
    if (nameOrFile.equals(TINY_STORIES)) {
      return published(Published.of(TINY_STORIES), tokenizerFor, datasets);
    }
    if (nameOrFile.equals(TOY_STORIES)) {
      return open(TOY_STORIES, tokenizerFor, datasets, toyStories(datasets.resolve(TOY_STORIES)));
    }
    Path file =
        ProjectHome.existing(nameOrFile, Files::isRegularFile)
            .orElseThrow(
                () ->
                    new DataException(
                        "There is no text data set or file '%s'. Known text data sets: %s. Any UTF-8 file works too."
                            .formatted(nameOrFile, String.join(", ", names()))));
    String name =
        file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.[^.]*$", "");
    String free = names().contains(name) ? name + "-file" : name;
    return open(free, tokenizerFor, datasets, file);
  }

  /**
   * Opens a published data set of two files, of which the first is to train on. Their checksums are
   * compared with the published ones.
   */
  static TextDataset published(
      Published set, Function<Path[], Tokenizer> tokenizerFor, Path datasets) {
    Path folder = datasets.resolve(set.name());
    try {
      set.require(folder);
    } catch (IOException e) {
      throw new DataException("Data set " + set.name() + " could not be read: " + e, e);
    } catch (DataException e) {
      throw new DataException(
          e.getMessage() + " Or take " + TOY_STORIES + ", which need no download.", e);
    }
    Path[] files = set.files().stream().map(f -> folder.resolve(f.name())).toArray(Path[]::new);
    return open(set.name(), tokenizerFor, datasets, files);
  }

  /**
   * Opens a text to train on and one to validate with; of a single one, the end is for validation.
   */
  private static TextDataset open(
      String name, Function<Path[], Tokenizer> tokenizerFor, Path datasets, Path... texts) {
    Path folder = datasets.resolve(name);
    Tokenizer tokenizer = tokenizerFor.apply(texts);
    TextSet train = TextSet.of(texts[0], folder, tokenizer);
    if (texts.length > 1) {
      return new TextDataset(name, tokenizer, train, TextSet.of(texts[1], folder, tokenizer));
    }
    TextSet.Split split = train.split(VALIDATION);
    return new TextDataset(name, tokenizer, split.train(), split.validation());
  }

  private static Path[] toyStories(Path folder) {
    ToyStories stories = new ToyStories(1);
    // The version of the stories is in the file's name, so that another version is another file.
    Path train = folder.resolve("train-" + stories.version() + ".txt");
    Path validation = folder.resolve("validation-" + stories.version() + ".txt");
    if (!Files.exists(train)) {
      ToyStories.write(stories.training(), TOY_TRAIN, train);
    }
    if (!Files.exists(validation)) {
      ToyStories.write(stories.validation(), TOY_VALIDATION, validation);
    }
    return new Path[] {train, validation};
  }
}
