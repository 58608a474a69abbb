package grafs.data.fetch;

import grafs.data.DataException;
import grafs.data.ImageDataset;
import grafs.data.Published;
import grafs.data.PublishedFile;
import grafs.data.PublishedFile.Finding;
import grafs.data.PublishedFile.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What {@code environment/lab data} runs: lists the published data sets, or fetches some. */
public final class DataCommand {

  private DataCommand() {}

  /**
   * Lists the data sets when given no name, else fetches those named. Ends the process with 0 if
   * all went well, 1 if something could not be fetched, 2 if there is no such data set.
   *
   * @param args names of data sets, after {@code --terminal} where the output is one
   */
  public static void main(String[] args) {
    List<String> names = new ArrayList<>(List.of(args));
    boolean terminal = names.remove("--terminal");
    System.exit(run(names, new Console(System.out, terminal)));
  }

  private static int run(List<String> names, Console console) {
    List<Published> sets;
    try {
      sets = names.stream().distinct().map(Published::of).toList();
    } catch (DataException e) {
      return complain(e, 2);
    }
    try {
      if (sets.isEmpty()) {
        list(console);
      }
      for (Published set : sets) {
        Optional<Path> elsewhere = elsewhere(set);
        if (elsewhere.isPresent()) {
          console.say(set.title() + " is there: " + elsewhere.get());
        } else {
          new Fetcher(set, set.folder(), Patience.USUAL, console).fetch();
        }
      }
      return 0;
    } catch (DataException e) {
      console.finishLine();
      return complain(e, 1);
    } catch (InterruptedException e) {
      return 130;
    }
  }

  private static int complain(DataException e, int status) {
    System.err.println("lab: " + e.getMessage());
    return status;
  }

  private static void list(Console console) {
    console.say(row("name", "download", "licence", "here"));
    for (Published set : Published.all()) {
      console.say(row(set.name(), Console.megabytes(set.size()), set.licence(), here(set)));
    }
    console.say("");
    console.say("To download: environment/lab data NAME…");
  }

  private static String row(String name, String size, String licence, String here) {
    return String.format(Locale.ROOT, "%-14s %9s  %-43s  %s", name, size, licence, here).strip();
  }

  private static String here(Published set) {
    Optional<Path> elsewhere = elsewhere(set);
    if (elsewhere.isPresent()) {
      return "there: " + elsewhere.get();
    }
    Set<State> states = EnumSet.noneOf(State.class);
    String damage = "";
    try {
      for (PublishedFile file : set.files()) {
        Finding found = file.check(set.folder());
        states.add(found.state());
        damage = found.state() == State.DAMAGED ? found.problem().orElseThrow() : damage;
      }
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
    if (states.contains(State.DAMAGED)) {
      return "damaged: " + damage;
    }
    if (states.contains(State.ABSENT)) {
      return states.size() > 1
          ? "not all there"
          : located(set).isPresent() ? "there, in other files than the published" : "not there";
    }
    return states.contains(State.UNCHECKED)
        ? "there, put by hand; the sizes are right, no checksums are published"
        : "there";
  }

  /** Another place from which the kit reads the data set, such as that of Debian's package. */
  private static Optional<Path> elsewhere(Published set) {
    return located(set).filter(f -> !f.startsWith(set.folder()));
  }

  private static Optional<Path> located(Published set) {
    return ImageDataset.names().contains(set.name())
        ? ImageDataset.locate(set.name())
        : Optional.empty();
  }
}
