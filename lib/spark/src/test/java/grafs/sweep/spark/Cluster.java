package grafs.sweep.spark;

import grafs.sweep.Processes;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A standalone Spark cluster on the loopback interface, for tests: a master and some workers with
 * one core each, every one in a process of its own.
 */
final class Cluster implements AutoCloseable {

  private final Path folder;
  private final Map<String, String> environment;
  private final Process master;
  private final List<Process> workers = new ArrayList<>();

  /** The URL of the master, for {@code spark.master}. */
  final String url;

  /**
   * Starts a cluster. Its logs stay in {@code target/clusters/NAME}.
   *
   * @param name the name of the folder
   * @param workers the number of workers
   * @param environment environment variables of the master and the workers
   * @throws IOException if a process does not start within 60 s, or ends; the message has its log.
   *     The processes that were started are then killed
   */
  Cluster(String name, int workers, Map<String, String> environment)
      throws IOException, InterruptedException {
    this.environment = environment;
    folder = Path.of("target", "clusters", name).toAbsolutePath();
    home();
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    url = "spark://127.0.0.1:" + port;
    master =
        start("master", "org.apache.spark.deploy.master.Master", "--port", Integer.toString(port));
    try {
      await("master", master, "I have been elected leader");
      for (int i = 1; i <= workers; i++) {
        String each = "worker-" + i;
        Process worker =
            start(
                each,
                "org.apache.spark.deploy.worker.Worker",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--work-dir",
                folder.resolve("work-" + i).toString(),
                url);
        this.workers.add(worker);
        await(each, worker, "Successfully registered with master");
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Makes a folder like an installation of Spark, with links to Spark's JAR files but none to those
   * of the library under test, so that the cluster must get the library from the driver, the
   * program that gives it work.
   */
  private void home() throws IOException {
    Path jars = Files.createDirectories(folder.resolve("spark/jars"));
    for (String entry : Processes.classpath().split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      String name = jar.getFileName().toString();
      if (name.endsWith(".jar") && !name.matches("(grafs|pytorch|smile|tablesaw|api-\\d).*")) {
        Files.deleteIfExists(jars.resolve(name));
        Files.createSymbolicLink(jars.resolve(name), jar);
      }
    }
  }

  private Process start(String name, String main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("@" + Path.of("java.options").toAbsolutePath());
    command.add("-Dorg.slf4j.simpleLogger.log.org.apache.spark.deploy=info");
    command.addAll(List.of("-cp", folder.resolve("spark/jars") + "/*", main));
    command.addAll(List.of("--host", "127.0.0.1", "--webui-port", "0"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile());
    builder.environment().putAll(environment);
    builder.environment().put("SPARK_HOME", folder.resolve("spark").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  /**
   * Waits until a process has written some words to its log.
   *
   * @throws IOException if the process ends before, or does not write them within 60 s
   */
  private void await(String name, Process process, String words)
      throws IOException, InterruptedException {
    Path log = folder.resolve(name + ".log");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.readString(log).contains(words)) {
      if (System.nanoTime() > end || !process.isAlive()) {
        throw new IOException(name + " does not come up:\n" + Files.readString(log));
      }
      Thread.sleep(100);
    }
  }

  /** Kills a worker and all processes that it has started, as if its machine died. */
  void kill(int worker) {
    Process process = workers.get(worker);
    Stream.concat(process.descendants(), Stream.of(process.toHandle()))
        .toList()
        .forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
  }

  /**
   * {@return the number of processes below a worker: executors, which run Spark's tasks, and the
   * processes that the tasks start}
   */
  long running(int worker) {
    return workers.get(worker).descendants().count();
  }

  @Override
  public void close() {
    for (int i = 0; i < workers.size(); i++) {
      kill(i);
    }
    master.destroyForcibly().onExit().join();
  }
}
