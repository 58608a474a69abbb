package grafs.plot;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;

/** Colours for values around 0: blue below, white at 0, vermilion above. */
final class Diverging {

  private static final int STEPS = 64;
  private static final int[] BELOW = {0x00, 0x72, 0xB2};
  private static final int[] ABOVE = {0xD5, 0x5E, 0x00};
  private static final IndexColorModel COLOURS = colours();

  private Diverging() {}

  private static IndexColorModel colours() {
    byte[][] channels = new byte[3][2 * STEPS + 1];
    for (int i = -STEPS; i <= STEPS; i++) {
      int[] end = i < 0 ? BELOW : ABOVE;
      double share = Math.abs(i) / (double) STEPS;
      for (int c = 0; c < 3; c++) {
        channels[c][i + STEPS] = (byte) Math.round(255 + share * (end[c] - 255));
      }
    }
    return new IndexColorModel(8, 2 * STEPS + 1, channels[0], channels[1], channels[2]);
  }

  /**
   * Draws values, one a pixel.
   *
   * @param values {@code [rows][columns]}, the first row at the bottom
   * @param scale the magnitude of the strongest colours; larger values have the same
   * @return the picture
   */
  static BufferedImage image(double[][] values, double scale) {
    int rows = values.length;
    BufferedImage image =
        new BufferedImage(values[0].length, rows, BufferedImage.TYPE_BYTE_INDEXED, COLOURS);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < values[0].length; column++) {
        double share = Math.max(-1, Math.min(1, values[row][column] / scale));
        int index = STEPS + (int) Math.round(STEPS * share);
        image.getRaster().setSample(column, rows - 1 - row, 0, index);
      }
    }
    return image;
  }
}
