package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.SharedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextDatasetTest {

  @TempDir Path datasets;

  private TextDataset characters(String nameOrFile) {
    return TextDataset.load(nameOrFile, Tokenizer::characters, datasets);
  }

  private static String text(TextDataset data, TextSet part) {
    return data.tokenizer().decode(part.tokens(0, (int) part.size()));
  }

  @Test
  void tinyStoriesAreReadAsPublished() throws IOException {
    Path folder = Files.createDirectories(datasets.resolve("tinystories"));
    String train = "Once upon a time.\nThe end.\n<|endoftext|>\nOne day, Zoë ran.\n<|endoftext|>\n";
    Files.writeString(folder.resolve("TinyStories-train.txt"), train);
    String missing =
        assertThrows(DataException.class, () -> characters("tinystories")).getMessage();
    for (String part :
        List.of(
            "TinyStories-valid.txt",
            "https://huggingface.co/datasets/roneneldan/TinyStories/resolve/main/",
            folder.toString(),
            "toy-stories")) {
      assertTrue(missing.contains(part), missing);
    }

    String validation = "A ¼ cake?\n<|endoftext|>\n";
    Files.writeString(folder.resolve("TinyStories-valid.txt"), validation);
    for (TextDataset data :
        List.of(
            characters("tinystories"),
            TextDataset.load("tinystories", texts -> Tokenizer.gpt2(), datasets))) {
      assertEquals("tinystories", data.name());
      assertEquals(train, text(data, data.train()));
      assertEquals(validation, text(data, data.validation()));
      long end = data.tokenizer().endOfText().orElseThrow();
      long[] tokens = data.train().tokens(0, (int) data.train().size());
      assertEquals(2, Arrays.stream(tokens).filter(t -> t == end).count());
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
    List<Path> files = files();
    assertEquals(4, files.size(), "two texts and their tokens: " + files);
    List<Object> before = times(files);
    characters("toy-stories");
    assertEquals(before, times(files()));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(datasets.resolve("toy-stories"))) {
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
