package grafs.lab;

import grafs.data.ImageSet;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** Pictures of images. */
public final class Pictures {

  private Pictures() {}

  /**
   * Draws a grid of images, one class a row.
   *
   * @param images the images to choose from, in order
   * @param columns how many of each class
   * @param scale the side of a pixel in the picture
   * @return the picture
   */
  public static BufferedImage grid(ImageSet images, int columns, int scale) {
    int gap = scale;
    int width = images.width() * scale;
    int height = images.height() * scale;
    BufferedImage picture =
        new BufferedImage(
            columns * (width + gap) - gap,
            images.classes() * (height + gap) - gap,
            BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    int[] drawn = new int[images.classes()];
    for (int i = 0; i < images.size(); i++) {
      int row = images.label(i);
      if (drawn[row] < columns) {
        graphics.drawImage(
            images.image(i),
            drawn[row]++ * (width + gap),
            row * (height + gap),
            width,
            height,
            null);
      }
    }
    graphics.dispose();
    return picture;
  }
}
