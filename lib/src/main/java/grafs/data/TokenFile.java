package grafs.data;

import static java.nio.channels.FileChannel.MapMode.READ_ONLY;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * The tokens of a text in a file that is mapped into memory, and may be larger than memory. The
 * file's name has the SHA-256 of the text, so that tokens are computed once for each content, and
 * no text gets the tokens of another. A damaged file is written again.
 *
 * <p>Its 64 bytes of header are a magic number, the number of bytes of a token, the number of
 * tokens, the CRC-32C of all of them, and the text's SHA-256; the tokens follow. All numbers are
 * big-endian.
 */
final class TokenFile {

  /** "GRAFSTK3". */
  private static final long MAGIC = 0x47524146_53544B33L;

  private static final int HEADER = 64;

  /** The bytes of one mapping, a multiple of a token's; a mapping must have less than 2³¹. */
  private static final long PIECE = 1L << 30;

  /**
   * The largest number of tokens that are copied to a device, where each takes four bytes: 1 GiB in
   * all.
   */
  private static final long MOST_ON_DEVICE = 1L << 28;

  private final Checksum text;
  private final int bytes;
  private final long size;
  private final ByteBuffer[] pieces;
  private final DeviceCopies copies = new DeviceCopies();

  private TokenFile(Checksum text, int bytes, long size, ByteBuffer... pieces) {
    this.text = text;
    this.bytes = bytes;
    this.size = size;
    this.pieces = pieces;
  }

  /**
   * Opens the tokens of a text; writes the file first if there is none or it is damaged.
   *
   * @param text a UTF-8 text
   * @param folder the folder of the token files
   * @param tokenizer the tokenizer that makes the tokens
   * @return the tokens
   * @throws DataException if the text cannot be read or is not UTF-8, or the file not be written
   */
  static TokenFile of(Path text, Path folder, Tokenizer tokenizer) {
    try {
      Checksum sum = ContentHash.of(text, folder);
      Path file = file(text, sum, folder, tokenizer);
      int bytes = tokenizer.vocabulary() <= 1 << 16 ? Short.BYTES : Integer.BYTES;
      Optional<TokenFile> kept = open(file, sum, bytes);
      if (kept.isEmpty()) {
        make(file, sum, bytes, out -> encode(text, sum, tokenizer, bytes, out));
        kept = open(file, sum, bytes);
      }
      return kept.orElseThrow(() -> new IOException(file + " is not what was written"));
    } catch (IOException e) {
      throw new DataException(
          "The tokens of " + text + " could not be made in " + folder + ": " + e, e);
    }
  }

  /** {@return the token file of a text} */
  static Path file(Path text, Checksum sum, Path folder, Tokenizer tokenizer) {
    String name = text.getFileName().toString().replaceAll("[^A-Za-z0-9._-]", "_");
    // File systems limit a name to 255 bytes; checksum, tokenizer and ending need most of them.
    String some = name.substring(0, Math.min(20, name.length()));
    return folder.resolve(some + "." + sum.hex() + "." + tokenizer.name() + ".tokens");
  }

  private static ByteBuffer header(Checksum text, int bytes, long size, long sum) {
    return ByteBuffer.allocate(HEADER)
        .putLong(MAGIC)
        .putLong(bytes)
        .putLong(size)
        .putLong(sum)
        .put(HexFormat.of().parseHex(text.hex()))
        .flip();
  }

  /** Opens a file if it exists and its header and checksum are right for that text. */
  private static Optional<TokenFile> open(Path file, Checksum text, int bytes) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file)) {
      long length = Math.max(0, channel.size() - HEADER);
      ByteBuffer header = channel.map(READ_ONLY, 0, Math.min(HEADER, channel.size()));
      CRC32C sum = new CRC32C();
      ByteBuffer[] pieces = new ByteBuffer[(int) ((length + PIECE - 1) / PIECE)];
      for (int p = 0; p < pieces.length; p++) {
        pieces[p] = channel.map(READ_ONLY, HEADER + p * PIECE, Math.min(PIECE, length - p * PIECE));
        sum.update(pieces[p].duplicate());
      }
      boolean whole =
          length % bytes == 0 && header.equals(header(text, bytes, length / bytes, sum.getValue()));
      return Optional.of(new TokenFile(text, bytes, length / bytes, pieces)).filter(f -> whole);
    }
  }

  /** Something that writes tokens. */
  interface Tokens {

    /** Writes all tokens, each as a short or int. */
    void to(DataOutputStream out) throws IOException;
  }

  /**
   * Writes a file. A reader sees all of it or none.
   *
   * @param file the file; replaced if it exists
   * @param text the text's SHA-256
   * @param bytes the bytes of a token, 2 or 4
   * @param tokens writes the tokens
   */
  static void make(Path file, Checksum text, int bytes, Tokens tokens) throws IOException {
    PartFile.write(
        file,
        part -> {
          try (FileChannel channel = FileChannel.open(part, CREATE_NEW, WRITE)) {
            OutputStream raw = Channels.newOutputStream(channel.position(HEADER));
            CheckedOutputStream checked = new CheckedOutputStream(raw, new CRC32C());
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(checked, 1 << 16));
            tokens.to(out);
            out.flush();
            long size = (channel.position() - HEADER) / bytes;
            channel.position(0);
            raw.write(header(text, bytes, size, checked.getChecksum().getValue()).array());
          }
        });
  }

  private static void encode(
      Path text, Checksum sum, Tokenizer tokenizer, int bytes, DataOutputStream out)
      throws IOException {
    Checksum read =
        TextParts.read(
            text,
            part -> {
              for (int token : tokenizer.encode(part)) {
                if (bytes == Short.BYTES) {
                  out.writeShort(token);
                } else {
                  out.writeInt(token);
                }
              }
            });
    if (!read.equals(sum)) {
      throw new IOException(text + " changed while it was read; run again");
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
   * Returns the tokens in a device's memory. They are copied there at the first request of an
   * owner, and stay until it is closed.
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
          read(0, all, all.length);
          return manager.create(Arrays.stream(all).mapToInt(token -> (int) token).toArray());
        });
  }

  /**
   * Reads tokens.
   *
   * @param from the first one
   * @param into the array to fill from its beginning
   * @param count the number of tokens
   */
  void read(long from, long[] into, int count) {
    Objects.checkFromIndexSize(from, count, size);
    for (int i = 0; i < count; i++) {
      long at = (from + i) * bytes;
      ByteBuffer piece = pieces[(int) (at / PIECE)];
      int place = (int) (at % PIECE);
      into[i] =
          bytes == Short.BYTES ? Short.toUnsignedLong(piece.getShort(place)) : piece.getInt(place);
    }
  }
}
