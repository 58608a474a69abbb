package grafs.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An image of a batch: which stored image of an {@link ImageSet} it is, and how it is augmented.
 * The crop has the size of the image; where it reaches beyond the image, it is black.
 *
 * @param image the index of the stored image
 * @param dy by how many pixels the crop is moved down, −4 to 4
 * @param dx by how many pixels the crop is moved right, −4 to 4
 * @param flip whether the crop is flipped left to right
 * @param change the operation that is applied before the crop; null for none
 */
record ImageView(int image, int dy, int dx, boolean flip, TrivialAugment.Drawn change) {

  /**
   * The number of black pixels that are added on each side before cropping (He et al. 2016, section
   * 4.2).
   */
  static final int PADDING = 4;

  /** Returns all images of a set in their order, without augmentation. */
  static List<ImageView> plain(ImageSet set) {
    return Arrays.stream(set.index).mapToObj(i -> new ImageView(i, 0, 0, false, null)).toList();
  }

  /**
   * Returns all images of a set in random order, augmented at random as its {@link Preparation}
   * says. The result depends only on the set, the seed and the epoch.
   */
  static List<ImageView> augmented(ImageSet set, long seed, int epoch) {
    SplittableRandom random = EpochBatches.random(seed, epoch);
    boolean trivial = set.preparation != Preparation.CROP_AND_FLIP;
    boolean flips = set.flips();
    List<ImageView> views = new ArrayList<>();
    for (int image : EpochBatches.shuffle(set.index.clone(), random)) {
      int dy = random.nextInt(2 * PADDING + 1) - PADDING;
      int dx = random.nextInt(2 * PADDING + 1) - PADDING;
      boolean flip = flips && random.nextBoolean();
      views.add(
          new ImageView(image, dy, dx, flip, trivial ? TrivialAugment.Drawn.from(random) : null));
    }
    return views;
  }
}
