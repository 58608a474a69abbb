package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.SharedFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests how {@link TextDataset} opens a text data set by its name or from a user's file. The files
 * of a published data set, such as TinyStories, are compared with their published sizes and
 * checksums. The data set toy-stories is not downloaded: the library generates its stories at the
 * first use and keeps them. A user's file is split into a training text and a validation text.
 */
class TextDatasetTest {

  @TempDir Path datasets;

  private TextDataset characters(String nameOrFile) {
    return TextDataset.load(nameOrFile, Tokenizer::characters, datasets);
  }

  /** Returns the text that the tokens of a part stand for. */
  private static String text(TextDataset data, TextSet part) {
    return data.tokenizer().decode(part.tokens(0, (int) part.size()));
  }

  @Test
  void otherFilesThanThePublishedAreNoTinyStories() throws IOException {
    Path folder = Files.createDirectories(datasets.resolve("tinystories"));
    assertRefused(
        "lacks TinyStories-train.txt",
        "TinyStories-valid.txt (19 447 282 bytes",
        "environment/lab data tinystories",
        folder.toString(),
        "toy-stories");
    Files.writeString(folder.resolve("TinyStories-train.txt"), "Once upon a time. The end.");
    Files.writeString(folder.resolve("TinyStories-valid.txt"), "One day, Zoë ran.");
    assertRefused("TinyStories-train.txt has 26 bytes, expected 1 924 281 556; delete it");
    assertEquals(2, files(folder).size(), "tokens were made");
  }

  private void assertRefused(String... parts) {
    String said = assertThrows(DataException.class, () -> characters("tinystories")).getMessage();
    for (String part : parts) {
      assertTrue(said.contains(part), said);
    }
  }

  /** Returns a published file of this name and text. */
  private static PublishedFile published(String name, String text) throws IOException {
    Path file = Files.writeString(Files.createTempFile("published", ".txt"), text);
    Checksum sum = Checksum.of(file, "SHA-256");
    long size = Files.size(file);
    Files.delete(file);
    return new PublishedFile(URI.create("http://localhost/" + name), size, sum, null, null);
  }

  @Test
  void publishedTextsAreReadWholeAndCheckedBeforeTokensAreMade() throws IOException {
    String train = "Once upon a time.\nThe end.\n<|endoftext|>\nOne day, Zoë ran.\n<|endoftext|>\n";
    String validation = "A ¼ cake?\n<|endoftext|>\n";
    List<PublishedFile> both = List.of(published("a.txt", train), published("b.txt", validation));
    Published set = new Published("small", "Small", "none", List.of(), List.of(), both);
    Path folder = Files.createDirectories(datasets.resolve("small"));
    Path a = Files.writeString(folder.resolve("a.txt"), train);
    Path b = Files.writeString(folder.resolve("b.txt"), validation.replace("cake", "lake"));
    List<Function<Path[], Tokenizer>> tokenizers =
        List.of(Tokenizer::characters, texts -> Tokenizer.gpt2());
    for (Function<Path[], Tokenizer> tokenizer : tokenizers) {
      String said =
          assertThrows(DataException.class, () -> TextDataset.published(set, tokenizer, datasets))
              .getMessage();
      assertTrue(said.contains("b.txt has SHA-256 "), said);
      assertEquals(List.of(a, b), files(folder), "tokens were made");
    }
    Files.writeString(b, validation);
    for (Function<Path[], Tokenizer> tokenizer : tokenizers) {
      TextDataset data = TextDataset.published(set, tokenizer, datasets);
      assertEquals("small", data.name());
      assertEquals(train, text(data, data.train()));
      assertEquals(validation, text(data, data.validation()));
      long end = data.tokenizer().encode(Tokenizer.END_OF_TEXT)[0];
      long[] tokens = data.train().tokens(0, (int) data.train().size());
      assertEquals(2, Arrays.stream(tokens).filter(t -> t == end).count());
    }

    // A changed text is noticed even if the file has the old size and modification time.
    FileTime before = Files.getLastModifiedTime(a);
    Files.writeString(a, train.replace("Zoë", "Noë"));
    Files.setLastModifiedTime(a, before);
    for (Function<Path[], Tokenizer> tokenizer : tokenizers) {
      assertThrows(DataException.class, () -> TextDataset.published(set, tokenizer, datasets));
    }
  }

  @Test
  void toyStoriesNeedNothingAndAreMadeOnce() throws IOException {
    TextDataset data = characters("toy-stories");
    assertEquals("toy-stories", data.name());
    assertTrue(data.train().size() > 18_000_000, data.toString());
    assertTrue(data.validation().size() > 900_000, data.toString());
    String first = data.tokenizer().decode(data.train().tokens(0, 2000));
    assertTrue(first.startsWith(new ToyStories(1).training().findFirst().orElseThrow()), first);
    String held = data.tokenizer().decode(data.validation().tokens(0, 2000));
    assertTrue(held.startsWith(new ToyStories(1).validation().findFirst().orElseThrow()), held);
    List<Path> files = files(datasets.resolve("toy-stories"));
    assertEquals(4, files.size(), "two texts and their tokens: " + files);
    List<Object> before = times(files);
    characters("toy-stories");
    assertEquals(before, times(files(datasets.resolve("toy-stories"))));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static List<Object> times(List<Path> files) throws IOException {
    List<Object> times = new ArrayList<>();
    for (Path file : files) {
      times.add(file);
      times.add(Files.getLastModifiedTime(file));
    }
    return times;
  }

  @Test
  void aFileOfTheUsersIsSplitAtItsEnd() throws IOException {
    Path file = SharedFolder.require("data/text/tinystories-sample.txt");
    String text = Files.readString(file);
    TextDataset data = characters(file.toString());
    assertEquals("tinystories-sample", data.name());
    assertEquals(text, text(data, data.train()) + text(data, data.validation()));
    assertEquals(Math.round(0.1 * text.codePointCount(0, text.length())), data.validation().size());
    TextDataset gpt2 = TextDataset.load(file.toString(), texts -> Tokenizer.gpt2(), datasets);
    assertEquals(text, text(gpt2, gpt2.train()) + text(gpt2, gpt2.validation()));
    assertTrue(gpt2.train().size() < data.train().size() / 3);
  }

  @Test
  void aFileIsNotTakenForAPublishedSet() throws IOException {
    Path file = Files.writeString(datasets.resolve("TinyStories.txt"), "Once upon a time. ");
    assertEquals("tinystories-file", characters(file.toString()).name());
    Path images = Files.writeString(datasets.resolve("cifar10.txt"), "Once upon a time. ");
    assertEquals("cifar10-file", characters(images.toString()).name());
    Path folder = Files.createDirectories(datasets.resolve("texts"));
    Path hidden = Files.writeString(folder.resolve(".txt"), "Once upon a time. ");
    assertEquals(".txt", characters(hidden.toString()).name());
  }

  @Test
  void whatIsNotThereIsNamedWithWhatIs() {
    for (String name : List.of("tinystorys", "", datasets.toString(), "no\0where")) {
      String message = assertThrows(DataException.class, () -> characters(name)).getMessage();
      assertTrue(message.contains("'" + name + "'"), message);
      assertTrue(message.contains("tinystories, toy-stories"), message);
    }
    assertFalse(Files.exists(datasets.resolve("toy-stories")));
  }
}
