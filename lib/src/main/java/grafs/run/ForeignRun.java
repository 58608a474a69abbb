package grafs.run;

import com.google.gson.JsonParseException;
import grafs.train.Progress;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Map;

/**
 * A complete run that another store has made.
 *
 * @param config what it is to be
 * @param files its files by name
 */
record ForeignRun(RunConfig config, Map<String, byte[]> files) {

  /** The names of the files that a complete run consists of. */
  private static final String KEPT = "[a-z]+\\.(json|csv|safetensors)";

  /** Checks that they are the files of this very run, and that it is complete. */
  ForeignRun {
    for (String name : new String[] {RunFolder.CONFIG, RunFolder.RESULT}) {
      if (!files.containsKey(name)) {
        throw new IllegalArgumentException(
            "%s came without its %s: it is not complete".formatted(config.title(), name));
      }
    }
    RunConfig there = header(files).config();
    if (!config.equals(there)) {
      throw new IllegalArgumentException(
          "what came is another run: %s, not %s"
              .formatted(there == null ? "none" : there.folder(), config.folder()));
    }
  }

  private static RunStore.Header header(Map<String, byte[]> files) {
    String text = new String(files.get(RunFolder.CONFIG), StandardCharsets.UTF_8);
    try {
      return JsonFile.parse(text, RunStore.Header.class);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("the config.json that came is damaged: " + e, e);
    }
  }

  /** Writes the files, {@code result.json} last: a run of which only a part is here has none. */
  void writeTo(RunFolder run) {
    run.locked(
        header(files).provenance().code(),
        Progress.Listener.NONE,
        folder -> {
          if (!run.complete()) {
            files.entrySet().stream()
                .filter(file -> file.getKey().matches(KEPT))
                .sorted(Comparator.comparing(file -> file.getKey().equals(RunFolder.RESULT)))
                .forEach(file -> JsonFile.replace(folder.resolve(file.getKey()), file.getValue()));
            run.deleteCheckpoint();
          }
          return folder;
        });
  }
}
