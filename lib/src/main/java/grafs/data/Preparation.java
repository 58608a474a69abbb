package grafs.data;

/**
 * How images are augmented and normalised for a family of networks, such as ResNets. All but {@link
 * #HALVED} do what the paper's code does with images of 32×32 (arXiv 2408.06820, repository
 * automl/GRAFS). Test images are normalised in the same way as training images, but not augmented.
 */
public enum Preparation {
  /**
   * For ResNets: in training, 4 black pixels are added on each side, a random crop of the original
   * size is taken, and flipped left to right with probability 1/2 (He et al. 2016, section 4.2).
   * CIFAR-10 is normalised by ImageNet's constants: mean and standard deviation of each channel.
   */
  CROP_AND_FLIP,
  /**
   * For vision transformers: in training, TrivialAugmentWide (Müller and Hutter 2021) is applied
   * before the crop and flip of {@link #CROP_AND_FLIP}. CIFAR-10 is normalised by its own
   * constants.
   */
  TRIVIAL_AUGMENT,
  /**
   * For vision transformers in this library's short experiments, which are called {@code quick}.
   * The paper's code has no such preparation. Images are augmented and normalised as for {@link
   * #TRIVIAL_AUGMENT}. Then training and test images are halved in height and width: each pixel
   * becomes the mean of 2×2 pixels.
   */
  HALVED;

  /**
   * Returns the normalisation of a data set's images. It is the data set's default, {@code own},
   * with one exception: the default of CIFAR-10 is ImageNet's constants, which are for ResNets. For
   * vision transformers, CIFAR-10's own constants are returned.
   */
  Normalization of(Normalization own) {
    return this != CROP_AND_FLIP && own.equals(Normalization.IMAGENET)
        ? Normalization.CIFAR10
        : own;
  }
}
