"""Bad input: a clear error, exit status 2, and nothing begun."""

import zipfile
from pathlib import Path

from sandbox import SandboxTest


class ArgumentsTest(SandboxTest):
    def refused(self, arguments, *words):
        status, said = self.run_lab(*arguments)
        self.assertEqual(status, 2, said)
        self.assertEqual(len(said.strip().splitlines()), 1, said)
        for word in ("lab: ", *words):
            self.assertIn(word, said)
        self.assertFalse((self.home / "environment" / ".state" / "jupyter").exists(), "a kernel was prepared")

    def test_what_is_unknown_is_named_with_what_is_known(self):
        self.notebook("one", "1")
        self.notebook("two", "2")
        self.refused(["dance"], "'dance'", "run")
        self.refused(["../lab"], "'../lab'")
        self.refused(["run", "three"], "'three'", "one two")
        self.refused(["run", "../notebooks/../one"], "one two")
        self.refused(["run", "one", "--scale", "huge"], "'huge'", "smoke quick paper")
        self.refused(["run", "one", "--data", "mnist-9"], "'mnist-9'", "fashion-mnist cifar10 cifar100 svhn")
        self.refused(["run", "one", "--seed", "1.5"], "'1.5'")
        self.refused(["run", "one", "--seed"], "--seed needs a value")
        self.refused(["run", "one", "--fast"], "'--fast'")
        self.refused(["run", "one", "two"], "'one'", "'two'")
        self.refused(["test", "now"], "now")
        self.refused(["bench", "--slow"], "'--slow'")
        self.refused(["bench", "relu"], "relu")
        self.refused(["kernel"], "IJava")
        self.refused(["kernel", "nowhere.zip"], "'nowhere.zip'")

    def test_results_that_cannot_be_written(self):
        name = self.notebook("unwritable", "1")
        results = self.home / "results" / "notebooks" / name
        results.parent.mkdir(parents=True, exist_ok=True)
        results.write_text("in the way")
        self.refused(["run", name], str(results))
        bench = self.home / "results" / "bench"
        bench.write_text("in the way")
        self.refused(["bench"], str(bench))

    def test_help(self):
        status, said = self.run_lab("help")
        self.assertEqual(status, 0)
        for verb in ("run", "test", "bench", "data", "notebook", "doctor", "kernel"):
            self.assertIn(f"\n  {verb}", said)
        self.assertNotIn("shellcheck", said)

    def test_kernel_names_and_files_that_are_not_kernels(self):
        name = self.notebook("named", "1")
        status, said = self.run_lab("run", name, "--kernel", "cobol")
        self.assertEqual(status, 2, said)
        self.assertIn("'cobol' is not installed", said)

        release = Path(self.folder.name, "ijava.zip")
        kept = self.home / "environment" / ".state" / "ijava"
        release.write_text("garbage")
        status, said = self.run_lab("kernel", str(release))
        self.assertEqual((status, kept.exists()), (2, False), said)
        with zipfile.ZipFile(release, "w") as archive:
            archive.writestr("java/kernel.json", '{"argv": ["java", "-jar", "@KERNEL_INSTALL_DIRECTORY@/x.jar"]}')
            archive.writestr("java/x.jar", "")
            archive.writestr("java/../../escaped", "")
        status, said = self.run_lab("kernel", str(release))
        self.assertEqual((status, kept.exists()), (2, False), said)
        self.assertIn("points out of its folder", said)
        self.assertEqual(list(self.home.rglob("escaped")), [])
