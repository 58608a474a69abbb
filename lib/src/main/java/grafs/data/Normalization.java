package grafs.data;

import java.util.Collections;
import java.util.List;

/**
 * Mean and standard deviation of each channel, by which pixels are normalised: a byte v of channel
 * c becomes (v / 255 − mean[c]) / std[c].
 *
 * @param mean each channel's mean, in [0, 1]
 * @param std each channel's standard deviation, in (0, 1]
 */
public record Normalization(List<Float> mean, List<Float> std) {

  /**
   * ImageNet's constants, which the kit uses for CIFAR-10 too.
   *
   * <p>CIFAR-10's own (0.4914, 0.4822, 0.4465; 0.2470, 0.2435, 0.2616) are close, and batch
   * normalisation takes up the difference. The widely used PyTorch weights of the CIFAR ResNets
   * (akamaster/pytorch_resnet_cifar10) were trained with ImageNet's, and give the same logits here
   * only with the same ones.
   */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

  /** CIFAR-100's own constants, over its 50 000 training images. */
  public static final Normalization CIFAR100 =
      new Normalization(List.of(0.5071f, 0.4865f, 0.4409f), List.of(0.2673f, 0.2564f, 0.2762f));

  /** SVHN's own constants, over the 73 257 training images of its core set. */
  public static final Normalization SVHN =
      new Normalization(List.of(0.4377f, 0.4438f, 0.4728f), List.of(0.1980f, 0.2010f, 0.1970f));

  /** Fashion-MNIST's own constants, over its 60 000 training images of 28×28. */
  public static final Normalization FASHION_MNIST =
      new Normalization(List.of(0.2860f), List.of(0.3530f));

  /** MNIST's own constants, over its 60 000 training images of 28×28. */
  public static final Normalization MNIST = new Normalization(List.of(0.1307f), List.of(0.3081f));

  /**
   * Creates a normalisation.
   *
   * @throws IllegalArgumentException if the lists differ in length, are empty, or a value is out of
   *     its range
   */
  public Normalization {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.isEmpty() || mean.size() != std.size()) {
      throw new IllegalArgumentException("One mean and one std a channel: " + mean + ", " + std);
    }
    // Negated, so that NaN fails too.
    if (!mean.stream().allMatch(m -> m >= 0 && m <= 1)
        || !std.stream().allMatch(s -> s > 0 && s <= 1)) {
      throw new IllegalArgumentException(
          "Means are in [0, 1] and stds in (0, 1], of pixels scaled to [0, 1]: "
              + mean
              + ", "
              + std);
    }
  }

  /**
   * Returns the number of channels.
   *
   * @return the number of channels
   */
  public int channels() {
    return mean.size();
  }

  /**
   * Returns what each byte of a channel becomes.
   *
   * @param channel the channel, from 0
   * @return 256 normalised values, by unsigned byte
   */
  float[] table(int channel) {
    float[] table = new float[256];
    for (int v = 0; v < table.length; v++) {
      table[v] = (v / 255f - mean.get(channel)) / std.get(channel);
    }
    return table;
  }

  /**
   * Returns this normalisation of a single channel for several that repeat it.
   *
   * @param channels the number of channels
   * @return a normalisation of as many equal channels
   */
  Normalization repeated(int channels) {
    if (channels() != 1) {
      throw new IllegalArgumentException("Only a single channel repeats, not " + channels());
    }
    return new Normalization(
        Collections.nCopies(channels, mean.get(0)), Collections.nCopies(channels, std.get(0)));
  }
}
