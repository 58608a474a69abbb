package grafs.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The stored images of a data set as they were published, with one byte per pixel and channel, and
 * their labels. The arrays are shared by all {@link ImageSet}s made from them, and never modified.
 *
 * @param bytes the pixels, {@code [count, channels, height, width]}, unsigned
 * @param labels the labels, {@code [count]}, unsigned
 * @param channels the number of colour planes
 * @param height the height in pixels
 * @param width the width in pixels
 */
record Pixels(byte[] bytes, byte[] labels, int channels, int height, int width) {

  /** {@return the index in {@link #bytes} of the first pixel of row y of a channel of an image} */
  int row(int image, int channel, int y) {
    // Cannot overflow, since the result is an index of the array, at most its length.
    return ((image * channels + channel) * height + y) * width;
  }

  /**
   * Orders images at random such that the first n of them, for each n, have nearly the same share
   * of every class as all images. To this end, the m images of each class are shuffled and numbered
   * k = 0 to m − 1, image k gets the rank (k + 0.5)/m, and all images are sorted by rank. The
   * number of images of a class among the first n differs from n·p by at most 0.5 + p·C/2, where p
   * is the share of the class in all images and C the number of classes that occur. This bound is 1
   * if all classes are equally frequent.
   *
   * @param images the indices of the images
   * @param classes the number of classes
   * @param seed the seed of the order
   * @return the positions in {@code images}, in that order
   */
  IntStream stratified(int[] images, int classes, long seed) {
    record Ranked(int position, double rank) {}
    Random random = new Random(seed);
    List<List<Integer>> byClass = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      byClass.add(new ArrayList<>());
    }
    for (int i = 0; i < images.length; i++) {
      byClass.get(Byte.toUnsignedInt(labels[images[i]])).add(i);
    }
    byClass.forEach(members -> Collections.shuffle(members, random));
    // Draws the order among images of equal rank, which the stable sort below keeps.
    Collections.shuffle(byClass, random);
    return byClass.stream()
        .flatMap(
            own ->
                IntStream.range(0, own.size())
                    .mapToObj(n -> new Ranked(own.get(n), (n + 0.5) / own.size())))
        .sorted(Comparator.comparingDouble(Ranked::rank))
        .mapToInt(Ranked::position);
  }
}
