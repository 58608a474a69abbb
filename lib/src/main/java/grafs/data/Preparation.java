package grafs.data;

/**
 * How images are augmented and normalised for a family of networks: as the paper's code
 * (automl/GRAFS) does with images of 32×32, except {@link #HALVED}. Test images are normalised in
 * the same way, and not augmented.
 */
public enum Preparation {
  /**
   * For ResNets: in training, 4 black pixels are added on each side, a random crop of the original
   * size is taken, and flipped left to right with probability 1/2 (He et al. 2016, section 4.2).
   * CIFAR-10 is normalised by ImageNet's constants.
   */
  CROP_AND_FLIP,
  /**
   * For vision transformers: in training, TrivialAugmentWide (Müller and Hutter 2021) is applied
   * before the crop and flip of {@link #CROP_AND_FLIP}. CIFAR-10 is normalised by its own
   * constants.
   */
  TRIVIAL_AUGMENT,
  /**
   * For vision transformers in short experiments (scale {@code quick}); not in the paper's code. As
   * {@link #TRIVIAL_AUGMENT}, and then training and test images are halved in height and width:
   * each pixel becomes the mean of 2×2 pixels.
   */
  HALVED;

  /**
   * {@return the normalisation for images whose data set is normalised by {@code own} by default}
   */
  Normalization of(Normalization own) {
    return this != CROP_AND_FLIP && own.equals(Normalization.IMAGENET)
        ? Normalization.CIFAR10
        : own;
  }
}
