package grafs.run;

import grafs.nas.SearchResult;
import grafs.train.Score;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** In what two runs of one configuration differ, times apart: a line each. */
final class Differences {

  private final List<String> lines = new ArrayList<>();

  private Differences() {}

  static List<String> between(Experiment.Run there, Experiment.Run again) {
    Differences differences = new Differences();
    differences.compare("the number of epochs", there.epochs().size(), again.epochs().size());
    for (int e = 0; e < Math.min(there.epochs().size(), again.epochs().size()); e++) {
      String epoch = "epoch " + (e + 1) + ": ";
      Score train = there.epochs().get(e).train();
      differences.compare(epoch + "training", train, again.epochs().get(e).train());
      differences.compare(
          epoch + "test", there.epochs().get(e).test(), again.epochs().get(e).test());
    }
    return differences.lines;
  }

  static List<String> between(SearchResult there, SearchResult again) {
    Differences differences = new Differences();
    differences.compare("the number of epochs", there.epochs().size(), again.epochs().size());
    for (int e = 0; e < Math.min(there.epochs().size(), again.epochs().size()); e++) {
      String epoch = "epoch " + (e + 1) + ": ";
      SearchResult.Epoch one = there.epochs().get(e);
      SearchResult.Epoch other = again.epochs().get(e);
      differences.compare(epoch + "weight steps", one.train(), other.train());
      differences.compare(epoch + "α steps", one.validation(), other.validation());
      differences.compare(epoch + "as decided", one.discrete(), other.discrete());
      differences.compare(
          epoch + "α", Arrays.deepToString(one.alpha()), Arrays.deepToString(other.alpha()));
    }
    differences.compare("the function", there.found(), again.found());
    return differences.lines;
  }

  private void compare(String what, Object there, Object again) {
    if (!there.equals(again)) {
      lines.add(what + " was " + there + ", is " + again);
    }
  }
}
