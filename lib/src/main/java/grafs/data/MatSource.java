package grafs.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import us.hebi.matlab.mat.types.AbstractSource;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;

/**
 * The bytes of a MATLAB file, read from a stream. Compressed variables are read to the end of their
 * checksum, which the library's own sources never reach, so that damage within them is noticed.
 */
final class MatSource extends AbstractSource {

  private final InputStream in;
  private long position;

  MatSource(InputStream in) {
    super(512);
    this.in = in;
  }

  @Override
  public void readBytes(byte[] bytes, int offset, int length) throws IOException {
    int read = in.readNBytes(bytes, offset, length);
    position += read;
    if (read < length) {
      throw new EOFException("it ends after " + DataException.grouped(position) + " bytes");
    }
  }

  @Override
  public Source readInflated(int bytes, int bufferSize) {
    Inflater inflater = new Inflater();
    InputStream inflated =
        new InflaterInputStream(readBytesAsStream(bytes), inflater, bufferSize) {
          @Override
          public void close() throws IOException {
            try {
              transferTo(OutputStream.nullOutputStream());
            } finally {
              inflater.end();
              super.close();
            }
          }
        };
    return Sources.wrapInputStream(inflated).order(order());
  }

  @Override
  protected InputStream readBytesAsStream(long bytes) {
    return new InputStream() {
      private long left = bytes;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        if (left == 0) {
          return -1;
        }
        int some = (int) Math.min(length, left);
        readBytes(into, offset, some);
        left -= some;
        return some;
      }
    };
  }

  @Override
  public long getPosition() {
    return position;
  }

  @Override
  public boolean isMutatedByChildren() {
    return true;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
