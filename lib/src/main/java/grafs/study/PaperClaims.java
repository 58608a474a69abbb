package grafs.study;

import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.study.Claim.Question;
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
        .flatMap(each -> at(runs.stream().filter(run -> run.scale().equals(each)).toList()))
        .toList();
  }

  private static Stream<Question> at(List<Measurement> runs) {
    return Stream.of(PaperModel.values())
        .flatMap(network -> about(network, runs))
        .filter(
            question -> runs.stream().anyMatch(run -> question.about(run, question.baseline())));
  }

  private static Stream<Question> about(PaperModel network, List<Measurement> runs) {
    List<Measurement> own =
        runs.stream().filter(run -> run.network().equals(network.title())).toList();
    Stream<Question> better =
        own.stream()
            .filter(run -> run.activation().startsWith("found"))
            .flatMap(run -> better(network, run));
    Stream<Question> cheaper =
        own.stream()
            .filter(run -> run.activation().equals("search"))
            .map(
                run ->
                    question(
                        "A search on %s costs much less than one training".formatted(network),
                        run,
                        Metric.PASSES,
                        "training"));
    return Stream.concat(better, cheaper).distinct();
  }

  private static Question question(String claim, Measurement run, Metric metric, String baseline) {
    return new Question(
        claim, run.network(), run.data(), run.scale(), metric, run.activation(), baseline);
  }

  private static Stream<Question> better(PaperModel network, Measurement run) {
    PaperModel.Family family = network.family();
    PaperModel searched = family.networks().get(0);
    String where =
        family.data().indexOf(run.data()) > 0
            ? " on new data"
            : network == searched ? "" : " on larger networks";
    return family.activations().stream()
        .map(
            activation ->
                question(
                    "What is found for %s beats %s%s"
                        .formatted(
                            searched,
                            activation.equals(family.standard())
                                ? "the default"
                                : "every other baseline",
                            where),
                    run,
                    family.metric(),
                    activation));
  }
}
