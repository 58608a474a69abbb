package grafs.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.TreeMap;

/**
 * The SHA-256 of a file's content, cached in a folder so that gigabytes are read once and not each
 * time. The cache entry holds the file's size, inode and times, among them that of the inode's last
 * change (ctime), which no program can set back, so that it differs once the content has changed.
 */
final class ContentHash {

  /**
   * In milliseconds. The hash of a file that changed more recently is not cached: a second change
   * within the clock's resolution would leave the same time.
   */
  private static final long SETTLED_MILLIS = 1000;

  private static final String STAMP = "unix:size,ino,dev,lastModifiedTime,ctime";

  private ContentHash() {}

  /**
   * Looks up a file's SHA-256, or computes it.
   *
   * @param file the file, of any size
   * @param folder the folder of the cache entry; created if it does not exist
   * @return the SHA-256 of what is in the file now
   * @throws IOException if the file cannot be read, or changes while it is read
   */
  static Checksum of(Path file, Path folder) throws IOException {
    String stamp = stamp(file);
    Path note = folder.resolve(Checksum.shortHash(file.toRealPath().toString()) + ".sha256");
    if (!stamp.isEmpty() && Files.isRegularFile(note)) {
      String text = Files.readString(note, StandardCharsets.ISO_8859_1);
      if (text.startsWith(stamp + "\n")
          && text.substring(stamp.length()).matches("\n[0-9a-f]{64}\n")) {
        return new Checksum("SHA-256", text.substring(stamp.length()).strip());
      }
    }
    Checksum sum = Checksum.of(file, "SHA-256");
    if (!stamp.equals(stamp(file))) {
      throw new IOException(file + " changed while it was read");
    }
    if (!stamp.isEmpty() && settled(file)) {
      try {
        PartFile.write(note, part -> Files.writeString(part, stamp + "\n" + sum.hex() + "\n"));
      } catch (IOException e) {
        // Without a cache entry, the file is hashed again the next time.
      }
    }
    return sum;
  }

  /**
   * Returns the attributes that differ once a file has changed; empty where the system has none.
   */
  private static String stamp(Path file) throws IOException {
    try {
      // Sorted by name, so that equal attributes always give the same text.
      return new TreeMap<>(Files.readAttributes(file, STAMP)).toString();
    } catch (UnsupportedOperationException e) {
      return "";
    }
  }

  private static boolean settled(Path file) throws IOException {
    FileTime changed = (FileTime) Files.getAttribute(file, "unix:ctime");
    return System.currentTimeMillis() - changed.toMillis() > SETTLED_MILLIS;
  }
}
