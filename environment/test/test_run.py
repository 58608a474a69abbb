"""lab run with the Java kernel: the files of a run that succeeds, fails, is interrupted or killed."""

import os
import re
import signal
import time
from pathlib import Path

import nbformat
from sandbox import SandboxTest, alive

FIGURE = """import grafs.notebook.*;
import tech.tablesaw.plotly.components.*;
import tech.tablesaw.plotly.traces.*;
Show.figure(new Figure(ScatterTrace.builder(new double[] {1, 2}, new double[] {3, 4}).build()));
System.out.println(System.getenv("GRAFS_SCALE") + "|" + System.getenv("GRAFS_DATA") + "|" + System.getenv("GRAFS_SEED"));"""

SLEEP = """java.nio.file.Files.writeString(java.nio.file.Path.of(System.getenv("GRAFS_DATA"), "pid"),
    "" + ProcessHandle.current().pid() + "\\n");
Thread.sleep(600_000);"""


READ = """var folder = java.nio.file.Path.of(System.getenv("GRAFS_DATA"));
System.out.println(new String(java.nio.file.Files.readAllBytes(folder.resolve("später.txt"))) + " in "
    + folder.getFileName().toString().substring(7) + ": ж");"""


class RunTest(SandboxTest):
    def test_without_a_locale_names_may_have_any_letters(self):
        data = Path(self.folder.name, "данные 画像")
        data.mkdir()
        (data / "später.txt").write_text("größer", encoding="utf-8")
        name = self.notebook("наблюдение", READ)
        env = {k: v for k, v in os.environ.items() if k != "LANG" and not k.startswith("LC_")}
        status, said = self.run_lab("run", name, "--data", str(data), "--scale", "smoke", env=env)
        self.assertEqual(status, 0, said)
        book = nbformat.read(self.result(name, "smoke-данные 画像.ipynb"), as_version=4)
        self.assertIn("größer in 画像: ж", book.cells[0].outputs[0]["text"])

    def test_a_good_run_then_a_failing_one_that_leaves_it_alone(self):
        name = self.notebook("good", "# A title, $x^2$", FIGURE)
        data = Path(self.folder.name, "some data")
        data.mkdir()
        status, said = self.run_lab("run", name, "--data", "../some data", "--seed", "7", "--scale", "smoke")
        self.assertEqual(status, 0, said)
        stem = "smoke-some data-seed-7"
        self.assertEqual(self.results(name), [f"{stem}.html", f"{stem}.ipynb"])
        for suffix in ("html", "ipynb"):
            self.assertIn(str(self.result(name, f"{stem}.{suffix}")), said)
        book = nbformat.read(self.result(name, f"{stem}.ipynb"), as_version=4)
        self.assertEqual(book.metadata["grafs"]["seed"], "7")
        self.assertIn(f"smoke|{data}|7", book.cells[1].outputs[-1]["text"])
        self.assertLess(self.result(name, f"{stem}.ipynb").stat().st_size, 20_000, "a figure carries more than its data")

        page = self.result(name, f"{stem}.html").read_text()
        self.assertIn("plotly.js", page)
        self.assertIn("MathJax", page)
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*[\"'](?!data:|#)[^\"']*", page)
        self.assertEqual(loaded, [], "the page is not self-contained")

        good = self.result(name, f"{stem}.ipynb").read_bytes()
        other = Path(self.folder.name, "elsewhere", data.name)
        other.mkdir(parents=True)
        status, said = self.run_lab("run", name, "--data", str(other), "--seed", "7", "--scale", "smoke")
        self.assertEqual(status, 2, said)
        self.assertIn(f"{stem}.ipynb is of --data {data}, and this run would replace it", said)
        # A damaged result is replaced, also by a run with other data.
        self.result(name, f"{stem}.ipynb").write_text("{")
        status, said = self.run_lab("run", name, "--data", str(other), "--seed", "7", "--scale", "smoke")
        self.assertEqual(status, 0, said)
        self.result(name, f"{stem}.ipynb").write_bytes(good)
        left = self.result(name, f".{stem}.html.999999999.part")
        left.write_text("half a page")
        self.notebook(name, FIGURE, "// divide\nint zero = 0;\nint one = 1 / zero;", "one")
        status, said = self.run_lab("run", name, "--data", str(data), "--seed", "7", "--scale", "smoke")
        self.assertEqual(status, 1, said)
        self.assertIn("cell 2 of 3 failed", said)
        self.assertIn("int one = 1 / zero;", said)
        self.assertIn("/ by zero", said)
        self.assertNotIn("\x1b", said)
        self.assertEqual(self.result(name, f"{stem}.ipynb").read_bytes(), good)
        self.assertIn(f"{stem}.failed.ipynb", self.results(name))
        self.assertFalse(left.exists(), "what a killed run left is still there")

    def test_a_notebook_of_ones_own_lies_anywhere(self):
        name = self.notebook("own", 'System.out.println("mine");')
        own = Path(self.folder.name, "elsewhere", "own.ipynb")
        own.parent.mkdir(exist_ok=True)
        (self.home / "notebooks" / "own.ipynb").rename(own)
        status, said = self.run_lab("run", "elsewhere/own.ipynb", "--scale", "smoke", cwd=own.parent.parent)
        self.assertEqual(status, 0, said)
        self.assertEqual(self.results(name), ["smoke.html", "smoke.ipynb"])
        status, said = self.run_lab("run", "own.ipynb", "--scale", "smoke", "--seed", "2", cwd=own.parent)
        self.assertEqual(status, 0, said)
        self.assertIn("smoke-seed-2.ipynb", self.results(name))
        self.notebook(name, 'System.out.println("the kit\'s");')
        status, said = self.run_lab("run", str(own), "--scale", "smoke")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.results(f"{name}-own"), ["smoke.html", "smoke.ipynb"])
        other = Path(self.folder.name, "other results")
        status, said = self.run_lab("run", str(own), "--scale", "smoke", env={**os.environ, "GRAFS_RESULTS": other})
        self.assertEqual(status, 0, said)
        self.assertTrue((other / "notebooks" / f"{name}-own" / "smoke.html").exists(), said)
        status, said = self.run_lab("run", "elsewhere/none.ipynb", cwd=own.parent.parent)
        self.assertEqual(status, 2, said)
        self.assertIn("there is no notebook 'elsewhere/none.ipynb'", said)

    def test_a_kernel_that_dies(self):
        name = self.notebook("dying", 'System.out.println("well");', "Runtime.getRuntime().halt(3);", "1")
        status, said = self.run_lab("run", name, "--scale", "smoke")
        self.assertEqual(status, 1, said)
        self.assertIn("exit status 3 in cell 2", said)
        self.assertEqual(self.results(name), ["smoke.failed.html", "smoke.failed.ipynb"])

    def test_not_a_notebook(self):
        name = self.notebook("broken", "1")
        (self.home / "notebooks" / "broken.ipynb").write_text('{"cells": [')
        status, said = self.run_lab("run", name)
        self.assertEqual(status, 1, said)
        self.assertIn("not a notebook that Jupyter can read", said)

    def test_killed_runs_leave_neither_kernel_nor_result(self):
        name = self.notebook("killed", SLEEP)
        data = Path(self.folder.name, "here")
        data.mkdir()
        process, pid = self.asleep(name, data)
        process.kill()
        process.wait()
        self.ends(pid)
        self.assertEqual(self.results(name), [])

        process, pid = self.asleep(name, data)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[0]
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("interrupted in cell 1", said)
        self.ends(pid)
        self.assertEqual(self.results(name), ["quick-here.failed.html", "quick-here.failed.ipynb"])

    def asleep(self, name, data):
        """Starts a notebook and waits until its cell sleeps. Returns the process of lab and the pid of the kernel."""
        file = data / "pid"
        file.unlink(missing_ok=True)
        process = self.start_lab("run", name, "--data", str(data))
        deadline = time.monotonic() + 100
        while not (file.exists() and file.read_text().endswith("\n")):
            self.assertIsNone(process.poll(), "the run ended early")
            self.assertLess(time.monotonic(), deadline, "the cell did not start")
            time.sleep(0.2)
        return process, int(file.read_text())

    # Checks that a process ends within 10 s.
    def ends(self, pid):
        deadline = time.monotonic() + 10
        while alive(pid):
            self.assertLess(time.monotonic(), deadline, "the kernel outlives its run")
            time.sleep(0.1)
