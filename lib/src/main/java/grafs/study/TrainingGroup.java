package grafs.study;

import static java.lang.Integer.parseInt;

import grafs.notebook.Tables;
import grafs.run.KeptTraining;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.train.Score;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trainings, kept on disk, that may be compared: of one network, data set and scale (a set of
 * hyperparameters with a name), with the same settings ({@link RunConfig#settings}). {@link
 * Claims}, {@link EvidenceTable} and {@link ResultTable} compare trainings only within a group.
 *
 * @param model the network
 * @param data the data set's name
 * @param scale the scale's name
 * @param differing the settings that differ from those of other groups of the same network, data
 *     set and scale, as {@link SettingNames#differing} writes them; empty if there is no other
 *     group
 * @param trainings the trainings, by the title of their activation in tables and by seed
 */
record TrainingGroup(
    PaperModel model,
    String data,
    String scale,
    String differing,
    Map<String, NavigableMap<Long, KeptTraining>> trainings) {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingGroup.class);

  /**
   * Matches the beginning of the fingerprint of images, a text that identifies their content: the
   * numbers of training and of test images.
   */
  private static final Pattern IMAGES = Pattern.compile("(\\d+) and (\\d+) images, ");

  /**
   * Groups trainings. Those with equal settings, function and seed but different results are left
   * out with a warning, since it is unknown which of them is right.
   *
   * <p>The title of an activation is its name, spelled as in its first training. In a group, all
   * trainings of one name should have the same function; or each seed should have its own function,
   * found by the search with that seed. If neither is so in some group, then in all groups of the
   * same family of networks (such as ResNets) the title is the name followed by those values of the
   * function that tell it apart from the others.
   *
   * @param trainings kept trainings
   * @return the groups; those of the same network, data set and scale are next to each other
   */
  static List<TrainingGroup> of(List<KeptTraining> trainings) {
    Map<KeptTraining, String> titles = titles(trainings);
    List<TrainingGroup> groups = new ArrayList<>();
    for (List<KeptTraining> place : Tables.groups(trainings, TrainingGroup::place)) {
      List<Map<String, String>> all = place.stream().map(TrainingGroup::settings).toList();
      for (List<KeptTraining> same : Tables.groups(place, TrainingGroup::settings)) {
        RunConfig config = same.get(0).header().config();
        TrainingGroup group =
            new TrainingGroup(
                config.model(),
                config.data(),
                config.scale().name(),
                SettingNames.differing(config.settings(), all),
                new LinkedHashMap<>());
        Tables.groups(same, training -> List.of(titles.get(training), training.run().seed()))
            .forEach(runs -> group.add(titles.get(runs.get(0)), runs));
        groups.add(group);
      }
    }
    groups.removeIf(group -> group.trainings.isEmpty());
    return groups;
  }

  /** {@return the fingerprint of the data, which all trainings of the group have} */
  String fingerprint() {
    KeptTraining first = trainings.values().iterator().next().firstEntry().getValue();
    return first.header().config().fingerprint();
  }

  /**
   * Adds one of several trainings with the same activation and seed, unless their results differ.
   */
  private void add(String title, List<KeptTraining> runs) {
    long seed = runs.get(0).run().seed();
    String what =
        "%s, seed %d, %s on %s at %s%s".formatted(title, seed, model, data, scale, differing);
    agreed(what, runs)
        .ifPresent(run -> trainings.computeIfAbsent(title, name -> new TreeMap<>()).put(seed, run));
  }

  /**
   * Returns one of several trainings that should have the same result.
   *
   * @param what the trainings in words, for the warning
   * @param same trainings of the same network, data, settings, function and seed
   * @return the first training; empty if there is none, or, with a warning, if their test scores
   *     differ
   */
  static Optional<KeptTraining> agreed(String what, List<KeptTraining> same) {
    List<Score> scores = same.stream().map(kept -> kept.run().test()).toList();
    if (scores.stream().distinct().count() > 1) {
      LOG.warn(
          "left out: {} runs of {}, since their settings are equal but their test scores are not, {}: delete the wrong ones of {}",
          scores.size(),
          what,
          scores,
          same.stream().map(KeptTraining::folder).toList());
      return Optional.empty();
    }
    return same.stream().findFirst();
  }

  /**
   * {@return the merit of each training by seed: the test accuracy from 0 to 1, or minus the test
   * loss in nats, so that more is better; −∞ if the training diverged}
   */
  static NavigableMap<Long, Double> merits(Map<Long, KeptTraining> runs, Metric metric) {
    NavigableMap<Long, Double> merits = new TreeMap<>();
    runs.forEach((seed, run) -> merits.put(seed, metric.merit(run.value(metric))));
    return merits;
  }

  /** {@return the title of each training's activation, as {@link #of} describes it} */
  private static Map<KeptTraining, String> titles(List<KeptTraining> trainings) {
    Map<KeptTraining, String> titles = new HashMap<>();
    for (List<KeptTraining> named :
        Tables.groups(trainings, t -> List.of(family(t), family(t).nameOf(t.run().activation())))) {
      String name = named.get(0).run().activation();
      List<String> functions = named.stream().map(TrainingGroup::function).distinct().toList();
      boolean clear =
          Tables.groups(named, t -> List.of(place(t), settings(t))).stream()
              .allMatch(TrainingGroup::clear);
      if (!clear) {
        LOG.warn(
            "'{}' is the name of {} different functions: tables show each by itself, with values that tell it apart, and claims do not take them for a baseline. If one is out of date, delete its trainings",
            name,
            functions.size());
      }
      for (KeptTraining training : named) {
        String value =
            clear ? "" : " with value " + SettingNames.telling(function(training), functions);
        titles.put(training, name + value);
      }
    }
    return titles;
  }

  /**
   * Compares two fingerprints, texts that identify the content of data: one of held-out data, and
   * one of whole data of the same name. Held-out data are made from the training data of the whole
   * data: one part of these is for training, and the other, the held-out part, takes the place of
   * the test data. The fingerprint of a text has three parts: training text, test text, tokens. The
   * held-out part of a text is the end of the whole training text. So both have the SHA-256 of the
   * same file and the same last token. The fingerprint of images has the numbers of training and of
   * test images, and a hash of the training images and one of the test images. From these hashes it
   * cannot be seen whether some images are a part of others, so only the numbers are compared.
   *
   * @param held the fingerprint of the held-out data
   * @param whole the fingerprint of the whole data
   * @return whether the held-out data were made from the whole data; for images, whether the number
   *     of images allows it
   */
  static boolean mayBePart(String held, String whole) {
    String[] part = held.split("; ");
    String[] all = whole.split("; ");
    if (part.length == 3 && all.length == 3) {
      String start = "tokens \\d+ ";
      return part[1].replaceFirst(start, "").equals(all[0].replaceFirst(start, ""))
          && part[2].equals(all[2]);
    }
    Matcher counts = IMAGES.matcher(held);
    Matcher images = IMAGES.matcher(whole);
    return counts.lookingAt()
        && images.lookingAt()
        && parseInt(counts.group(1)) + parseInt(counts.group(2)) == parseInt(images.group(1));
  }

  private static PaperModel.Family family(KeptTraining training) {
    return training.header().config().model().family();
  }

  /**
   * {@return whether trainings of one name have one function, or each seed exactly one of its own}
   */
  private static boolean clear(List<KeptTraining> named) {
    long functions = named.stream().map(TrainingGroup::function).distinct().count();
    long seeds = named.stream().map(t -> t.run().seed()).distinct().count();
    long both = named.stream().map(t -> List.of(function(t), t.run().seed())).distinct().count();
    return functions == 1 || functions == both && seeds == both;
  }

  /** {@return network, data set and scale} */
  private static List<Object> place(KeptTraining training) {
    RunConfig config = training.header().config();
    return List.of(config.model(), config.data(), config.scale().name());
  }

  private static Map<String, String> settings(KeptTraining training) {
    return training.header().config().settings();
  }

  /**
   * {@return the values of a training's activation at some points, as text, which tell functions
   * apart}
   */
  private static String function(KeptTraining training) {
    return String.valueOf(training.header().config().values());
  }
}
