package grafs.data;

import java.util.Collections;
import java.util.List;

/**
 * Mean and standard deviation of each channel, by which the pixels of an {@link ImageSet} are
 * normalised: a byte v of channel c becomes (v / 255 − mean[c]) / std[c]. The paper meant below is
 * arXiv 2408.06820.
 *
 * @param mean the mean of each channel, in [0, 1]
 * @param std the standard deviation of each channel, in (0, 1]
 */
record Normalization(List<Float> mean, List<Float> std) {

  /**
   * ImageNet's constants, by which the paper normalises CIFAR-10 for ResNets, as the repository
   * akamaster/pytorch_resnet_cifar10 does. With other constants, the ResNet weights that are
   * published in that repository would give other logits in this library than they give there.
   */
  static final Normalization IMAGENET =
      new Normalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

  /** The constants by which the paper normalises CIFAR-10 for vision transformers. */
  static final Normalization CIFAR10 =
      new Normalization(List.of(0.4914f, 0.4822f, 0.4465f), List.of(0.2023f, 0.1994f, 0.2010f));

  /** The constants by which the paper normalises CIFAR-100. */
  static final Normalization CIFAR100 =
      new Normalization(List.of(0.5071f, 0.4867f, 0.4408f), List.of(0.2675f, 0.2565f, 0.2761f));

  /** The constants by which the paper normalises SVHN. */
  static final Normalization SVHN =
      new Normalization(List.of(0.4377f, 0.4438f, 0.4728f), List.of(0.1980f, 0.2010f, 0.1970f));

  /** Mean and standard deviation of the pixels of Fashion-MNIST's 60 000 training images. */
  static final Normalization FASHION_MNIST = new Normalization(List.of(0.2860f), List.of(0.3530f));

  /** Mean and standard deviation of the pixels of MNIST's 60 000 training images. */
  static final Normalization MNIST = new Normalization(List.of(0.1307f), List.of(0.3081f));

  /** {@return the number of channels} */
  int channels() {
    return mean.size();
  }

  /** {@return a table of normalised values: that of byte v in channel c has the index 256·c + v} */
  float[] table() {
    float[] table = new float[256 * channels()];
    for (int i = 0; i < table.length; i++) {
      table[i] = (i % 256 / 255f - mean.get(i / 256)) / std.get(i / 256);
    }
    return table;
  }

  /**
   * {@return the constants of the only channel, repeated for images whose grey values are given as
   * three equal channels}
   */
  Normalization grey() {
    return new Normalization(
        Collections.nCopies(3, mean.get(0)), Collections.nCopies(3, std.get(0)));
  }
}
