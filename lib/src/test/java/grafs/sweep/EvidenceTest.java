package grafs.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import ai.djl.engine.Engine;
import grafs.cell.KnownActivation;
import grafs.model.Activations;
import grafs.run.Experiment;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.study.EvidenceTable;
import grafs.train.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

/**
 * Tests {@link Evidence}. It searches for activation functions, chooses a learning rate for each
 * activation, found or known, and compares the activations in trainings at these rates.
 */
class EvidenceTest {

  @TempDir Path temp;

  @Test
  void eachActivationIsTrainedAtTheRateThatHeldOutExamplesPrefer() throws IOException {
    Tiny tiny = Tiny.in(temp.resolve("images"));
    RunStore store = new RunStore(temp.resolve("results"));
    List<String> reports = new ArrayList<>();
    Evidence evidence =
        new Evidence(
            PaperModel.Family.RESNET,
            "smoke",
            List.of(tiny.folder().toString()),
            List.of("relu", "tanh"),
            1,
            2);
    List<EvidenceTable> tables =
        evidence.run(
            store,
            Runner.IN_PROCESS,
            0,
            report -> {
              if (report.rows().stream().allMatch(TrialStatus::over)) {
                reports.add(report.line());
              }
            });

    assertEquals(
        List.of(PaperModel.RESNET_20, PaperModel.RESNET_32),
        tables.stream().map(EvidenceTable::model).toList());
    Map<Boolean, List<KeptTraining>> kept =
        store.trainings().stream()
            .collect(
                Collectors.partitioningBy(
                    training -> config(training).data().equals("images, held out")));
    for (EvidenceTable table : tables) {
      for (EvidenceTable.Row row : table.rows()) {
        assertEquals(2, row.merits().size(), "seeds of " + row);
        List<KeptTraining> choices =
            kept.get(true).stream()
                .filter(t -> config(t).model() == table.model())
                .filter(t -> config(t).activation().equals(row.activation()))
                .toList();
        Map<Double, List<KeptTraining>> rates =
            choices.stream()
                .collect(Collectors.groupingBy(t -> config(t).scale().weights().learningRate()));
        assertTrue(rates.size() >= 3, "rates tried: " + rates.keySet());
        // Each learning rate is tried with one seed. The best rate is tried with two more, and so
        // is the second best one if its loss is at most 5 % higher.
        List<Double> order =
            rates.keySet().stream()
                .sorted(Comparator.comparingDouble(rate -> loss(first(rates.get(rate)))))
                .toList();
        double least = loss(first(rates.get(order.get(0))));
        List<Double> again =
            order.subList(0, 2).stream()
                .filter(rate -> loss(first(rates.get(rate))) <= 1.05 * least)
                .toList();
        for (double rate : order) {
          assertEquals(
              again.contains(rate) ? List.of(1001L, 1002L, 1003L) : List.of(1001L),
              seeds(rates.get(rate)));
        }
        double best =
            Collections.min(again, Comparator.comparingDouble(rate -> loss(rates.get(rate))));
        assertEquals(best, row.rate(), "the rate is not the best one");
        assertEquals(loss(rates.get(best)), row.held(), 1e-12);
      }
    }
    // Rates are chosen by the loss on held-out training images: not on test images, and not on the
    // images that the networks were trained on.
    Experiment experiment =
        new Experiment(PaperModel.RESNET_20, tiny.source().load(), Scale.resnet("smoke"));
    assertFalse(kept.get(true).isEmpty());
    for (KeptTraining choice : kept.get(true)) {
      assertEquals(
          experiment.task().heldOut().fingerprint(), config(choice).fingerprint(), "other data");
      assertEquals("smoke, rates", config(choice).scale().name());
    }
    assertTrue(experiment.task().heldOut().fingerprint().startsWith("51 and 13 images"));

    // The trainings that are scored on the test examples count as trainings with equal settings, so
    // that tables compare them: each has the rate chosen for its activation, and this rate is not
    // counted as a setting. In the trainings that try rates, the rate counts as a setting.
    assertEquals(1, settings(kept.get(false)));
    assertTrue(settings(kept.get(true)) >= 3);

    Table against = tables.get(0).against("ReLU");
    assertEquals(tables.get(0).rows().size() - 1, against.rowCount());
    assertEquals(2, against.intColumn("pairs").getInt(0));
    Map<String, Double> means =
        tables.get(0).rows().stream()
            .collect(Collectors.toMap(EvidenceTable.Row::activation, EvidenceTable.Row::mean));
    for (int i = 0; i < against.rowCount(); i++) {
      double gain = means.get("ReLU") - means.get(against.stringColumn("over").get(i));
      // The table shows percentage points with two decimals.
      assertEquals(
          100 * gain, Double.parseDouble(against.stringColumn("gain").get(i)), 0.0051, "gain");
    }

    // The second call loads all results from the store, and trains and searches nothing.
    reports.clear();
    evidence.run(store, Runner.IN_PROCESS, 0, report -> reports.add(report.line()));
    assertTrue(reports.stream().noneMatch(line -> line.contains("running")), reports.toString());
    assertEquals(kept.get(true).size() + kept.get(false).size(), store.trainings().size());
    assertEquals(tables, EvidenceTable.all(store.trainings(), "smoke"));
  }

