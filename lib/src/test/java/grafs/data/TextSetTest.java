package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Seed;
import grafs.SharedFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the tokens of a {@link TextSet}: they are computed once for the content of a text, and are
 * those of the whole text although it is encoded in parts.
 */
class TextSetTest {

  @TempDir Path folder;

  private Path write(String text) throws Exception {
    return Files.writeString(folder.resolve("text.txt"), text);
  }

  /** Returns all tokens of a set. */
  private static long[] all(TextSet text) {
    return text.tokens(0, (int) text.size());
  }

  private static long[] longs(int[] tokens) {
    return Arrays.stream(tokens).asLongStream().toArray();
  }

  @Test
  void tokensOfAFileReadInPiecesAreThoseOfTheWholeText() throws Exception {
    // The text is longer than a part that is encoded at once, and has several spaces and line ends
    // in a row at random places.
    String story = Files.readString(SharedFolder.require("data/text/tinystories-sample.txt"));
    StringBuilder text = new StringBuilder();
    Random random = new Random(3);
    while (text.length() < 2_500_000) {
      int from = random.nextInt(story.length() - 1000);
      text.append(story, from, from + random.nextInt(1000));
      text.append("   \n\n<|endoftext|>\n".repeat(random.nextInt(2)));
    }
    Path file = write(text.toString());
    TextSet set = TextSet.of(file, folder, Tokenizer.gpt2());
    assertArrayEquals(longs(Tokenizer.gpt2().encode(text.toString())), all(set));
  }

  @Test
  void aTextWithoutBlanksIsCutBetweenWords() throws Exception {
    String[] pieces = {
      "日本語",
      "、",
      "。",
      "don't",
      "'s",
      "x",
      "'",
      "2025",
      "…",
      "<|endoftext|>",
      "<|",
      "|>",
      "👩",
      "é",
      "\u0301"
    };
    Random random = new Random(Seed.get());
    StringBuilder text = new StringBuilder();
    while (text.length() < 3_300_000) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    Path file = write(text.toString());
    for (Tokenizer tokenizer : List.of(Tokenizer.gpt2(), Tokenizer.characters(file))) {
      TextSet set = TextSet.of(file, folder, tokenizer);
      assertArrayEquals(longs(tokenizer.encode(text.toString())), all(set), tokenizer.name());
    }
  }

  @Test
  void noEndOfTextIsCutInTwo() throws Exception {
    String marker = Tokenizer.END_OF_TEXT;
    // The marker ends at most 26 characters before the end of the chunk of 2²⁰ characters that is
    // read at once, or at most 12 after it. There are no blanks at which the text could be cut.
    for (int before = 1 - marker.length(); before <= 2 * marker.length(); before++) {
      int end = (1 << 20) - before;
      String words = "日。".repeat(end / 2 - 20);
      String line = "-".repeat(end - marker.length() - words.length());
      String text = words + line + marker + "-".repeat(100) + "日";
      Path file = write(text);
      Tokenizer characters = Tokenizer.characters("日。-" + marker);
      assertEquals(text, characters.decode(all(TextSet.of(file, folder, characters))));
      assertEquals(
          words.length() + line.length() + 102, TextSet.of(file, folder, characters).size());
    }
  }

  @Test
  void aTextWithNoPlaceToCutIsRefused() throws Exception {
    Path text = write("acgt".repeat(1_000_000));
    Path tokens = folder.resolve("tokens");
    String message =
        assertThrows(DataException.class, () -> TextSet.of(text, tokens, Tokenizer.gpt2()))
            .getMessage();
    assertTrue(
        message.contains("text.txt has 2 097 152 characters in a row with no blank"), message);
    assertTrue(message.contains("insert line breaks"), message);
    assertEquals(List.of(), made(tokens));
  }

