package grafs.run;

import ai.djl.nn.Block;
import grafs.model.Gpt;
import grafs.model.GptConfig;
import grafs.model.Network;
import grafs.model.ResNet;
import grafs.model.VisionTransformer;
import grafs.model.VitConfig;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The networks of the paper (arXiv 2408.06820, section 4), in the sizes that the paper's code has.
 * An {@link Experiment} trains one of them, or searches for an activation function for it.
 */
public enum PaperModel {
  /** The network on which the paper searches for activations for ResNets. */
  RESNET_20(Family.RESNET, "ResNet-20"),
  /** A ResNet of 32 layers. */
  RESNET_32(Family.RESNET, "ResNet-32"),
  /** A ResNet of 44 layers. */
  RESNET_44(Family.RESNET, "ResNet-44"),
  /** A ResNet of 56 layers. */
  RESNET_56(Family.RESNET, "ResNet-56"),
  /** The network on which the paper searches for activations for vision transformers. */
  VIT_TI(Family.VIT, "ViT-Ti"),
  /** A larger vision transformer. */
  VIT_S(Family.VIT, "ViT-S"),
  /** The network on which the paper searches for activations for GPTs. */
  GPT_MINI(Family.GPT, "miniGPT"),
  /** A GPT with twice the layers and twice the width of miniGPT. */
  GPT_TINY(Family.GPT, "tinyGPT"),
  /** A GPT with three times the layers and three times the width of miniGPT. */
  GPT_SMALL(Family.GPT, "smallGPT");

  /**
   * A kind of networks. The known activations with which the paper compares functions found for
   * these networks are called baselines. The first baseline is the default activation of the
   * networks.
   */
  public enum Family {
    /** Residual networks of convolutions, on images. */
    RESNET("relu", "leaky_relu", "elu", "silu", "gelu"),
    /** Vision transformers, on images. */
    VIT("gelu", "relu", "leaky_relu", "elu", "silu"),
    /** Language models, on texts. */
    GPT("gelu", "relu", "leaky_relu", "elu", "silu");

    private final List<String> activations;

    Family(String... activations) {
      this.activations = List.of(activations);
    }

    /**
     * {@return the default activation, by its name in {@link grafs.model.Activations}, such as
     * {@code relu}}
     */
    public String standard() {
      return activations.get(0);
    }

    /**
     * {@return the baselines, by their names in {@link grafs.model.Activations}; the default
     * activation first}
     */
    public List<String> activations() {
      return activations;
    }

    /**
     * {@return the networks of this kind; first the one on which the paper searches for
     * activations}
     */
    public List<PaperModel> networks() {
      return Stream.of(PaperModel.values()).filter(model -> model.family() == this).toList();
    }

    /**
     * {@return the names of the data sets on which the paper trains such networks; first the one
     * that it searches on}
     */
    public List<String> data() {
      return this == GPT ? List.of("tinystories") : List.of("cifar10", "cifar100", "svhn");
    }

    /** {@return the metric by which such networks are compared} */
    public Metric metric() {
      return this == GPT ? Metric.LOSS : Metric.ACCURACY;
    }

    /**
     * Finds the name of a baseline by its title in tables. Case, spaces and punctuation do not
     * matter.
     *
     * @param title such as {@code Leaky ReLU}
     * @return the name among {@link #activations}, such as {@code leaky_relu}; the title itself if
     *     it is not that of a baseline
     */
    public String nameOf(String title) {
      return activations.stream()
          .filter(name -> letters(name).equals(letters(title)))
          .findFirst()
          .orElse(title);
    }

    private static String letters(String name) {
      return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }
  }

  private final Family family;
  private final String title;

  PaperModel(Family family, String title) {
    this.family = family;
    this.title = title;
  }

  /** {@return the kind of network that it is} */
  public Family family() {
    return family;
  }

  /** {@return the network's name in tables, such as {@code ResNet-20}} */
  public String title() {
    return title;
  }

  /**
   * Makes the network for a task.
   *
   * @param task the data that the network will be trained on: a text for a GPT, images for the
   *     others. The network has as many outputs as the task needs
   * @param scale the hyperparameters; they say whether images are halved, and so set the size of
   *     the images that a vision transformer takes
   * @param activation makes the block of an activation; called once for each place of an activation
   *     in the network
   * @return the network, not yet initialised
   */
  Network network(Task task, Scale scale, Supplier<? extends Block> activation) {
    int outputs = task.outputs();
    int length = task instanceof TextTask text ? text.context() : 0;
    return switch (this) {
      case RESNET_20 -> ResNet.of(20, outputs, activation);
      case RESNET_32 -> ResNet.of(32, outputs, activation);
      case RESNET_44 -> ResNet.of(44, outputs, activation);
      case RESNET_56 -> ResNet.of(56, outputs, activation);
      case VIT_TI, VIT_S -> {
        VitConfig config = this == VIT_TI ? VitConfig.tiny(outputs) : VitConfig.small(outputs);
        int size = (int) task.input(scale).tail();
        yield VisionTransformer.of(config.withImageSize(size), activation);
      }
      case GPT_MINI -> Gpt.of(GptConfig.mini(outputs, length), activation);
      case GPT_TINY -> Gpt.of(GptConfig.tiny(outputs, length), activation);
      case GPT_SMALL -> Gpt.of(GptConfig.small(outputs, length), activation);
    };
  }

  @Override
  public String toString() {
    return title;
  }
}
