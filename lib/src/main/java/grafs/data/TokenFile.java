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
import org.apache.commons.lang3.function.FailableConsumer;

/**
 * The tokens of a text, in a file that is mapped into memory and may be larger than memory. The
 * file's name contains the SHA-256 of the text and the name of the tokenizer. So tokens are
 * computed once for each content and tokenizer, and a changed text gets a new file.
 *
 * <p>The file has the tokens as big-endian integers of 16 bits, unsigned, or of 32 bits. The last
 * 64 bits are the CRC-32C checksum of the tokens, by which a damaged file is noticed and then
 * written again.
 *
 * @param text the SHA-256 of the text
 * @param bytes the number of bytes of a token, 2 or 4
 * @param size the number of tokens
 * @param pieces the file's tokens, as mappings of {@link #PIECE} bytes each; the last one has the
 *     remaining bytes
 */
record TokenFile(Checksum text, int bytes, long size, ByteBuffer[] pieces) {

  /**
   * The size of a mapping in bytes: a multiple of a token's size, below Java's limit of 2³¹ − 1.
   */
  private static final long PIECE = 1L << 30;

  /**
   * Opens the tokens of a text. If their file is missing or damaged, computes the tokens and writes
   * the file first.
   *
   * @param text a UTF-8 file
   * @param folder the folder of the file of tokens; created if it does not exist
   * @param tokenizer the tokenizer that makes the tokens
   * @return the tokens
   * @throws DataException if the text cannot be read, is not UTF-8 or has a character without a
   *     token, or if the file of tokens cannot be written
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
      return kept.orElseThrow(() -> new IOException(file + " reads back damaged: check the disk"));
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(
          "The tokens of " + text + " could not be made in " + folder + ": " + e, e);
    }
  }

  /**
   * {@return the path of the file of tokens of a text}
   *
   * @param text the text's file; up to 20 characters of its name begin the name of the file of
   *     tokens
   * @param sum the SHA-256 of the text
   * @param folder the folder of the file of tokens
   * @param tokenizer the tokenizer that makes the tokens
   */
  static Path file(Path text, Checksum sum, Path folder, Tokenizer tokenizer) {
    String name = text.getFileName().toString().replaceAll("[^A-Za-z0-9._-]", "_");
    // File systems limit a name to 255 bytes, of which checksum, tokenizer and ending need a part.
    String some = name.substring(0, Math.min(20, name.length()));
    return folder.resolve(some + "." + sum.hex() + "." + tokenizer.name() + ".tokens");
  }

  /** Opens a file of tokens; returns empty if it does not exist or its CRC-32C is wrong. */
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
   * Writes a file of tokens with its CRC-32C. Other processes see the complete file or none.
   *
   * @param file the file, replaced if it exists
   * @param tokens is given a stream, and writes all tokens to it, all as shorts or all as ints
   */
  static void make(Path file, FailableConsumer<DataOutputStream, IOException> tokens) {
    PartFile.write(
        file,
        part -> {
          CRC32C sum = new CRC32C();
          OutputStream checked = new CheckedOutputStream(Files.newOutputStream(part), sum);
          try (DataOutputStream out =
              new DataOutputStream(new BufferedOutputStream(checked, 1 << 16))) {
            tokens.accept(out);
            out.flush();
            out.writeLong(sum.getValue());
          }
        });
  }

  /**
   * Reads a text and writes its tokens.
   *
   * @throws IOException if the text no longer has the SHA-256 {@code sum}
   */
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

  /** {@return the token at index i of the text, from 0} */
  long token(long i) {
    long at = i * bytes;
    ByteBuffer piece = pieces[(int) (at / PIECE)];
    int place = (int) (at % PIECE);
    return bytes == Short.BYTES ? Short.toUnsignedLong(piece.getShort(place)) : piece.getInt(place);
  }
}
