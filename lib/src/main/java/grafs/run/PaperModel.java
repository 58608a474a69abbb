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

/** The paper's networks (arXiv 2408.06820, section 4), in the sizes of its code. */
public enum PaperModel {
  /** The network on which activations for ResNets are searched. */
  RESNET_20(Family.RESNET, "ResNet-20"),
  /** A deeper ResNet. */
  RESNET_32(Family.RESNET, "ResNet-32"),
  /** A still deeper ResNet. */
  RESNET_44(Family.RESNET, "ResNet-44"),
  /** The deepest ResNet. */
  RESNET_56(Family.RESNET, "ResNet-56"),
  /** The network on which activations for vision transformers are searched. */
  VIT_TI(Family.VIT, "ViT-Ti"),
  /** A larger vision transformer. */
  VIT_S(Family.VIT, "ViT-S"),
  /** The network on which activations for GPTs are searched. */
  GPT_MINI(Family.GPT, "miniGPT"),
  /** A wider GPT. */
  GPT_TINY(Family.GPT, "tinyGPT"),
  /** A deeper and wider GPT. */
  GPT_SMALL(Family.GPT, "smallGPT");

  /** Networks of one kind, with their default activation and the other baselines. */
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

    /** {@return the default activation, a name of {@link grafs.model.Activations}} */
    public String standard() {
      return activations.get(0);
    }

    /**
     * {@return the baselines of found functions, names of {@link grafs.model.Activations}, the
     * default first}
     */
    public List<String> activations() {
      return activations;
    }

    /** {@return its networks, the one that is searched on first} */
    public List<PaperModel> networks() {
      return Stream.of(PaperModel.values()).filter(model -> model.family() == this).toList();
    }

    /** {@return the names of the data sets that the paper trains on, first what it searches on} */
    public List<String> data() {
      return this == GPT ? List.of("tinystories") : List.of("cifar10", "cifar100", "svhn");
    }

    /** {@return the metric that scores such networks} */
    public Metric metric() {
      return this == GPT ? Metric.LOSS : Metric.ACCURACY;
    }

    /**
     * Finds an activation's name by its title in tables.
     *
     * @param title such as {@code ReLU} or {@code Leaky ReLU}
     * @return its name among {@link #activations}, or the title itself where it is none of them
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

  /** {@return its kind} */
  public Family family() {
    return family;
  }

  /** {@return its name in tables, such as {@code ResNet-20}} */
  public String title() {
    return title;
  }

  /**
   * Makes the network for a task.
   *
   * @param task what it is to learn: images or a text, as the family takes
   * @param scale says how images are prepared
   * @param activation called for the activation at each place
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
