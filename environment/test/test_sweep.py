"""lab sweep, which runs searches and trainings, called trials, in one of several ways, called runners.

All runners write the same files, bit for bit; a killed sweep can be resumed; a trial that fails prints one line and
stops no other trial.
"""

import csv
import json
import os
import random
import shutil
import signal
import time
import unittest
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import nbformat
from sandbox import HOME, SandboxTest, alive

SWEEP = ("sweep", "resnet", "--scale", "smoke", "--seeds", "1")
TRIALS = 7


class PomTest(unittest.TestCase):
    def test_only_the_profile_fetches_spark(self):
        pom = HOME / "pom.xml"
        name = "{http://maven.apache.org/POM/4.0.0}"
        modules = [each.text for each in ElementTree.parse(pom).findall(f"{name}modules/{name}module")]
        self.assertEqual(modules, ["lib"])
        self.assertNotIn("org.apache.spark", (HOME / "lib" / "pom.xml").read_text())


class SweepTest(SandboxTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Images of noise in CIFAR-10's binary format, so few that a trial takes a few seconds.
        cls.images = Path(cls.folder.name, "my images")
        cls.images.mkdir()
        noise = random.Random(1)
        for name, count in (("data_batch_1.bin", 64), ("test_batch.bin", 20)):
            cls.images.joinpath(name).write_bytes(b"".join(bytes([i % 10]) + noise.randbytes(3072) for i in range(count)))

    def setUp(self):
        shutil.rmtree(self.home / "results", ignore_errors=True)

    def sweep(self, *options, expect=0):
        status, said = self.run_lab(*SWEEP, "--data", str(self.images), *options)
        self.assertEqual(status, expect, said)
        return said

    def runs(self):
        """Returns the results of the complete searches and trainings by folder.

        A result is the rows of metrics.csv without times, and the hashes of the files with the function, the weights, and α,
        the numbers by which a search chooses operations.
        """
        runs = {}
        for result in (self.home / "results").rglob("result.json"):
            folder = result.parent
            with open(folder / "metrics.csv", newline="") as file:
                rows = [{name: cell for name, cell in row.items() if name != "seconds"} for row in csv.DictReader(file)]
            files = {f.name: sha256(f.read_bytes()).hexdigest() for f in folder.iterdir() if f.name in ("activation.json", "alphas.csv", "weights.safetensors")}
            runs[str(folder.relative_to(self.home))] = rows, files
        return runs

    def provenance(self):
        return [json.loads(f.read_text())["provenance"] for f in (self.home / "results").rglob("config.json")]

    def test_every_runner_leaves_the_same_files(self):
        said = self.sweep("--runner", "local")
        self.assertIn("resnet at smoke: 7/7 trials", said)
        local = self.runs()
        self.assertEqual(len(local), TRIALS)
        self.assertEqual({each["threads"] for each in self.provenance()}, {1})
        for runner in self.other_runners():
            with self.subTest(runner):
                self.setUp()
                said = self.sweep("--runner", *runner)
                self.assertIn("resnet at smoke: 7/7 trials", said)
                self.assertEqual(self.runs(), local)
        said = self.sweep()
        self.assertIn("7 trials are complete already", said)

    @staticmethod
    def other_runners():
        yield "processes", "--processes", "2"
        if os.environ.get("GRAFS_TEST_SPARK"):
            yield "spark", "--master", "local[2]"

    def test_a_notebook_does_the_same(self):
        cell = """import grafs.notebook.*;
import grafs.run.*;
import grafs.sweep.*;
var sweep = PaperSweep.of("resnet").at("smoke", List.of(Setting.of("data", "")), 1, 0);
var report = sweep.run(RunStore.here(), new Processes(2, 1), new SweepTable());
System.out.println(report.line());"""
        name = self.notebook("sweep", cell)
        status, said = self.run_lab("run", name, "--scale", "smoke", "--data", str(self.images))
        self.assertEqual(status, 0, said)
        book = nbformat.read(self.result(name, f"smoke-{self.images.name}.ipynb"), as_version=4)
        shown = [output for output in book.cells[0].outputs if output.output_type == "display_data"]
        self.assertEqual(len(shown), 1, "the table is replaced, not shown again")
        self.assertEqual(shown[0].data["text/html"].count("<tr>"), 1 + TRIALS)
        self.assertIn("resnet at smoke: 7/7 trials", book.cells[0].outputs[-1]["text"])
        self.assertEqual(len(self.runs()), TRIALS)

    def test_a_killed_sweep_takes_its_processes_with_it_and_goes_on(self):
        process = self.start_lab(*SWEEP, "--data", str(self.images), "--processes", "2")
        for line in process.stdout:
            if " in " in line:
                break
        # One trial is complete, and its process has ended. The processes of the next trials may not have started yet.
        deadline = time.monotonic() + 20
        while not (trials := self.children(process.pid)):
            self.assertLess(time.monotonic(), deadline, "no trial is under way")
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while any(map(alive, trials)):
            self.assertLess(time.monotonic(), deadline, "a trial goes on")
            time.sleep(0.1)
        done = len(self.runs())
        self.assertIn(done, range(1, TRIALS))
        said = self.sweep()
        self.assertRegex(said, rf"{done} trials? (is|are) complete already")
        self.assertEqual(len(self.runs()), TRIALS)

    @staticmethod
    def children(pid):
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]

    def test_a_trial_that_fails_ends_nothing_else(self):
        self.sweep()
        damaged = next((self.home / "results").rglob("relu/*/result.json"))
        damaged.write_text("{")
        shutil.rmtree(next((self.home / "results").rglob("silu")))
        said = self.sweep("--retries", "0", expect=1)
        self.assertIn(f"ReLU, seed 1, ResNet-20 on my images: failed: {damaged} is damaged; delete its folder", said)
        self.assertIn("resnet at smoke: 6/7 trials, 1 failed", said)
        self.assertEqual(damaged.read_text(), "{")

    @unittest.skipUnless(os.environ.get("GRAFS_TEST_SPARK"), "lab test --spark asks for it")
    def test_a_cluster_that_is_not_there_is_named(self):
        said = self.sweep("--runner", "spark", "--master", "mesos://nowhere", expect=1)
        self.assertIn("lab: Spark at mesos://nowhere cannot be used", said.splitlines()[-1])

    def test_data_that_are_not_here_are_named(self):
        status, said = self.run_lab("sweep", "resnet", "--data", "cifar100")
        self.assertEqual(status, 1, said)
        self.assertIn("lab: CIFAR-100", said)
        self.assertFalse((self.home / "results" / "resnet-20").exists())


if __name__ == "__main__":
    unittest.main()
