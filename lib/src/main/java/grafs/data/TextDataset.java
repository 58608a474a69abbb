package grafs.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * A text data set for language models: a text to train on and one to validate with. Both are given
 * as tokens, the numbers that a {@link Tokenizer} makes of a text.
 *
 * <p>The string {@link Tokenizer#END_OF_TEXT} separates the documents of a text, such as stories,
 * and is one token. Blank lines do not separate documents, since they also separate paragraphs.
 *
 * @param name the name under which results are reported
 * @param tokenizer the tokenizer that made the tokens
 * @param train the text to train on
 * @param validation the text to validate with, which is used in no training and no search
 */
public record TextDataset(String name, Tokenizer tokenizer, TextSet train, TextSet validation) {

  private static final String TINY_STORIES = "tinystories";
  private static final String TOY_STORIES = "toy-stories";

  /** The share of a user's text, at its end, that is for validation. */
  private static final double VALIDATION = 0.1;

  /** The size of the text to train on that is generated for {@link #TOY_STORIES}, in characters. */
  private static final long TOY_TRAIN = 20_000_000;

  /**
   * The size of the text to validate with that is generated for {@link #TOY_STORIES}, in
   * characters.
   */
  private static final long TOY_VALIDATION = 1_000_000;

  /** {@return the names of the data sets that {@link #load} knows, sorted} */
  public static List<String> names() {
    return List.of(TINY_STORIES, TOY_STORIES);
  }

  /**
   * Opens a data set. Its tokens are computed at the first call for a text and a tokenizer, and
   * stored in {@code datasets/NAME/} of {@linkplain ProjectHome the project}, where later calls
   * find them.
   *
   * <ul>
   *   <li>{@code tinystories}: TinyStories (Eldan and Li 2023, arXiv 2305.07759), from {@code
   *       datasets/tinystories/}. Each call compares the checksums of its files with the published
   *       ones, which reads 1.9 GB.
   *   <li>{@code toy-stories}: stories that are generated from a small grammar with seed 1; 20
   *       million characters to train on and 1 million to validate with
   *   <li>a UTF-8 file, whose last tenth is for validation. The data set gets the name of the file
   *       in lower case, without its ending; {@code -file} is added if that is one of {@link
   *       #names()} or {@link ImageDataset#names()}.
   * </ul>
   *
   * @param nameOrFile one of {@link #names()}, or a file: an absolute path, or one relative to the
   *     working directory or to the project's folder
   * @param tokenizer the tokenizer that makes the tokens
   * @return the data set
   * @throws DataException if there is no such name or file; the file is not UTF-8, or has a
   *     character without a token; or files of a published data set are missing or damaged
   */
  public static TextDataset load(String nameOrFile, Tokenizer tokenizer) {
    return load(nameOrFile, texts -> tokenizer, ProjectHome.datasets());
  }

  /**
   * Opens a data set with a {@linkplain Tokenizer#characters tokenizer} of the characters that
   * occur in it.
   *
   * @param nameOrFile a name or a file, as for {@link #load}
   * @return the data set
   * @throws DataException for the same reasons as {@link #load}
   */
  public static TextDataset characters(String nameOrFile) {
    return load(nameOrFile, Tokenizer::characters, ProjectHome.datasets());
  }

  /**
   * Opens a data set.
   *
   * @param nameOrFile a name or a file, as for {@link #load(String, Tokenizer)}
   * @param tokenizerFor makes the tokenizer, given the files of the data set's texts
   * @param datasets the folder of all data sets
   */
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
        file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("(?<=.)\\.[^.]*$", "");
    boolean taken = names().contains(name) || ImageDataset.names().contains(name);
    return open(taken ? name + "-file" : name, tokenizerFor, datasets, file);
  }

  /**
   * Opens a published data set of two files, the first to train on, the second to validate with.
   *
   * @throws DataException if a file is missing or does not have the published checksum
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
   * Opens a data set of one or two files.
   *
   * @param texts the text to train on and the text to validate with; or one text, whose last tenth
   *     is for validation
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

  /** Returns the files of the toy stories, which are generated if they do not exist. */
  private static Path[] toyStories(Path folder) {
    ToyStories stories = new ToyStories(1);
    // The version contains a hash of the grammar, and is part of the files' names, so a new grammar
    // gets new files.
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
