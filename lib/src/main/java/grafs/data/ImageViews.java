package grafs.data;

import java.util.SplittableRandom;

/**
 * The images of one epoch in their order, and how each is seen: a function of the set, the seed and
 * the epoch.
 *
 * @param images the stored images' numbers
 * @param dy how many pixels further down each is cropped
 * @param dx how many pixels further right
 * @param flip 1 for those shown as in a mirror, 0 for the others
 * @param changes what is done to each before; null for nothing
 */
record ImageViews(int[] images, int[] dy, int[] dx, int[] flip, TrivialAugment.Drawn[] changes) {

  /** Pixels added on each side before cropping (He et al. 2016, section 4.2). */
  static final int PADDING = 4;

  /** All images as they are. */
  static ImageViews plain(ImageSet set) {
    int size = set.size();
    return new ImageViews(set.index(), new int[size], new int[size], new int[size], null);
  }

  /** All images in another order, augmented as the set is prepared. */
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

  /** The generator of an epoch: the epoch-th that splits off, since nearby seeds may overlap. */
  private static SplittableRandom random(long seed, int epoch) {
    SplittableRandom root = new SplittableRandom(seed);
    for (int i = 0; i < epoch; i++) {
      root.split();
    }
    return root.split();
  }
}
