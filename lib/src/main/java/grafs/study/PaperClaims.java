package grafs.study;

import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.study.Claim.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the paper claims (arXiv 2408.06820, abstract and section 4), as questions to {@link
 * Claims#judge}.
 */
public final class PaperClaims {

  private PaperClaims() {}

  /**
   * Returns the claims that runs can answer, for each found function that has runs: first for runs
   * in which each activation has its own learning rate ({@link EvidenceTable#own}), then for runs
   * with one rate for all.
   *
   * @param runs the runs
   * @param scale the scale's name; only {@code paper} is the paper's setting
   * @return the questions, those about the searched network before those about larger networks
   */
  public static List<Question> askedBy(List<Measurement> runs, String scale) {
    return Stream.of(EvidenceTable.own(scale), scale)
        .flatMap(each -> at(runs, each).stream())
        .toList();
  }

  private static List<Question> at(List<Measurement> runs, String scale) {
    List<Question> questions = new ArrayList<>();
    for (PaperModel.Family family : PaperModel.Family.values()) {
      for (PaperModel network : family.networks()) {
        List<Measurement> own =
            runs.stream()
                .filter(run -> run.scale().equals(scale) && run.network().equals(network.title()))
                .toList();
        own.stream()
            .filter(run -> run.activation().startsWith("found"))
            .map(run -> List.of(run.activation(), run.data()))
            .distinct()
            .forEach(run -> questions.addAll(better(network, run.get(1), scale, run.get(0))));
        own.stream()
            .filter(run -> run.activation().equals("search"))
            .map(run -> cheaper(network.title(), run.data(), scale))
            .distinct()
            .forEach(questions::add);
      }
    }
    return questions.stream()
        .filter(question -> runs.stream().anyMatch(run -> question.about(run, question.baseline())))
        .toList();
  }

  private static Question cheaper(String network, String data, String scale) {
    String claim = "A search on %s costs much less than one training".formatted(network);
    return new Question(claim, network, data, scale, Metric.PASSES, "search", "training");
  }

  private static List<Question> better(
      PaperModel network, String data, String scale, String found) {
    PaperModel.Family family = network.family();
    PaperModel searched = family.networks().get(0);
    String where =
        family.data().indexOf(data) > 0
            ? " on new data"
            : network == searched ? "" : " on larger networks";
    return family.activations().stream()
        .map(
            activation ->
                new Question(
                    "What is found for %s beats %s%s"
                        .formatted(
                            searched,
                            activation.equals(family.standard())
                                ? "the default"
                                : "every other baseline",
                            where),
                    network.title(),
                    data,
                    scale,
                    family.metric(),
                    found,
                    activation))
        .toList();
  }
}
