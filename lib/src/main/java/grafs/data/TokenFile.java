package grafs.data;

import static java.nio.channels.FileChannel.MapMode.READ_ONLY;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * The tokens of a text in a file that is mapped into memory, and may be larger than memory. The
 * file's name has the SHA-256 of the text, so that tokens are computed once for each content, and
 * no text gets the tokens of another. The tokens are shorts or ints, big-endian; a CRC-32C of them
 * follows, eight bytes. A damaged file is written again.
 *
 * @param text the SHA-256 of the text
 * @param bytes the bytes of a token, 2 or 4
 * @param size the number of tokens
 * @param pieces the file's tokens, mapped into memory
 */
record TokenFile(Checksum text, int bytes, long size, ByteBuffer[] pieces) {

  /** The bytes of one mapping, a multiple of a token's; a mapping must have less than 2³¹. */
  private static final long PIECE = 1L << 30;

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
      Checksum sum = Checksum.of(text, "SHA-256");
      Path file = file(text, sum, folder, tokenizer);
      int bytes = tokenizer.vocabulary() <= 1 << 16 ? Short.BYTES : Integer.BYTES;
      Optional<TokenFile> kept = open(file, sum, bytes);
      if (kept.isEmpty()) {
        make(file, out -> encode(text, sum, tokenizer, bytes, out));
        kept = open(file, sum, bytes);
      }
      return kept.orElseThrow(() -> new IOException(file + " is not what was written"));
    } catch (IOException | UncheckedIOException e) {
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

  /** Opens a file if it exists and its checksum is right. */
  private static Optional<TokenFile> open(Path file, Checksum text, int bytes) throws IOException {
    if (!Files.exists(file) || Files.size(file) < Long.BYTES) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file)) {
      long length = channel.size() - Long.BYTES;
      CRC32C sum = new CRC32C();
      ByteBuffer[] pieces = new ByteBuffer[(int) ((length + PIECE - 1) / PIECE)];
      for (int p = 0; p < pieces.length; p++) {
        pieces[p] = channel.map(READ_ONLY, p * PIECE, Math.min(PIECE, length - p * PIECE));
        sum.update(pieces[p].duplicate());
      }
      long expected = channel.map(READ_ONLY, length, Long.BYTES).getLong();
      TokenFile tokens = new TokenFile(text, bytes, length / bytes, pieces);
      return sum.getValue() == expected ? Optional.of(tokens) : Optional.empty();
    }
  }

  /**
   * Writes a file. A reader sees all of it or none.
   *
   * @param file the file; replaced if it exists
   * @param tokens writes all tokens, each as a short or int
   */
  static void make(Path file, PartFile.Use<DataOutputStream> tokens) {
    PartFile.write(
        file,
        part -> {
          CRC32C sum = new CRC32C();
          OutputStream checked = new CheckedOutputStream(Files.newOutputStream(part), sum);
          try (DataOutputStream out =
              new DataOutputStream(new BufferedOutputStream(checked, 1 << 16))) {
            tokens.of(out);
            out.flush();
            out.writeLong(sum.getValue());
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

  /** {@return a token, given its place in the text} */
  long token(long i) {
    long at = i * bytes;
    ByteBuffer piece = pieces[(int) (at / PIECE)];
    int place = (int) (at % PIECE);
    return bytes == Short.BYTES ? Short.toUnsignedLong(piece.getShort(place)) : piece.getInt(place);
  }
}
