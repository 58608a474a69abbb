package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * The tokens of a text in a file that is mapped into memory, so that it may be larger than that.
 * The file's name has the SHA-256 of the text, so that tokens are made once for each content, and
 * no text has those of another.
 *
 * <p>Its 56 bytes of header are a magic number, the number of bytes of a token, the number of
 * tokens, and the text's SHA-256. The tokens follow, then the CRC-32C of each mebibyte of them,
 * which is compared when the first token in that mebibyte is read. All numbers are big-endian.
 */
final class TokenFile {

  /** "GRAFSTK2". */
  private static final long MAGIC = 0x47524146_53544B32L;

  private static final int HEADER = 56;

  /** Characters encoded at once. */
  private static final int CHUNK = 1 << 20;

  /** Bytes with a checksum of their own. A multiple of a token's. */
  private static final int CHECKED = 1 << 20;

  /** Bytes in one mapping, which cannot have more than 2³¹. A multiple of those with a checksum. */
  private static final long PIECE = 1L << 30;

  /** Of which each takes four bytes there. */
  private static final long MOST_ON_DEVICE = 1L << 28;

  private final Path file;
  private final Checksum text;
  private final int bytes;
  private final long size;
  private final ByteBuffer[] pieces;
  private final int[] sums;

  /** Which mebibytes have been compared. Two threads may both compare one, which does no harm. */
  private final boolean[] compared;

  private final DeviceCopies copies = new DeviceCopies();

  private TokenFile(
      Path file, Checksum text, int bytes, long size, ByteBuffer[] pieces, int[] sums) {
    this.file = file;
    this.text = text;
    this.bytes = bytes;
    this.size = size;
    this.pieces = pieces;
    this.sums = sums;
    this.compared = new boolean[sums.length];
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
    try {
      Checksum sum = ContentHash.of(text, folder);
      Path file = file(text, sum, folder, tokenizer);
      if (!whole(file, sum, bytes(tokenizer))) {
        make(file, sum, bytes(tokenizer), out -> encode(text, sum, tokenizer, out));
      }
      return open(file, sum, bytes(tokenizer));
    } catch (CharacterCodingException e) {
      throw new DataException("The text " + text + " is not UTF-8; convert it first", e);
    } catch (IOException e) {
      throw new DataException(
          "The tokens of " + text + " could not be made in " + folder + ": " + e, e);
    }
  }

  /** {@return where the tokens of a text are kept} */
  static Path file(Path text, Checksum sum, Path folder, Tokenizer tokenizer) {
    String name = text.getFileName().toString().replaceAll("[^A-Za-z0-9._-]", "_");
    // With the rest, a file's name must stay below 256 bytes.
    String some = name.substring(0, Math.min(20, name.length()));
    return folder.resolve(some + "." + sum.hex() + "." + tokenizer.name() + ".tokens");
  }

  private static int bytes(Tokenizer tokenizer) {
    return tokenizer.vocabulary() <= 1 << 16 ? Short.BYTES : Integer.BYTES;
  }

  private static ByteBuffer header(Checksum text, int bytes, long size) {
    return ByteBuffer.allocate(HEADER)
        .putLong(MAGIC)
        .putLong(bytes)
        .putLong(size)
        .put(HexFormat.of().parseHex(text.hex()))
        .flip();
  }

  /** {@return how many bytes a file with so many tokens has} */
  private static long length(int bytes, long size) {
    return HEADER + size * bytes + sums(bytes, size) * Integer.BYTES;
  }

  private static long sums(int bytes, long size) {
    return (size * bytes + CHECKED - 1) / CHECKED;
  }

