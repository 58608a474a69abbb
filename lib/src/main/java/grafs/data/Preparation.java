package grafs.data;

/** How the paper's code (automl/GRAFS) prepares images of 32×32 for a family of networks. */
public enum Preparation {
  /**
   * For ResNets: in training a crop after 4 black pixels were added on each side, and a flip half
   * of the time (He et al. 2016, section 4.2); CIFAR-10 is normalised by ImageNet's constants.
   */
  CROP_AND_FLIP,
  /**
   * For vision transformers: in training TrivialAugmentWide (Müller and Hutter 2021) first, then
   * crop and flip; CIFAR-10 is normalised by its own constants.
   */
  TRIVIAL_AUGMENT,
  /**
   * For vision transformers at {@code quick}, not in the paper's code: as {@link #TRIVIAL_AUGMENT},
   * and then half the height and width, each pixel the mean of four.
   */
  HALVED;

  /** {@return the normalisation to use in place of a data set's default, which is given} */
  Normalization of(Normalization own) {
    return this != CROP_AND_FLIP && own.equals(Normalization.IMAGENET)
        ? Normalization.CIFAR10
        : own;
  }
}
