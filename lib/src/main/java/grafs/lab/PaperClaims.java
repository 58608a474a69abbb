package grafs.lab;

import grafs.lab.Claim.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the paper claims (arXiv 2408.06820, abstract and section 4), as questions to {@link
 * Claims#judge}.
 */
public final class PaperClaims {

  private static final int SEARCHES = 5;

  private PaperClaims() {}

  /** Networks of one kind, with all that the paper compares on them. */
  private enum Family {
    RESNET(
        Metric.ACCURACY,
        List.of("ResNet-20", "ResNet-32", "ResNet-56"),
        List.of("cifar10", "cifar100", "svhn"),
        List.of("relu", "leaky_relu", "elu", "silu", "gelu")),
    VIT(
        Metric.ACCURACY,
        List.of("ViT-Ti", "ViT-S"),
        List.of("cifar10", "cifar100", "svhn"),
        List.of("gelu", "relu", "leaky_relu", "elu", "silu")),
    GPT(
        Metric.LOSS,
        List.of("miniGPT", "tinyGPT", "smallGPT"),
        List.of("tinystories"),
        List.of("gelu", "relu", "leaky_relu", "elu", "silu"));

    final Metric metric;

    /** The one that is searched on, then the larger ones. */
    final List<String> networks;

    /** The one that is searched on, then the new ones. */
    final List<String> data;

    /** The default, then the others. */
    final List<String> activations;

    Family(Metric metric, List<String> networks, List<String> data, List<String> activations) {
      this.metric = metric;
      this.networks = networks;
      this.data = data;
      this.activations = activations;
    }
  }

  /**
   * All claims, on the paper's networks and data.
   *
   * @param scale the scale's name; only {@code paper} is the paper's setting
   * @return the questions
   */
  public static List<Question> at(String scale) {
    return Stream.of(Family.values()).flatMap(family -> questions(family, scale).stream()).toList();
  }

  private static List<Question> questions(Family family, String scale) {
    String network = family.networks.get(0);
    String data = family.data.get(0);
    List<Question> questions = new ArrayList<>(searched(network, data, scale));
    List<String> larger = family.networks.subList(1, family.networks.size());
    questions.addAll(better(family, " on larger networks", larger, List.of(data), scale));
    List<String> others = family.data.subList(1, family.data.size());
    questions.addAll(better(family, " on new data", family.networks, others, scale));
    return questions;
  }

  /**
   * The claims about the network and the data that are searched on.
   *
   * @param network one that the paper searches on: {@code ResNet-20}, {@code ViT-Ti} or {@code
   *     miniGPT}
   * @param data the data set's name, the paper's or another
   * @param scale the scale's name
   * @return the questions
   * @throws IllegalArgumentException if the paper does not search on the network
   */
  public static List<Question> searched(String network, String data, String scale) {
    Family family =
        Stream.of(Family.values())
            .filter(f -> f.networks.get(0).equals(network))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the paper does not search on %s, but on ResNet-20, ViT-Ti and miniGPT"
                            .formatted(network)));
    List<Question> questions =
        new ArrayList<>(better(family, "", List.of(network), List.of(data), scale));
    if (family == Family.GPT) {
      String text = "All five functions found for %s beat GELU".formatted(network);
      for (int search = 1; search <= SEARCHES; search++) {
        questions.add(
            new Question(text, network, data, scale, family.metric, "found " + search, "gelu"));
      }
    }
    questions.add(
        new Question(
            "A search on %s costs much less than one training".formatted(network),
            network,
            data,
            scale,
            Metric.PASSES,
            "search",
            "training"));
    questions.add(
        new Question(
            "A search on %s costs much less than a black-box search".formatted(network),
            network,
            data,
            scale,
            Metric.PASSES,
            "search",
            "black-box search"));
    return questions;
  }

  private static List<Question> better(
      Family family, String where, List<String> networks, List<String> data, String scale) {
    String found = "What is found for %s beats ".formatted(family.networks.get(0));
    List<Question> questions = new ArrayList<>();
    for (String activation : family.activations) {
      boolean standard = activation.equals(family.activations.get(0));
      String text = found + (standard ? "the default" : "every other baseline") + where;
      for (String set : data) {
        for (String network : networks) {
          questions.add(
              new Question(text, network, set, scale, family.metric, "found", activation));
        }
      }
    }
    return questions;
  }
}
