package grafs.data.fetch;

import static grafs.data.DataException.grouped;

import grafs.data.DataException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Unpacks a {@code .tar.gz} of plain files and folders into an empty folder, and refuses any other:
 * names that lead out of it, links, devices, files twice, more bytes or entries than there should
 * be.
 *
 * @param file the archive
 * @param bytes how many it may unpack to at most, headers and padding included
 * @param entries how many files and folders it may have at most
 */
record TarArchive(Path file, long bytes, int entries) {

  /**
   * Unpacks it.
   *
   * @param into an empty folder; when this fails, it holds what came before the failure
   * @throws DataException if the archive is not as it should be; says what is wrong with it
   */
  void unpack(Path into) throws IOException {
    Path root = into.toRealPath();
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(limited(unzipped(raw)))) {
      int count = 0;
      for (TarArchiveEntry e = next(tar); e != null; e = next(tar)) {
        if (++count > entries) {
          throw refused("has more than " + entries + " entries");
        }
        unpack(tar, e, root);
      }
    }
  }

  private TarArchiveEntry next(TarArchiveInputStream tar) throws IOException {
    try {
      return tar.getNextEntry();
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  private void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path root)
      throws IOException {
    Path target = target(entry.getName(), root);
    byte kind = entry.getLinkFlag();
    boolean plain = kind == TarConstants.LF_NORMAL || kind == TarConstants.LF_OLDNORM;
    if (!entry.isDirectory() && (!plain || entry.isSparse())) {
      throw refused("holds '" + entry.getName() + "', which is neither a plain file nor a folder");
    }
    try {
      if (entry.isDirectory()) {
        Files.createDirectories(target);
        return;
      }
      Files.createDirectories(target.getParent());
      try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
        byte[] chunk = new byte[1 << 16];
        for (int read = read(tar, chunk); read >= 0; read = read(tar, chunk)) {
          out.write(chunk, 0, read);
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw refused("holds '" + entry.getName() + "' twice");
    }
  }

  private int read(TarArchiveInputStream tar, byte[] chunk) throws IOException {
    try {
      return tar.read(chunk);
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  private Path target(String name, Path root) {
    try {
      Path path = Path.of(name);
      boolean up = false;
      for (Path step : path) {
        up |= step.toString().equals("..");
      }
      Path target = root.resolve(path).normalize();
      if (name.isEmpty() || name.contains("\\") || path.isAbsolute() || up) {
        throw refused("holds '" + name + "', which leads out of its folder");
      }
      return target;
    } catch (InvalidPathException e) {
      throw refused("holds '" + name.replace('\0', '?') + "', which is no file's name");
    }
  }

  private InputStream unzipped(InputStream raw) throws IOException {
    try {
      return new GZIPInputStream(raw, 1 << 16);
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  /** Headers count too: a name may be as long as a bomb. */
  private InputStream limited(InputStream unzipped) {
    return new FilterInputStream(unzipped) {
      private long left = bytes;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        left -= Math.max(read, 0);
        if (left < 0) {
          throw refused("unpacks to more than " + grouped(bytes) + " bytes");
        }
        return read;
      }

      @Override
      public long skip(long count) throws IOException {
        return Math.max(0, read(new byte[(int) Math.min(count, 1 << 16)]));
      }
    };
  }

  private DataException refused(String what) {
    return new DataException(
        "Archive " + file + " " + what + ": it is not as published and was not unpacked");
  }

  private DataException damaged(Exception e) {
    return new DataException(
        "Archive " + file + " is cut short or damaged (" + e.getMessage() + ")", e);
  }
}