  /** Returns the files in a folder. */
  private static List<Path> made(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** Returns three texts that differ only in the order of some characters in the middle. */
  private static List<String> alike() {
    String text = "Once upon a time there was a boat. ".repeat(50);
    int middle = text.indexOf("there", text.length() / 2);
    return List.of(
        text,
        text.substring(0, middle) + "ether" + text.substring(middle + 5),
        text.substring(0, middle) + "three" + text.substring(middle + 5));
  }

  @Test
  void textsThatDifferInTheMiddleOnlyHaveOtherFingerprintsAndTokens() throws Exception {
    for (Tokenizer tokenizer : List.of(Tokenizer.characters(alike().get(0)), Tokenizer.gpt2())) {
      List<String> fingerprints = new ArrayList<>();
      for (String text : alike()) {
        // The files are in different folders and have the same name and modification time. Their
        // tokens are stored in the same folder.
        Path place = Files.createDirectories(folder.resolve("place-" + fingerprints.size()));
        Path file = Files.writeString(place.resolve("text.txt"), text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        TextSet set = TextSet.of(file, folder.resolve("tokens"), tokenizer);
        assertEquals(text, tokenizer.decode(all(set)), tokenizer.name());
        TextSet.Split split = set.split(0.1);
        fingerprints.add(set.fingerprint());
        fingerprints.add(split.train().fingerprint());
        fingerprints.add(split.validation().fingerprint());
        String sum = Checksum.of(file, "SHA-256").hex();
        assertTrue(set.fingerprint().contains(sum), set.fingerprint());
        assertTrue(
            made(folder.resolve("tokens")).stream().anyMatch(f -> f.toString().contains(sum)));
      }
      assertEquals(9, fingerprints.stream().distinct().count(), fingerprints.toString());
    }
    // The same holds for a single file whose content changes, but not its modification time.
    Path file = folder.resolve("one.txt");
    for (String text : alike()) {
      Files.writeString(file, text);
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
      TextSet set = TextSet.of(file, folder.resolve("tokens"), Tokenizer.gpt2());
      assertEquals(text, Tokenizer.gpt2().decode(all(set)));
    }
  }

  @Test
  void characterTokenizersOfOtherCharactersHaveOtherNames() throws Exception {
    // Each tokenizer has three characters. With their code points x, y and z in ascending order,
    // (31·x + y)·31 + z is the same number for both tokenizers, so a name with this hash code would
    // not distinguish them.
    Tokenizer one = Tokenizer.characters("Abc");
    Tokenizer other = Tokenizer.characters("@c\u0405");
    assertNotEquals(one.name(), other.name());
    Path text = write("ccc");
    assertArrayEquals(new long[] {2, 2, 2}, all(TextSet.of(text, folder, one)));
    assertArrayEquals(new long[] {1, 1, 1}, all(TextSet.of(text, folder, other)));
  }

  @Test
  void damagedTokensAreMadeAgain() throws Exception {
    String text = "ab ".repeat(500_000);
    Path path = write(text);
    Tokenizer tokenizer = Tokenizer.characters("ab ");
    Path file = TokenFile.file(path, Checksum.of(path, "SHA-256"), folder, tokenizer);
    TextSet.of(path, folder, tokenizer);
    byte[] good = Files.readAllBytes(file);
    // These bytes belong to the first tokens, to one in the middle, to the last one and to the
    // checksum.
    for (int place :
        new int[] {0, 3, 64, good.length / 2, good.length - 9, good.length - 8, good.length - 1}) {
      byte[] bytes = good.clone();
      bytes[place] ^= 1;
      Files.delete(file);
      Files.write(file, bytes);
      assertEquals(text, tokenizer.decode(all(TextSet.of(path, folder, tokenizer))));
      assertArrayEquals(good, Files.readAllBytes(file));
    }
  }

  @Test
  void aFileOfTokensIsMadeOnceAndAgainWhenTheTextChanges() throws Exception {
    Path text = write("abcabc");
    Tokenizer tokenizer = Tokenizer.characters("abcd");
    Path tokens = folder.resolve("tokens");
    assertArrayEquals(new long[] {0, 1, 2, 0, 1, 2}, all(TextSet.of(text, tokens, tokenizer)));
    assertEquals(1, made(tokens).size(), "no part is left: " + made(tokens));
    Path file = made(tokens).get(0);
    FileTime old = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(file, old);
    TextSet.of(text, tokens, tokenizer);
    assertEquals(old, Files.getLastModifiedTime(file));

    write("dcbadcb");
    assertArrayEquals(new long[] {3, 2, 1, 0, 3, 2, 1}, all(TextSet.of(text, tokens, tokenizer)));
    assertEquals(old, Files.getLastModifiedTime(file), "the other text's");
    for (Path each : made(tokens)) {
      Files.write(each, new byte[5]);
    }
    assertArrayEquals(new long[] {3, 2, 1, 0, 3, 2, 1}, all(TextSet.of(text, tokens, tokenizer)));
  }

  @Test
  void aVocabularyBeyondShortsIsKept() throws Exception {
    StringBuilder many = new StringBuilder();
    for (int c = 0x10000; c < 0x10000 + 70_000; c++) {
      many.appendCodePoint(c);
    }
    Tokenizer tokenizer = Tokenizer.characters(many.toString());
    TextSet set = TextSet.of(write(many.toString()), folder, tokenizer);
    assertEquals(70_000, set.size());
    assertArrayEquals(new long[] {69_998, 69_999}, set.tokens(69_998, 2));
  }

  @Test
  void aTextThatIsNotUtf8LeavesNoFile() throws Exception {
    Path text = Files.write(folder.resolve("latin1.txt"), new byte[] {'a', (byte) 0xe9, 'b'});
    Path tokens = folder.resolve("tokens");
    String message =
        assertThrows(DataException.class, () -> TextSet.of(text, tokens, Tokenizer.gpt2()))
            .getMessage();
    assertTrue(message.contains("latin1.txt is not UTF-8"), message);
    assertEquals(List.of(), made(tokens));
  }

  @Test
  void whatDoesNotFitIsRefused() throws Exception {
    TextSet set = TextSet.of(write("abcdef"), folder, Tokenizer.characters("abcdef"));
    assertThrows(IllegalArgumentException.class, () -> set.training(1, 6, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> set.evaluation(1, 6, 1));
    assertThrows(IllegalArgumentException.class, () -> set.training(0, 2, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> set.split(1));
    assertThrows(IndexOutOfBoundsException.class, () -> set.tokens(4, 3));
    assertFalse(set.toString().isEmpty());
  }
}
