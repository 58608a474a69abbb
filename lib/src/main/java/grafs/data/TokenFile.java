package grafs.data;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;

/**
 * The tokens of a text in a file that is mapped into memory, so that it may be larger than that:
 * made once, and again if the text has changed. Its 32 bytes of header are the magic number, the
 * number of bytes of a token, the text's size and the time of its last change; the tokens follow,
 * big-endian.
 */
final class TokenFile {

  /** "GRAFSTOK". */
  private static final long MAGIC = 0x47524146_53544F4BL;

  private static final int HEADER = 32;

  /** Characters encoded at once. */
  private static final int CHUNK = 1 << 20;

  /** Bytes in one mapping, which cannot have more than 2³¹. A multiple of a token's. */
  private static final long PIECE = 1L << 30;

  /** Of which each takes four bytes there. */
  private static final long MOST_ON_DEVICE = 1L << 28;

  private final int bytes;
  private final long size;
  private final ByteBuffer[] pieces;
  private final DeviceCopies copies = new DeviceCopies();

  private TokenFile(int bytes, long size, ByteBuffer[] pieces) {
    this.bytes = bytes;
    this.size = size;
    this.pieces = pieces;
  }

  /**
   * Opens the tokens of a text, making the file first where that is needed.
   *
   * @param text a UTF-8 text
   * @param folder where token files are kept
   * @param tokenizer makes the tokens
   * @return the tokens
   * @throws DataException if the text cannot be read or is not UTF-8, or the file not be written
   */
  static TokenFile of(Path text, Path folder, Tokenizer tokenizer) {
    Path file = file(text, folder, tokenizer);
    try {
      if (!made(text, folder, tokenizer)) {
        make(text, file, tokenizer, header(text, tokenizer));
      }
      return open(file, bytes(tokenizer));
    } catch (CharacterCodingException e) {
      throw new DataException("The text " + text + " is not UTF-8; convert it first", e);
    } catch (IOException e) {
      throw new DataException(
          "The tokens of " + text + " could not be made in " + file + ": " + e, e);
    }
  }

  /**
   * Tells whether a text's tokens have been made, and the text not changed since.
   *
   * @param text a text
   * @param folder where token files are kept
   * @param tokenizer makes the tokens
   * @throws IOException if the text or the tokens cannot be read
   */
  static boolean made(Path text, Path folder, Tokenizer tokenizer) throws IOException {
    Path file = file(text, folder, tokenizer);
    return Files.exists(file) && matches(file, header(text, tokenizer));
  }

  private static Path file(Path text, Path folder, Tokenizer tokenizer) {
    return folder.resolve(text.getFileName() + "." + tokenizer.name() + ".tokens");
  }

  private static int bytes(Tokenizer tokenizer) {
    return tokenizer.vocabulary() <= 1 << 16 ? Short.BYTES : Integer.BYTES;
  }

  private static long[] header(Path text, Tokenizer tokenizer) throws IOException {
    long changed = Files.getLastModifiedTime(text).toMillis();
    return new long[] {MAGIC, bytes(tokenizer), Files.size(text), changed};
  }