  /** Tells whether a file is there and has the header and the length of that text's tokens. */
  private static boolean whole(Path file, Checksum text, int bytes) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer there = ByteBuffer.allocate(HEADER);
      if (channel.size() < HEADER) {
        return false;
      }
      fill(there, channel, 0);
      long size = there.getLong(2 * Long.BYTES);
      return size >= 0
          && size <= channel.size()
          && there.equals(header(text, bytes, size))
          && channel.size() == length(bytes, size);
    }
  }

  private static void fill(ByteBuffer buffer, FileChannel channel, long from) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    }
    buffer.flip();
  }

  /** Something that writes tokens. */
  interface Tokens {

    /** Writes all tokens, each as a short or int. */
    void to(DataOutputStream out) throws IOException;
  }

  /**
   * Makes a file. A reader sees all of it or none.
   *
   * @param file the file; replaced if it exists
   * @param text the text's SHA-256
   * @param bytes the bytes of a token, 2 or 4
   * @param tokens writes them
   */
  static void make(Path file, Checksum text, int bytes, Tokens tokens) throws IOException {
    Files.createDirectories(file.getParent());
    Path part = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        channel.position(HEADER);
        Sums sums = new Sums(Channels.newOutputStream(channel));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(sums, 1 << 16));
        tokens.to(out);
        out.flush();
        long size = (channel.position() - HEADER) / bytes;
        ByteBuffer after = sums.all();
        while (after.hasRemaining()) {
          channel.write(after);
        }
        ByteBuffer header = header(text, bytes, size);
        while (header.hasRemaining()) {
          channel.write(header, header.position());
        }
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Computes the CRC-32C of each {@link #CHECKED} bytes that pass. */
  private static final class Sums extends FilterOutputStream {

    private final CRC32C sum = new CRC32C();
    private final IntStream.Builder sums = IntStream.builder();
    private int count;

    Sums(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      for (int from = offset; from < offset + length; ) {
        int some = Math.min(offset + length - from, CHECKED - count);
        sum.update(bytes, from, some);
        from += some;
        count += some;
        if (count == CHECKED) {
          next();
        }
      }
    }

    private void next() {
      sums.add((int) sum.getValue());
      sum.reset();
      count = 0;
    }

    /** {@return the sums, that of the last bytes included} */
    ByteBuffer all() {
      if (count > 0) {
        next();
      }
      int[] all = sums.build().toArray();
      ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES * all.length);
      buffer.asIntBuffer().put(all);
      return buffer;
    }
  }

  private static void encode(Path text, Checksum sum, Tokenizer tokenizer, DataOutputStream out)
      throws IOException {
    boolean shorts = bytes(tokenizer) == Short.BYTES;
    MessageDigest digest = Checksum.digest(sum.algorithm());
    char[] chunk = new char[CHUNK];
    String rest = "";
    // Not Files.newBufferedReader's lines: line ends are part of the text.
    try (Reader reader =
        new InputStreamReader(
            new DigestInputStream(Files.newInputStream(text), digest),
            StandardCharsets.UTF_8.newDecoder())) {
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
    if (!HexFormat.of().formatHex(digest.digest()).equals(sum.hex())) {
      throw new IOException(text + " changed while it was read; run again");
    }
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

  private static TokenFile open(Path file, Checksum text, int bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = ByteBuffer.allocate(HEADER);
      fill(header, channel, 0);
      long size = header.getLong(2 * Long.BYTES);
      long length = size * bytes;
      ByteBuffer[] pieces = new ByteBuffer[(int) ((length + PIECE - 1) / PIECE)];
      for (int p = 0; p < pieces.length; p++) {
        long from = p * PIECE;
        pieces[p] =
            channel
                .map(FileChannel.MapMode.READ_ONLY, HEADER + from, Math.min(PIECE, length - from))
                .order(ByteOrder.BIG_ENDIAN);
      }
      int[] sums = new int[(int) sums(bytes, size)];
      ByteBuffer after = ByteBuffer.allocate(Integer.BYTES * sums.length);
      fill(after, channel, HEADER + length);
      after.asIntBuffer().get(sums);
      return new TokenFile(file, text, bytes, size, pieces, sums);
    }
  }

  /** {@return the SHA-256 of the text} */
  Checksum text() {
    return text;
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
   * and stay until the owner is closed.
   *
   * @param owner the manager that owns the copy, on its device
   * @return int32 [size], not to be closed
   */
  NDArray on(NDManager owner) {
    return copies.get(
        owner,
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
   * @throws DataException if the file is damaged there
   */
  void read(long from, long[] into, int offset, int count) {
    Objects.checkFromIndexSize(from, count, size);
    for (long at = from * bytes / CHECKED; at * CHECKED < (from + count) * bytes; at++) {
      compare((int) at);
    }
    for (int i = 0; i < count; i++) {
      long at = (from + i) * bytes;
      ByteBuffer piece = pieces[(int) (at / PIECE)];
      int place = (int) (at % PIECE);
      into[offset + i] =
          bytes == Short.BYTES ? Short.toUnsignedLong(piece.getShort(place)) : piece.getInt(place);
    }
  }

  private void compare(int number) {
    if (compared[number]) {
      return;
    }
    long at = (long) number * CHECKED;
    int place = (int) (at % PIECE);
    CRC32C sum = new CRC32C();
    sum.update(
        pieces[(int) (at / PIECE)]
            .duplicate()
            .position(place)
            .limit((int) Math.min(place + CHECKED, place + size * bytes - at)));
    if ((int) sum.getValue() != sums[number]) {
      throw new DataException(
          "The file of tokens " + file + " is damaged; delete it and run again to make it anew");
    }
    compared[number] = true;
  }
}
