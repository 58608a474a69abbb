package grafs.sweep;

import grafs.run.RunRequest;
import grafs.run.RunStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The main class of the process that runs one trial, a search or a training. {@link TrialProcess}
 * starts this process. The process reads one line from standard input: the request, which describes
 * the trial, as {@link RunRequest#text} writes it. While it runs, it prints {@code progress DONE
 * TOTAL}, the number of steps done and the number of all steps of this attempt. If the trial fails,
 * it prints {@code failed MESSAGE} and exits with a status other than 0. Everything else that is
 * printed goes to standard error. The parent process keeps the standard input open. When the input
 * ends, the parent has ended, and this process exits at once.
 */
final class TrialMain {

  private TrialMain() {}

  /**
   * Runs the trial.
   *
   * @param args one argument: the folder in which checkpoints and results of trials are kept
   */
  public static void main(String[] args) {
    PrintStream starter = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    System.exit(run(Path.of(args[0]), starter));
  }

  private static int run(Path root, PrintStream starter) {
    try {
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      RunRequest request = RunRequest.parse(String.valueOf(input.readLine()));
      watch(input);
      new RunStore(root)
          .run(
              request,
              request.source().load(),
              progress -> starter.println("progress " + progress.done() + " " + progress.total()));
      return 0;
    } catch (Exception | Error e) {
      e.printStackTrace();
      Outcome outcome = Outcome.of(e);
      starter.println("failed " + outcome.message());
      return outcome.again() ? 1 : TrialProcess.FINAL;
    }
  }

  /** Starts a thread that ends this process when standard input is closed. */
  private static void watch(BufferedReader input) {
    Thread watch =
        new Thread(
            () -> {
              try {
                input.transferTo(Writer.nullWriter());
              } catch (IOException e) {
                // An input that cannot be read is treated as closed.
              }
              // Unlike exit(), halt() runs no shutdown hooks. None is needed, since the checkpoint
              // on disk has the finished epochs.
              Runtime.getRuntime().halt(1);
            });
    watch.setDaemon(true);
    watch.start();
  }
}
