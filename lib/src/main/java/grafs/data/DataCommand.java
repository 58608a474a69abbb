package grafs.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The program behind the command {@code environment/lab data}. Without arguments, it lists the data
 * sets that this library can download. Otherwise it downloads those whose names are given as
 * arguments.
 */
final class DataCommand {

  /** A connection counts as lost if no byte arrives for this time. */
  private static final Duration STALL = Duration.ofSeconds(30);

  /**
   * If the download of a file breaks off, it is continued after this time. {@link Download}, which
   * makes these attempts, waits longer after an attempt in which no byte arrived.
   */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private DataCommand() {}

  /**
   * Lists the data sets if no name is given. Otherwise downloads those that are named, except their
   * files that are already complete and undamaged on this machine. The process ends with status 0
   * on success, 1 if a data set could not be listed or fetched, 2 if there is no data set of a
   * given name, and 130 if it was interrupted.
   *
   * @param args names of data sets, and {@code --terminal} if the output is a terminal
   */
  public static void main(String[] args) {
    List<String> names = new ArrayList<>(List.of(args));
    boolean terminal = names.remove("--terminal");
    System.exit(run(names, new Console(System.out, terminal)));
  }

  private static int run(List<String> names, Console console) {
    int status = 2;
    try {
      List<Published> sets = names.stream().distinct().map(Published::of).toList();
      status = 1;
      if (sets.isEmpty()) {
        list(console);
      }
      for (Published set : sets) {
        Optional<Path> elsewhere = elsewhere(set);
        if (elsewhere.isPresent()) {
          console.say(set.title() + " is there: " + elsewhere.get());
        } else {
          new Fetcher(set, set.folder(), STALL, PAUSE, console).fetch();
        }
      }
      return 0;
    } catch (DataException e) {
      console.finishLine();
      System.err.println("lab: " + e.getMessage());
      return status;
    } catch (InterruptedException e) {
      return 130;
    }
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

  /**
   * Returns in words whether a data set is on this machine. Files in {@code datasets/} are read
   * completely, since their checksums are compared with the published ones.
   */
  private static String here(Published set) {
    try {
      Optional<Path> elsewhere = elsewhere(set);
      if (elsewhere.isPresent()) {
        return "there: " + elsewhere.get();
      }
      String problem = set.problem(set.folder());
      if (problem.isEmpty()) {
        return "there";
      }
      return Files.exists(set.folder()) ? "incomplete or damaged: " + problem : "not there";
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
  }

  /**
   * {@return the folder of Debian's package dataset-fashion-mnist if this library would read this
   * data set from there; else empty}
   */
  private static Optional<Path> elsewhere(Published set) {
    return ImageDataset.names().contains(set.name())
        ? ImageDataset.locate(set.name()).filter(f -> !f.startsWith(set.folder()))
        : Optional.empty();
  }
}
