package grafs.data;

import java.util.SplittableRandom;

/**
 * The images of one epoch in their order, and how each is augmented: a function of the set, the
 * seed and the epoch.
 *
 * @param images the indices of the stored images
 * @param dy how many pixels each crop is moved down, −4 to 4
 * @param dx how many pixels each crop is moved right, −4 to 4
 * @param flip 1 for images that are flipped left to right, 0 for the others
 * @param changes the operation that TrivialAugment applies to each image before the crop; null for
 *     none
 */
record ImageViews(int[] images, int[] dy, int[] dx, int[] flip, TrivialAugment.Drawn[] changes) {

  /** Pixels added on each side before cropping (He et al. 2016, section 4.2). */
  static final int PADDING = 4;

  /** Returns all images in their order, without augmentation. */
  static ImageViews plain(ImageSet set) {
    int size = set.size();
    return new ImageViews(set.index(), new int[size], new int[size], new int[size], null);
  }

  /** Returns all images in random order, augmented as the set's preparation says. */
  static ImageViews augmented(ImageSet set, long seed, int epoch) {
    SplittableRandom random = random(seed, epoch);
    int size = set.size();
    boolean trivial = set.preparation() == Preparation.TRIVIAL_AUGMENT;
    TrivialAugment.Drawn[] changes = trivial ? new TrivialAugment.Drawn[size] : null;
    ImageViews views =
        new ImageViews(set.index(), new int[size], new int[size], new int[size], changes);
    EpochBatches.shuffle(views.images, random);
    boolean flips = set.flips();
    for (int i = 0; i < views.images.length; i++) {
      views.dy[i] = random.nextInt(2 * PADDING + 1) - PADDING;
      views.dx[i] = random.nextInt(2 * PADDING + 1) - PADDING;
      views.flip[i] = flips && random.nextBoolean() ? 1 : 0;
      if (trivial) {
        changes[i] = TrivialAugment.Drawn.from(random);
      }
    }
    return views;
  }

  /**
   * Returns the generator of an epoch. It is split off the seed's generator, since the sequences of
   * neighbouring seeds may overlap.
   */
  private static SplittableRandom random(long seed, int epoch) {
    SplittableRandom root = new SplittableRandom(seed);
    for (int i = 0; i < epoch; i++) {
      root.split();
    }
    return root.split();
  }
}
