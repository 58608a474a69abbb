package grafs.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The SHA-256 of a file's content, noted beside what was made of the file so that gigabytes are
 * read once and not each time. The note holds the file's size, inode and times, among them that of
 * the inode's last change, which no program can set back: a file with other content has another.
 */
final class ContentHash {

  /** Of a file that changed more recently, a further change may have the same time. */
  private static final long SETTLED_MILLIS = 1000;

  private static final String STAMP = "unix:size,ino,dev,lastModifiedTime,ctime";

  private ContentHash() {}

  /**
   * Looks up a file's SHA-256, or computes it.
   *
   * @param file the file, of any size
   * @param folder where the note is kept; made if there is none
   * @return the SHA-256 of what is in the file now
   * @throws IOException if the file cannot be read, or changes while it is
   */
  static Checksum of(Path file, Path folder) throws IOException {
    String stamp = stamp(file);
    byte[] path = file.toRealPath().toString().getBytes(StandardCharsets.UTF_8);
    String number = HexFormat.of().formatHex(Checksum.digest("SHA-256").digest(path), 0, 8);
    Path note = folder.resolve(number + ".sha256");
    if (Files.isRegularFile(note)) {
      List<String> lines =
          new String(Files.readAllBytes(note), StandardCharsets.UTF_8).lines().toList();
      if (lines.size() == 2
          && !stamp.isEmpty()
          && lines.get(0).equals(stamp)
          && lines.get(1).matches("[0-9a-f]{64}")) {
        return Checksum.sha256(lines.get(1));
      }
    }
    Checksum sum = Checksum.of(file, "SHA-256");
    if (!stamp.equals(stamp(file))) {
      throw new IOException(file + " changed while it was read");
    }
    if (!stamp.isEmpty() && settled(file)) {
      write(note, stamp + "\n" + sum.hex() + "\n");
    }
    return sum;
  }

  /** What tells that a file has changed; empty where the system does not say. */
  private static String stamp(Path file) throws IOException {
    try {
      // A tree, so that the order is always the same.
      return new TreeMap<>(Files.readAttributes(file, STAMP)).toString();
    } catch (UnsupportedOperationException e) {
      return "";
    }
  }

  private static boolean settled(Path file) throws IOException {
    FileTime changed = (FileTime) Files.getAttribute(file, "unix:ctime");
    return System.currentTimeMillis() - changed.toMillis() > SETTLED_MILLIS;
  }

  /** Writes the note, if it can be: without one, the file is read again the next time. */
  private static void write(Path note, String text) {
    Path part = note.resolveSibling(note.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      Files.createDirectories(note.getParent());
      Files.writeString(part, text);
      Files.move(part, note, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      part.toFile().delete();
    }
  }
}
