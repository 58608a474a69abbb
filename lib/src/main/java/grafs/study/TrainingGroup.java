package grafs.study;

import grafs.notebook.Tables;
import grafs.run.KeptTraining;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kept trainings that may be compared: of one network, data set and scale, with the same settings.
 *
 * @param model the network
 * @param data the data set's name
 * @param scale the scale's name
 * @param differing where trainings at that place have different settings, those that differ, after
 *     a space and in parentheses; otherwise empty
 * @param trainings by activation, as tables call it, and seed
 */
record TrainingGroup(
    PaperModel model,
    String data,
    String scale,
    String differing,
    Map<String, NavigableMap<Long, KeptTraining>> trainings) {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingGroup.class);

  /**
   * Groups trainings. Those with equal settings, function and seed but different values are left
   * out with a warning, since it is unknown which one is right.
   *
   * <p>An activation is called by its name, as its first training spells it. All trainings of one
   * name in a group should be of one function, or each seed of a function of its own, which a
   * search with that seed found. Where that is not so in some group, their names in all groups of
   * the network family say the values that tell the functions apart.
   *
   * @param trainings trainings of any kind
   * @param metrics by what the trainings of a family are compared
   * @return the groups, those of one network, data set and scale next to each other
   */
  static List<TrainingGroup> of(
      List<KeptTraining> trainings, Function<PaperModel.Family, Metric> metrics) {
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
            .forEach(runs -> group.add(titles.get(runs.get(0)), runs, metrics));
        groups.add(group);
      }
    }
    groups.removeIf(group -> group.trainings.isEmpty());
    return groups;
  }

  private void add(
      String title, List<KeptTraining> runs, Function<PaperModel.Family, Metric> metrics) {
    long seed = runs.get(0).run().seed();
    String what =
        "%s, seed %d, %s on %s at %s%s".formatted(title, seed, model, data, scale, differing);
    agreed(what, runs, metrics.apply(model.family()))
        .ifPresent(run -> trainings.computeIfAbsent(title, name -> new TreeMap<>()).put(seed, run));
  }

  /**
   * Takes one of several trainings that should have the same value.
   *
   * @param what what they are of, in words
   * @param same the trainings
   * @param metric the value
   * @return the first of them; none if there are none, or if their values differ, which is logged
   */
  static Optional<KeptTraining> agreed(String what, List<KeptTraining> same, Metric metric) {
    List<Double> values = same.stream().map(run -> run.value(metric)).toList();
    if (values.stream().distinct().count() > 1) {
      LOG.warn(
          "left out: {} runs of {}: of the same settings, but with {} of {}",
          values.size(),
          what,
          values,
          same.stream().map(KeptTraining::folder).toList());
      return Optional.empty();
    }
    return same.stream().findFirst();
  }

  /** {@return the merits by seed, more is better} */
  static NavigableMap<Long, Double> merits(Map<Long, KeptTraining> runs, Metric metric) {
    NavigableMap<Long, Double> merits = new TreeMap<>();
    runs.forEach((seed, run) -> merits.put(seed, metric.merit(run.value(metric))));
    return merits;
  }

  private static Map<KeptTraining, String> titles(List<KeptTraining> trainings) {
    Map<KeptTraining, String> titles = new HashMap<>();
    for (List<KeptTraining> named :
        Tables.groups(trainings, t -> List.of(family(t), family(t).nameOf(t.run().activation())))) {
      String name = named.get(0).run().activation();
      List<String> functions = named.stream().map(TrainingGroup::function).distinct().toList();
      boolean clear =
          functions.size() == 1
              || Tables.groups(named, t -> List.of(place(t), settings(t))).stream()
                  .allMatch(TrainingGroup::clear);
      if (!clear) {
        LOG.warn(
            "trainings with '{}' are of {} functions: claims leave them out",
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

  private static PaperModel.Family family(KeptTraining training) {
    return training.header().config().model().family();
  }

  /** {@return whether trainings of one name are of one function, or each seed has its own} */
  private static boolean clear(List<KeptTraining> named) {
    long functions = named.stream().map(TrainingGroup::function).distinct().count();
    long seeds = named.stream().map(t -> t.run().seed()).distinct().count();
    long both = named.stream().map(t -> List.of(function(t), t.run().seed())).distinct().count();
    return functions == 1 || functions == both && seeds == both;
  }

  private static List<Object> place(KeptTraining training) {
    RunConfig config = training.header().config();
    return List.of(config.model(), config.data(), config.scale().name());
  }

  private static Map<String, String> settings(KeptTraining training) {
    return training.header().config().settings();
  }

  /** {@return what tells the functions of one name apart: their values} */
  private static String function(KeptTraining training) {
    return String.valueOf(training.header().config().values());
  }
}
