"""A copy of the checkout with notebooks of the test's own, so that nothing of the user's is touched."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import nbformat

HOME = Path(__file__).resolve().parents[2]


class SandboxTest(unittest.TestCase):
    """Copies the files that `lab run` reads and links those that were built, so that nothing is built again."""

    @classmethod
    def setUpClass(cls):
        # It would name the folder of the user's results, or that of `lab test`.
        os.environ.pop("GRAFS_RESULTS", None)
        cls.folder = tempfile.TemporaryDirectory(prefix="grafs lab ")  # with spaces, as homes may have
        cls.addClassCleanup(cls.folder.cleanup)
        cls.home = Path(cls.folder.name, "kit")
        cls.lab = cls.home / "environment" / "lab"
        ignore = shutil.ignore_patterns(".state", "target", "__pycache__")
        for name in ("environment", "lib"):
            shutil.copytree(HOME / name, cls.home / name, ignore=ignore)
        shutil.copy2(HOME / "pom.xml", cls.home / "pom.xml")
        state = cls.home / "environment" / ".state"
        state.mkdir()
        for name in ("lib", "tools", "spark"):
            (state / name).symlink_to(HOME / "environment" / ".state" / name)

    def notebook(self, name, *cells):
        """Writes a notebook; a cell that begins with # is prose."""
        book = nbformat.v4.new_notebook()
        for cell in cells:
            kind = nbformat.v4.new_markdown_cell if cell.startswith("#") else nbformat.v4.new_code_cell
            book.cells.append(kind(cell))
        path = self.home / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(book, path)
        return name

    def run_lab(self, *arguments, cwd=None, env=None):
        """Runs lab to its end: (status, standard output and error together)."""
        process = self.start_lab(*arguments, cwd=cwd, env=env)
        try:
            said = process.communicate(timeout=150)[0]
        except subprocess.TimeoutExpired:
            self.fail(f"lab {' '.join(arguments)} does not end:\n{self.where(process)}")
        return process.returncode, said

    def start_lab(self, *arguments, cwd=None, env=None):
        process = subprocess.Popen(
            [self.lab, *arguments],
            cwd=cwd or self.home,
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def where(self, process):
        """Kills what does not end; returns what it said, where it was, and what the kernels wrote, with their threads."""
        said = [Path("/proc", str(process.pid), "cmdline").read_text().replace("\0", " ")]
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            said.append(Path("/proc", child, "cmdline").read_text().replace("\0", " "))
            os.kill(int(child), signal.SIGQUIT)
        process.send_signal(signal.SIGUSR1)
        time.sleep(2)
        os.killpg(process.pid, signal.SIGKILL)
        said.append(process.stdout.read())
        logs = (self.home / "environment" / ".state" / "logs").glob("*.log")
        said += [f"== {log}\n{log.read_text(errors='replace')[-20_000:]}" for log in logs]
        return "\n".join(said)

    def results(self, name):
        folder = self.home / "results" / "notebooks" / name
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def result(self, name, file):
        return self.home / "results" / "notebooks" / name / file


def alive(pid):
    try:
        return "\nState:\tZ" not in Path("/proc", str(pid), "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
