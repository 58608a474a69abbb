"""The base class of tests that run environment/lab. They run it in a copy of the project, to spare the user's files."""

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
    """Copies the files that `lab` reads, and makes links to what was built from them, so that nothing is built again.

    `home` is the copy of the checkout, `lab` the script in it. A test writes its notebooks into the copy.
    """

    @classmethod
    def setUpClass(cls):
        # GRAFS_RESULTS names the folder to which `lab` writes all results. The user may have set it, and `lab test`,
        # which runs these tests, sets it. Without it, `lab` writes them to the folder `results` of the copy.
        os.environ.pop("GRAFS_RESULTS", None)
        cls.folder = tempfile.TemporaryDirectory(prefix="grafs lab ")  # with spaces, as in some users' paths
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
        """Writes a notebook and returns its name. A cell whose text begins with # is Markdown, any other is code."""
        book = nbformat.v4.new_notebook()
        for cell in cells:
            kind = nbformat.v4.new_markdown_cell if cell.startswith("#") else nbformat.v4.new_code_cell
            book.cells.append(kind(cell))
        path = self.home / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(book, path)
        return name

    def run_lab(self, *arguments, cwd=None, env=None):
        """Runs lab until it ends, at most 150 s. Returns the exit status, and its output and errors as one text."""
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
        """Kills a process that does not end, with its children.

        Returns their command lines, the output of `lab`, and the logs of the Java kernels. The output and the logs end
        with the stacks of all threads: the processes print them at the signals SIGUSR1 and SIGQUIT.
        """
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

    # Returns the names of the files that runs of a notebook have written.
    def results(self, name):
        folder = self.home / "results" / "notebooks" / name
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def result(self, name, file):
        return self.home / "results" / "notebooks" / name / file


# Returns whether a process runs. A zombie, a process that has ended but whose parent has not yet waited for it, does
# not run.
def alive(pid):
    try:
        return "\nState:\tZ" not in Path("/proc", str(pid), "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
