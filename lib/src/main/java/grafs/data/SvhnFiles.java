package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;

/**
 * Reads the Street View House Numbers of Netzer et al. 2011 as cropped digits, their format 2: the
 * core set, without the extra images. Each file is a MATLAB 5 file with X, bytes of [32, 32, 3, n]
 * with the row running fastest, and y, n labels from 1 to 10, where 10 is the digit 0.
 *
 * <p>Fewer images are read too. See <a href="http://ufldl.stanford.edu/housenumbers/">the data
 * set's page</a>.
 */
final class SvhnFiles implements ImageFiles {

  /** The core set's files. */
  static final SvhnFiles CORE = new SvhnFiles();

  private static final String TRAIN = "train_32x32.mat";
  private static final String TEST = "test_32x32.mat";
  private static final int SIDE = 32;
  private static final int IMAGE = 3 * SIDE * SIDE;
  private static final int CLASSES = 10;
  private static final int BUFFER = 1 << 16;

  /** No compressed variable is larger than this times its file: deflate cannot do more. */
  private static final long MAX_COMPRESSION = 1032;

  private SvhnFiles() {}

  @Override
  public Published published() {
    return Published.of("svhn");
  }

  @Override
  public ImageDataset read(Path folder, String name) throws IOException {
    for (String file : List.of(TRAIN, TEST)) {
      if (!Files.exists(folder.resolve(file))) {
        throw new DataException(
            folder
                + " lacks "
                + file
                + ": a data set in SVHN's layout has "
                + TRAIN
                + " and "
                + TEST);
      }
    }
    return new ImageDataset(
        name,
        ClassNames.DIGITS,
        ImageSet.of(pixels(folder.resolve(TRAIN)), ClassNames.DIGITS, Normalization.SVHN),
        ImageSet.of(pixels(folder.resolve(TEST)), ClassNames.DIGITS, Normalization.SVHN));
  }

  private static Pixels pixels(Path file) throws IOException {
    Mat5File mat = variables(file);
    Matrix x = matrix(mat, "X", file);
    int[] shape = x.getDimensions();
    // MATLAB drops a last dimension of 1.
    int count = shape.length == 3 ? 1 : shape[shape.length - 1];
    if (x.getType() != MatlabType.UInt8
        || x.isComplex()
        || count < 1
        || !Arrays.equals(shape, new int[] {SIDE, SIDE, 3, count})
            && !Arrays.equals(shape, new int[] {SIDE, SIDE, 3})) {
      throw broken(file, "has X of " + form(x) + ", expected uint8 [32, 32, 3, n]", null);
    }
    try {
      return new Pixels(rows(x, count), labels(matrix(mat, "y", file), count, file), 3, SIDE, SIDE);
    } catch (IllegalArgumentException e) {
      // The library finds out that numbers are of no known type when they are asked for.
      throw broken(file, "has numbers of no known type (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Gives memory of the heap, freed with the rest; the library's own is outside of it, and freed by
   * means that newer JDKs warn of.
   */
  private record Heap(long most) implements BufferAllocator {

    @Override
    public ByteBuffer allocate(int bytes) {
      if (bytes < 0 || bytes > most) {
        throw new IllegalArgumentException("a variable of more bytes than the file can hold");
      }
      return ByteBuffer.allocate(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {}
  }

  private static Mat5File variables(Path file) throws IOException {
    try (MatSource source =
        new MatSource(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
      return Mat5.newReader(source)
          .setBufferAllocator(new Heap(MAX_COMPRESSION * Files.size(file)))
          .setMaxInflateBufferSize(BUFFER)
          .disableSubsystemProcessing()
          .setEntryFilter(e -> e.getName().equals("X") || e.getName().equals("y"))
          .readMat();
    } catch (IOException | OutOfMemoryError e) {
      // A damaged size may ask for any amount of memory.
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw broken(file, "is not a whole MATLAB 5 file (" + cause + ")", e);
    }
  }

  private static Matrix matrix(Mat5File mat, String name, Path file) {
    for (MatFile.Entry entry : mat.getEntries()) {
      if (entry.getName().equals(name) && entry.getValue() instanceof Matrix matrix) {
        return matrix;
      }
    }
    throw broken(file, "has no numbers " + name + ", expected X and y", null);
  }

  /** {@return bytes [n, 3, 32, 32] with the column running fastest} */
  private static byte[] rows(Matrix x, int count) {
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
      throw broken(file, "has y of " + form(y) + ", but X of " + grouped(count) + " images", null);
    }
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      double label = y.getDouble(i);
      // Negated, so that NaN fails too.
      if (!(label >= 1 && label <= CLASSES && label == Math.rint(label))) {
        throw broken(
            file, "has label " + label + " for image " + grouped(i) + ", expected 1 to 10", null);
      }
      labels[i] = (byte) (label % CLASSES);
    }
    return labels;
  }

  private static String form(Matrix matrix) {
    return (matrix.isComplex() ? "complex " : "")
        + matrix.getType()
        + " "
        + Arrays.toString(matrix.getDimensions());
  }

  private static DataException broken(Path file, String what, Throwable cause) {
    return new DataException("SVHN file " + file + " " + what + ImageFiles.mend(file), cause);
  }
}
