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

  /**
   * All claims, on the paper's networks and data.
   *
   * @param scale the scale's name; only {@code paper} is the paper's setting
   * @return the questions
   */
  public static List<Question> at(String scale) {
    return Stream.of(Model.Family.values())
        .flatMap(family -> questions(family, scale).stream())
        .toList();
  }

  private static List<Question> questions(Model.Family family, String scale) {
    List<Model> networks = family.networks();
    List<String> data = family.data();
    List<Question> questions =
        new ArrayList<>(searched(networks.get(0).title(), data.get(0), scale));
    List<Model> larger = networks.subList(1, networks.size());
    questions.addAll(
        better(family, "found", " on larger networks", larger, data.subList(0, 1), scale));
    List<String> others = data.subList(1, data.size());
    questions.addAll(better(family, "found", " on new data", networks, others, scale));
    return questions;
  }

  /**
   * The claims about what was searched on, for each function of which there are runs.
   *
   * @param runs the runs there are
   * @param scale the scale's name
   * @return the questions that runs at this scale can answer
   */
  public static List<Question> askedBy(List<Measurement> runs, String scale) {
    List<Question> questions = new ArrayList<>();
    for (Model.Family family : Model.Family.values()) {
      Model network = family.networks().get(0);
      runs.stream()
          .filter(run -> run.scale().equals(scale) && run.network().equals(network.title()))
          .filter(run -> run.activation().startsWith("found"))
          .map(run -> List.of(run.activation(), run.data()))
          .distinct()
          .forEach(
              found ->
                  questions.addAll(
                      better(
                          family,
                          found.get(0),
                          "",
                          List.of(network),
                          List.of(found.get(1)),
                          scale)));
      runs.stream()
          .filter(run -> run.scale().equals(scale) && run.network().equals(network.title()))
          .filter(run -> run.activation().equals("search"))
          .map(Measurement::data)
          .distinct()
          .forEach(data -> questions.add(cheaper(network.title(), data, scale)));
    }
    return questions.stream()
        .filter(question -> runs.stream().anyMatch(run -> question.about(run, question.baseline())))
        .toList();
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
    Model model =
        Stream.of(Model.Family.values())
            .map(family -> family.networks().get(0))
            .filter(searched -> searched.title().equals(network))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the paper does not search on %s, but on ResNet-20, ViT-Ti and miniGPT"
                            .formatted(network)));
    Model.Family family = model.family();
    List<Question> questions =
        new ArrayList<>(better(family, "found", "", List.of(model), List.of(data), scale));
    if (family == Model.Family.GPT) {
      String text = "All five functions found for %s beat GELU".formatted(network);
      for (int search = 1; search <= SEARCHES; search++) {
        questions.add(
            new Question(text, network, data, scale, family.metric(), "found " + search, "gelu"));
      }
    }
    questions.add(cheaper(network, data, scale));
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

  private static Question cheaper(String network, String data, String scale) {
    String claim = "A search on %s costs much less than one training".formatted(network);
    return new Question(claim, network, data, scale, Metric.PASSES, "search", "training");
  }

  private static List<Question> better(
      Model.Family family,
      String found,
      String where,
      List<Model> networks,
      List<String> data,
      String scale) {
    String claim = "What is found for %s beats ".formatted(family.networks().get(0));
    List<Question> questions = new ArrayList<>();
    for (String activation : family.activations()) {
      boolean standard = activation.equals(family.standard());
      String text = claim + (standard ? "the default" : "every other baseline") + where;
      for (String set : data) {
        for (Model network : networks) {
          questions.add(
              new Question(text, network.title(), set, scale, family.metric(), found, activation));
        }
      }
    }
    return questions;
  }
}
