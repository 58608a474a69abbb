package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;

/**
 * Reads the Street View House Numbers of Netzer et al. 2011 as cropped digits, their format 2. Each
 * file is a MATLAB 5 file with X, bytes of [32, 32, 3, n] with the row running fastest, and y, n
 * labels from 1 to 10, where 10 is the digit 0. See <a
 * href="http://ufldl.stanford.edu/housenumbers/">the data set's page</a>.
 */
final class SvhnFormat {

  private static final int SIDE = 32;
  private static final int IMAGE = 3 * SIDE * SIDE;

  /** Of a MATLAB 5 file, the bytes before its first element. */
  private static final int HEADER = 128;

  /** The type of an element that zlib compressed. */
  private static final int COMPRESSED = 15;

  /** No compressed array is larger than this times its file: zlib cannot do more. */
  private static final long MAX_COMPRESSION = 1032;

  private SvhnFormat() {}

  /** Gives memory of the heap, never more than the file can hold, whatever its sizes claim. */
  private record Heap(long most) implements BufferAllocator {

    @Override
    public ByteBuffer allocate(int bytes) {
      if (bytes < 0 || bytes > most) {
        throw new IllegalArgumentException("it has an array of more bytes than it can hold");
      }
      return ByteBuffer.allocate(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {}
  }

  /** Reads one file. */
  static Pixels read(List<Path> files) {
    Path file = files.get(0);
    Mat5File mat;
    try (Source source = Sources.openFile(file.toFile())) {
      mat =
          Mat5.newReader(source)
              .setBufferAllocator(new Heap(MAX_COMPRESSION * Files.size(file)))
              .disableSubsystemProcessing()
              .setEntryFilter(e -> List.of("X", "y").contains(e.getName()))
              .readMat();
      checkCompressed(file);
    } catch (IOException | RuntimeException e) {
      throw broken(file, "is not a whole MATLAB 5 file (" + e + ")");
    }
    try {
      Matrix x = numbers(mat, "X", file);
      byte[] images = images(x, file);
      return new Pixels(
          images, labels(numbers(mat, "y", file), images.length / IMAGE, file), 3, SIDE, SIDE);
    } catch (IllegalArgumentException e) {
      // The library finds out that numbers are of no known type when they are asked for.
      throw broken(file, "has numbers of no known type (" + e.getMessage() + ")");
    }
  }

  /** Compares the checksum at the end of each compressed element, which the library skips. */
  private static void checkCompressed(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      ByteBuffer header = ByteBuffer.allocate(HEADER);
      file.read(header);
      boolean little = header.get(HEADER - 2) == 'I';
      header.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      for (long at = HEADER; at < file.size(); ) {
        var in =
            new DataInputStream(
                new BufferedInputStream(Channels.newInputStream(file.position(at)), 1 << 16));
        ByteBuffer tag = ByteBuffer.wrap(in.readNBytes(8)).order(header.order());
        boolean compressed = tag.getInt() == COMPRESSED;
        at += 8 + Integer.toUnsignedLong(tag.getInt());
        if (at > file.size()) {
          throw new EOFException("it ends after " + grouped(file.size()) + " bytes");
        }
        if (compressed) {
          Inflater inflater = new Inflater();
          try {
            new InflaterInputStream(in, inflater).transferTo(OutputStream.nullOutputStream());
          } finally {
            inflater.end();
          }
        }
      }
    }
  }

  private static Matrix numbers(Mat5File mat, String name, Path file) {
    for (MatFile.Entry entry : mat.getEntries()) {
      if (entry.getName().equals(name) && entry.getValue() instanceof Matrix matrix) {
        return matrix;
      }
    }
    throw broken(file, "has no numbers " + name + ", expected X and y");
  }

  /** {@return bytes [n, 3, 32, 32] with the column running fastest} */
  private static byte[] images(Matrix x, Path file) {
    int[] shape = x.getDimensions();
    // MATLAB drops a last dimension of 1.
    int count = shape.length == 3 ? 1 : shape[shape.length - 1];
    if (x.getType() != MatlabType.UInt8
        || x.isComplex()
        || count < 1
        || !Arrays.equals(Arrays.copyOf(shape, 3), new int[] {SIDE, SIDE, 3})
        || x.getNumElements() != count * IMAGE) {
      throw broken(file, "has X of " + form(x) + ", expected uint8 [32, 32, 3, n]");
    }
    byte[] bytes = new byte[count * IMAGE];
    for (int plane = 0; plane < bytes.length; plane += SIDE * SIDE) {
      for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
          bytes[plane + SIDE * row + column] = x.getByte(plane + row + SIDE * column);
        }
      }
    }
    return bytes;
  }

  private static byte[] labels(Matrix y, int count, Path file) {
    if (y.isComplex() || y.getNumElements() != count) {
      throw broken(file, "has y of " + form(y) + ", but X of " + grouped(count) + " images");
    }
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      double label = y.getDouble(i);
      // Negated, so that NaN fails too.
      if (!(label >= 1 && label <= 10 && label == Math.rint(label))) {
        throw broken(
            file, "has label " + label + " for image " + grouped(i) + ", expected 1 to 10");
      }
      labels[i] = (byte) (label % 10);
    }
    return labels;
  }

  private static String form(Matrix matrix) {
    return (matrix.isComplex() ? "complex " : "")
        + matrix.getType()
        + " "
        + Arrays.toString(matrix.getDimensions());
  }

  private static DataException broken(Path file, String what) {
    return ImageFiles.broken("SVHN", file, what);
  }
}