  /**
   * A search that diverges would diverge again if it were repeated. So the functions of the other
   * searches are compared without it, and the comparison stops only if all searches fail.
   */
  @Test
  void searchesThatFailAreLeftOutUnlessAllDo() throws IOException {
    Tiny tiny = Tiny.in(temp.resolve("images"));
    RunStore store = new RunStore(temp.resolve("results"));
    Set<Long> diverging = new HashSet<>(Set.of(1L, 2L));
    Runner runner =
        (request, task, kept, progress) ->
            request.config().isSearch() && diverging.contains(request.config().seed())
                ? Outcome.of(new TrainingDivergedException("the search diverged"))
                : Runner.IN_PROCESS.run(request, task, kept, progress);
    Evidence evidence =
        new Evidence(
            PaperModel.Family.RESNET,
            "smoke",
            List.of(tiny.folder().toString()),
            List.of("tanh", "relu"),
            2,
            1);
    String said =
        assertThrows(
                IllegalStateException.class, () -> evidence.run(store, runner, 0, report -> {}))
            .getMessage();
    assertTrue(said.contains("ResNet-20 on images failed: the search diverged; run"), said);
    diverging.remove(2L);
    List<EvidenceTable> tables = evidence.run(store, runner, 0, report -> {});
    Set<String> rows = rows(tables.get(0));
    assertTrue(rows.contains("ReLU") && !rows.contains("found 1"), "" + rows);
    // The larger network is trained with the first activation of the list, and with the activation
    // that the search ended with, even if it is a known one: a search may keep ReLU.
    String ended =
        KnownActivation.of(store.searches().get(0).result().found())
            .map(KnownActivation::title)
            .filter(rows::contains)
            .orElse("found 2");
    assertEquals(new HashSet<>(List.of("tanh", ended)), rows(tables.get(1)));
  }

  /**
   * The command {@code lab sweep evidence} compares activations in GPTs first, then in vision
   * transformers, then in ResNets. The comparison for GPTs fails, since a folder of images is no
   * text. The comparison for vision transformers is begun all the same. In its first trial the test
   * interrupts the command, which ends it, so that ResNets are not trained.
   */
  @Test
  void missingDataEndOneFamilyAndAnInterruptEndsAll() throws IOException {
    String images = Tiny.in(temp.resolve("images")).folder().toString();
    List<PaperModel> begun = Collections.synchronizedList(new ArrayList<>());
    // Loads PyTorch. Otherwise the sweep would load it after its first trial has begun, and would
    // lose the interrupt, since loading DJL's engine clears the thread's interrupt status.
    Engine.getInstance();
    Thread here = Thread.currentThread();
    Runner runner =
        (request, task, kept, progress) -> {
          begun.add(request.config().model());
          here.interrupt();
          Thread.sleep(60_000);
          return Outcome.failed("it was not interrupted");
        };
    String[] arguments = {"evidence", "--scale", "smoke", "--data", images, "--seeds", "1"};
    assertEquals(1, SweepCommand.run(arguments, command -> runner));
    assertEquals(List.of(PaperModel.VIT_TI), begun);
  }

  /**
   * A store has the user's runs, and the reference runs that come with the project. It lists the
   * trainings of an activation at one learning rate only. If the user's runs have another rate than
   * the reference runs, as can happen on another kind of processor, the store lists the user's
   * runs.
   */
  @Test
  void onesOwnRateIsTakenBeforeThatOfTheReference() throws IOException {
    Tiny tiny = Tiny.in(temp.resolve("images"));
    RunStore reference = new RunStore(temp.resolve("reference"));
    RunStore store = new RunStore(temp.resolve("results"), reference.root());
    Experiment experiment =
        new Experiment(PaperModel.RESNET_20, tiny.source().load(), Scale.resnet("smoke"));
    for (double rate : new double[] {0.2, 0.1}) {
      Scale own = Scale.resnet("smoke").with(EvidenceTable.own("smoke"), rate);
      RunStore there = rate == 0.1 ? store : reference;
      there.train(experiment.with(own), "relu", Activations.of("relu"), 1, Progress.Listener.NONE);
    }
    List<EvidenceTable> tables = EvidenceTable.all(store.trainings(), "smoke");
    assertEquals(List.of(0.1), tables.get(0).rows().stream().map(row -> row.rate()).toList());
    assertEquals(
        1, store.trainings().stream().filter(training -> training.run().seed() == 1).count());
    assertEquals(1, reference.trainings().size());
  }

  private static Set<String> rows(EvidenceTable table) {
    return table.rows().stream().map(EvidenceTable.Row::activation).collect(Collectors.toSet());
  }

  private static List<Long> seeds(List<KeptTraining> trainings) {
    return trainings.stream().map(training -> config(training).seed()).sorted().toList();
  }

  private static List<KeptTraining> first(List<KeptTraining> trainings) {
    return trainings.stream().filter(training -> config(training).seed() == 1001).toList();
  }

  private static double loss(List<KeptTraining> trainings) {
    return trainings.stream()
        .mapToDouble(training -> training.run().test().loss())
        .average()
        .orElseThrow();
  }

  private static long settings(List<KeptTraining> trainings) {
    return trainings.stream().map(t -> t.header().config().settings()).distinct().count();
  }

  private static RunConfig config(KeptTraining training) {
    return training.header().config();
  }
}
