package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.SharedFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that tokenizers turn texts into the right tokens, and tokens into the right texts. */
class TokenizerTest {

  private static long[] longs(int[] tokens) {
    return Arrays.stream(tokens).asLongStream().toArray();
  }

  @Test
  void gpt2sTokensAreThePublishedOnes() {
    Tokenizer gpt2 = Tokenizer.gpt2();
    assertEquals(50_304, gpt2.vocabulary());
    // These tokens are from OpenAI's own encoder.
    assertArrayEquals(new int[] {15496, 995}, gpt2.encode("Hello world"));
    assertArrayEquals(new int[] {15496, 11, 995, 0}, gpt2.encode("Hello, world!"));
    assertArrayEquals(
        new int[] {3198, 1110, 50256, 198, 7454}, gpt2.encode("One day<|endoftext|>\nOnce"));
    assertArrayEquals(new int[] {50256}, gpt2.encode(Tokenizer.END_OF_TEXT));
  }

  @Test
  void textsComeBackAsTheyWere() {
    String text = "Zoë said: “naïve 日本語 👩‍🚀”\r\n\tTwice  two blanks.<|endoftext|>\n\nOnce";
    for (Tokenizer tokenizer : new Tokenizer[] {Tokenizer.gpt2(), Tokenizer.characters(text)}) {
      int[] tokens = tokenizer.encode(text);
      assertEquals(text, tokenizer.decode(longs(tokens)), tokenizer.name());
      assertTrue(Arrays.stream(tokens).allMatch(t -> t >= 0 && t < tokenizer.vocabulary()));
      int end = tokenizer.encode(Tokenizer.END_OF_TEXT)[0];
      assertEquals(1, Arrays.stream(tokens).filter(t -> t == end).count());
      assertEquals("", tokenizer.decode());
      assertEquals(0, tokenizer.encode("").length);
    }
  }

  @Test
  void shakespeareHas65Characters() throws Exception {
    String text = Files.readString(SharedFolder.require("data/text/tinyshakespeare.txt"));
    Tokenizer characters = Tokenizer.characters(text);
    assertEquals(65, characters.vocabulary());
    assertThrows(DataException.class, () -> characters.encode(Tokenizer.END_OF_TEXT));
    assertEquals(text, characters.decode(longs(characters.encode(text))));
  }

  @Test
  void charactersOfFilesAreThoseOfTheirTexts(@TempDir Path folder) throws Exception {
    String marker = Tokenizer.END_OF_TEXT;
    // Some of these texts have END_OF_TEXT as a whole, some have only a part of it. A file is read
    // in chunks of 2²⁰ chars. In one text, END_OF_TEXT lies across the end of a chunk; in another
    // one, a surrogate pair does, which is one character of two chars.
    String[] texts = {
      "a" + marker,
      "<|endo",
      marker,
      "",
      "z".repeat((1 << 20) - 7) + marker + "<" + marker,
      "y".repeat((1 << 20) - 1) + "👩" + ".".repeat(20),
      "<<|endoftext|>|",
      "ftext|>"
    };
    for (String first : texts) {
      for (String second : texts) {
        Tokenizer files =
            Tokenizer.characters(
                Files.writeString(folder.resolve("1.txt"), first),
                Files.writeString(folder.resolve("2.txt"), second));
        String plain = first.replace(marker, "") + second.replace(marker, "");
        int characters = (int) plain.codePoints().distinct().count();
        boolean ends = first.contains(marker) || second.contains(marker);
        assertEquals(characters + (ends ? 1 : 0), files.vocabulary(), first + " and " + second);
        if (ends) {
          assertArrayEquals(new int[] {characters}, files.encode(marker));
        }
        assertEquals(plain, files.decode(longs(files.encode(plain))));
      }
    }
    Path latin1 = Files.write(folder.resolve("latin1.txt"), new byte[] {'a', (byte) 0xe9, 'b'});
    assertThrows(DataException.class, () -> Tokenizer.characters(latin1));
  }

  @Test
  void otherCharactersMakeAnotherName() {
    assertNotEquals(Tokenizer.characters("abc").name(), Tokenizer.characters("abd").name());
    assertEquals(Tokenizer.characters("abc").name(), Tokenizer.characters("cabba").name());
  }

  @Test
  void whatHasNoTokenIsNamed() {
    Tokenizer characters = Tokenizer.characters("abc");
    String message = assertThrows(DataException.class, () -> characters.encode("abé")).getMessage();
    assertTrue(message.contains("'é' (U+00E9)"), message);
    assertThrows(DataException.class, () -> characters.decode(3));
    assertEquals("", Tokenizer.gpt2().decode(50_257, 50_303));
    String beyond =
        assertThrows(DataException.class, () -> Tokenizer.gpt2().decode(50_304)).getMessage();
    assertTrue(beyond.contains("0 to 50303"), beyond);
    assertThrows(DataException.class, () -> Tokenizer.gpt2().decode(-1));
  }
}