  private static boolean matches(Path file, long[] header) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer there = ByteBuffer.allocate(HEADER);
      while (there.hasRemaining() && channel.read(there) >= 0) {
        // A short read goes on.
      }
      if (there.hasRemaining()) {
        return false;
      }
      there.flip();
      for (long expected : header) {
        if (there.getLong() != expected) {
          return false;
        }
      }
      return true;
    }
  }

  private static void make(Path text, Path file, Tokenizer tokenizer, long[] header)
      throws IOException {
    Files.createDirectories(file.getParent());
    Path part = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part), 1 << 16))) {
        for (long number : header) {
          out.writeLong(number);
        }
        encode(text, tokenizer, out, header[1] == Short.BYTES);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void encode(Path text, Tokenizer tokenizer, DataOutputStream out, boolean shorts)
      throws IOException {
    char[] chunk = new char[CHUNK];
    String rest = "";
    // Not Files.newBufferedReader's lines: line ends are part of the text.
    try (Reader reader = Files.newBufferedReader(text, StandardCharsets.UTF_8)) {
      for (int read = reader.read(chunk); read >= 0; read = reader.read(chunk)) {
        String all = rest + new String(chunk, 0, read);
        int end = boundary(all);
        write(tokenizer.encode(all.substring(0, end)), out, shorts);
        rest = all.substring(end);
        if (rest.length() > CHUNK) {
          throw new DataException(
              "The text %s has a stretch of %s characters without a blank and without the end of a word: cut it into lines"
                  .formatted(text, DataException.grouped(rest.length())));
        }
      }
    }
    write(tokenizer.encode(rest), out, shorts);
  }

  /**
   * Where a text can be cut so that its parts have the tokens that the whole has: before the last
   * blank that follows something else, since no token of GPT-2's goes on after such a place; where
   * there is none, as in Chinese, after the last word, since none goes on from a letter to what is
   * not one. 0 if there is no such place.
   */
  private static int boundary(String text) {
    for (int i = text.length() - 1; i > 0; i--) {
      if (Character.isWhitespace(text.charAt(i)) && !Character.isWhitespace(text.charAt(i - 1))) {
        return i;
      }
    }
    // The marker has letters too, and its end may still be to come.
    for (int i = text.length() - Tokenizer.END_OF_TEXT.length(); i > 0; i--) {
      if (Character.isLetter(text.codePointBefore(i))
          && !Character.isLetter(text.codePointAt(i))
          && !inMarker(text, i)) {
        return i;
      }
    }
    return 0;
  }

  private static boolean inMarker(String text, int place) {
    int marker = text.lastIndexOf(Tokenizer.END_OF_TEXT, place - 1);
    return marker >= 0 && place < marker + Tokenizer.END_OF_TEXT.length();
  }

  private static void write(int[] tokens, DataOutputStream out, boolean shorts) throws IOException {
    for (int token : tokens) {
      if (shorts) {
        out.writeShort(token);
      } else {
        out.writeInt(token);
      }
    }
  }

  private static TokenFile open(Path file, int bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long length = channel.size() - HEADER;
      ByteBuffer[] pieces = new ByteBuffer[(int) ((length + PIECE - 1) / PIECE)];
      for (int p = 0; p < pieces.length; p++) {
        long from = p * PIECE;
        pieces[p] =
            channel
                .map(FileChannel.MapMode.READ_ONLY, HEADER + from, Math.min(PIECE, length - from))
                .order(ByteOrder.BIG_ENDIAN);
      }
      return new TokenFile(bytes, length / bytes, pieces);
    }
  }

  /** {@return the number of tokens} */
  long size() {
    return size;
  }

  /** {@return whether a device may hold all tokens: up to a gigabyte} */
  boolean fitsDevices() {
    return size <= MOST_ON_DEVICE;
  }

  /**
   * Returns the tokens in a device's memory. They are copied there when they are first asked for,
   * and stay as long as this object is in use.
   *
   * @param device the device
   * @return int32 [size], not to be closed
   */
  NDArray on(Device device) {
    return copies.get(
        device,
        0,
        manager -> {
          long[] all = new long[(int) size];
          read(0, all, 0, all.length);
          return manager.create(Arrays.stream(all).mapToInt(token -> (int) token).toArray());
        });
  }

  /**
   * Reads tokens.
   *
   * @param from the first one
   * @param into where they go, from the offset on
   * @param offset the first place to fill
   * @param count how many
   */
  void read(long from, long[] into, int offset, int count) {
    Objects.checkFromIndexSize(from, count, size);
    for (int i = 0; i < count; i++) {
      long at = (from + i) * bytes;
      ByteBuffer piece = pieces[(int) (at / PIECE)];
      int place = (int) (at % PIECE);
      into[offset + i] =
          bytes == Short.BYTES ? Short.toUnsignedLong(piece.getShort(place)) : piece.getInt(place);
    }
  }
}
