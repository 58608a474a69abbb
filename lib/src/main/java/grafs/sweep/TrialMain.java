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
 * The process of one trial. It reads the request, one line, from standard input, and exits when
 * standard input is closed, since its parent process has ended then. It prints {@code progress DONE
 * TOTAL} and, before an exit status other than 0, {@code failed MESSAGE}.
 */
final class TrialMain {

  private TrialMain() {}

  /**
   * Runs the trial.
   *
   * @param args the folder of the store to work in
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
      RunRequest order = RunRequest.parse(String.valueOf(input.readLine()));
      watch(input);
      new RunStore(root)
          .run(
              order,
              order.source().load(),
              progress -> starter.println("progress " + progress.done() + " " + progress.total()));
      return 0;
    } catch (Exception | OutOfMemoryError e) {
      e.printStackTrace();
      Outcome outcome = Outcome.of(e);
      starter.println("failed " + outcome.message());
      return outcome.again() ? 1 : TrialProcess.FINAL;
    }
  }

  private static void watch(BufferedReader input) {
    Thread watch =
        new Thread(
            () -> {
              try {
                input.transferTo(Writer.nullWriter());
              } catch (IOException e) {
                // Treated as closed.
              }
              // No shutdown hooks are needed: the checkpoint on disk holds the finished epochs.
              Runtime.getRuntime().halt(1);
            });
    watch.setDaemon(true);
    watch.start();
  }
}
