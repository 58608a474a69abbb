"""The functions of environment/setup.sh: which copies of the built library they keep, and when they build it again."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

SETUP = Path(__file__).resolve().parents[1] / "setup.sh"


class SetupTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="grafs setup ")
        self.addCleanup(folder.cleanup)
        self.home = Path(folder.name)
        self.state = self.home / "environment" / ".state"
        (self.home / "lib" / "target").mkdir(parents=True)
        (self.home / "lib" / "target" / "classpath.txt").write_text("")

    def bash(self, commands):
        env = {**os.environ, "GRAFS_HOME": str(self.home), "ENVIRONMENT": str(self.home / "environment"), "STATE": str(self.state)}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"source '{SETUP}'; {commands}"], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    # Writes the jars that a build of this version of the library would leave, calls keep_library, which copies the
    # library's jar, and returns the path of the copy. `content` is the text in place of the jar's content.
    def built(self, version, content):
        (self.home / "lib" / "target" / f"grafs-{version}.jar").write_text(content)
        (self.home / "lib" / "target" / f"grafs-{version}-javadoc.jar").write_text("pages")
        return Path(self.bash("build_begins; keep_library; library"))

    def test_what_runs_keeps_the_library_that_it_began_with(self):
        first = self.built("0.1", "old")
        second = self.built("0.1", "new")
        self.assertEqual((first.read_text(), second.read_text()), ("old", "new"))
        self.assertEqual((self.state / "lib" / "grafs.jar").read_text(), "new")
        self.assertEqual(first, self.built("0.1", "old"), "a build of the same has another name")

    def test_old_copies_are_deleted_unless_a_running_process_may_start_others_from_them(self):
        unused, used = self.built("0.1", "unused"), self.built("0.1", "used")
        for copy in (unused, used):
            os.utime(copy, (1, 1))
        sweep = subprocess.Popen(["sleep", "60"], env={**os.environ, "GRAFS_CLASSPATH": f"{used}:other.jar"})
        try:
            self.built("0.1", "new")
            self.assertEqual((unused.exists(), used.exists()), (False, True))
        finally:
            sweep.kill()
            sweep.wait()
        self.built("0.1", "newer")
        self.assertFalse(used.exists())

    def test_locked_commands_run_one_after_another_and_release_the_lock_also_if_they_fail(self):
        log = self.home / "log"
        slow = f"echo begin >>'{log}'; sleep 3; echo end >>'{log}'"
        commands = f"exec 2>&1; say() {{ echo \"$*\"; }}; slow() {{ {slow}; return 3; }}; locked slow & locked slow || echo $?; wait"
        said = self.bash(commands)
        self.assertEqual(["begin", "end"] * 2, log.read_text().split())
        self.assertIn("Waiting for another", said)
        self.assertIn("3", said.split())

    def test_the_jar_of_an_older_version_is_not_taken(self):
        self.built("0.2", "old")
        old = self.home / "lib" / "target" / "grafs-0.2.jar"
        os.utime(old, (1, 1))
        self.assertEqual("new", self.built("0.1", "new").read_text())

    def test_a_dependency_that_is_gone_is_noticed(self):
        here, gone = self.home / "a b.jar", self.home / "c.jar"
        here.touch()
        file = self.home / "classpath.txt"
        for path, expected in ((f"{here}", "yes"), (f"{here}:{gone}\n", "no")):
            file.write_text(path)
            self.assertEqual(expected, self.bash(f"all_there '{file}' && echo yes || echo no"))
        self.assertEqual("no", self.bash(f"all_there '{gone}' && echo yes || echo no"))


if __name__ == "__main__":
    unittest.main()
