"""Wrong arguments: lab prints one line that says what is wrong, exits with status 2, and starts nothing."""

import os
import zipfile
from pathlib import Path

from sandbox import SandboxTest


class ArgumentsTest(SandboxTest):
    # Checks that lab exits with status 2, prints one line that has all the words, and has not prepared a kernel.
    def refused(self, arguments, *words, env=None):
        status, said = self.run_lab(*arguments, env=env)
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
        self.refused(["bench", "--batch", "none"], "'none'")
        self.refused(["bench", "--batch"], "--batch needs a value")
        self.refused(["bench", "search", "--seeds", "one"], "'one'")
        self.refused(["bench", "search", "sin"], "sin")
        self.refused(["bench", "gpu", "--batches", "64,"], "--batches", "'64,'")
        self.refused(["bench", "--quick", "--verification", "on"], "bench has no option '--verification'")
        self.refused(["sweep"], "resnet vit gpt")
        self.refused(["sweep", "lstm"], "'lstm'", "resnet vit gpt")
        self.refused(["sweep", "resnet", "vit"], "'resnet'", "'vit'")
        self.refused(["sweep", "resnet", "--runner", "slurm"], "'slurm'", "processes local spark")
        self.refused(["sweep", "resnet", "--runner", "spark"], "--master")
        self.refused(["sweep", "resnet", "--master", "local"], "--runner spark")
        self.refused(["sweep", "resnet", "--conf", "master=local"], "spark.")
        self.refused(["sweep", "resnet", "--scale", "huge"], "'huge'", "smoke quick paper")
        self.refused(["sweep", "resnet", "--seeds", "0"], "--seeds", "'0'")
        self.refused(["sweep", "resnet", "--threads", "all"], "--threads", "'all'")
        self.refused(["sweep", "resnet", "--data", "cifar10,mnist-9"], "'mnist-9'")
        self.refused(["sweep", "resnet", "--data", "cifar10,svhn"], "resnet-tables takes several")
        self.refused(["sweep", "evidence", "--data", "cifar10"], "gpt-evidence")
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

    def test_devices_that_are_not_there(self):
        name = self.notebook("where", "1")
        self.refused(["run", name, "--device", "tpu"], "'tpu'", "cpu gpu")
        self.refused(["run", name, "--device", "gpu:x"], "'gpu:x'")
        env = self.with_gpu("0, Some GPU, 16384 MiB, 550.54")
        self.refused(["run", name, "--device", "gpu:1"], "no GPU 1", "0, Some GPU", env=env)
        self.refused(["run", name, "--device", "gpu"], "CPU only", "GRAFS_MAVEN_PROFILES=cuda", env=env)
        status, said = self.run_lab("doctor", env=env)
        self.assertRegex(said, r"gpu:0 Some GPU, 16384 MiB, driver 550\.54: not used, .* GRAFS_MAVEN_PROFILES=cuda, or see")
        self.assertRegex(said, r"PyTorch +2\.7\.1, cpu, of Maven Central; bridge of DJL 0\.36\.0\. .* up to cu124, which newer drivers run")
        self.assertIn("needs a PyTorch of your own, 2.7.1 for cu128", said)
        status, said = self.run_lab("doctor", env={**env, "GRAFS_MAVEN_PROFILES": "cuda"})
        self.assertIn("gpu:0 Some GPU, 16384 MiB, driver 550.54, with PyTorch for cu124", said)
        self.assertRegex(said, r"PyTorch +2\.5\.1, cu124, of Maven Central; bridge of DJL 0\.32\.0")
        self.refused(["bench", "gpu"], "CPU only", "GRAFS_MAVEN_PROFILES=cuda", "README.md", env=env)
        none = self.with_gpu("")
        self.refused(["run", name, "--device", "gpu"], "no GPU 0", "lists none", env=none)

    def test_a_pytorch_of_the_users_that_the_bridge_does_not_fit(self):
        env = self.with_gpu("0, Some GPU, 16384 MiB, 580.65")
        env["PYTORCH_LIBRARY_PATH"] = "/opt/torch/lib"
        own = {"PYTORCH_VERSION": "2.7.1", "PYTORCH_FLAVOR": "cu128"}
        for changes, words in (
            (own, "2.7.1, cu128, in /opt/torch/lib; bridge of DJL 0.36.0\n"),
            ({}, "version not said, flavour not said, .* which fits PyTorch 2.7.1 for cu128 only: install .* PYTORCH_FLAVOR=cu128"),
            ({**own, "PYTORCH_VERSION": "2.9.0"}, "2.9.0, cu128, .* which fits PyTorch 2.7.1 for cu128 only"),
            ({**own, "PYTORCH_FLAVOR": "cu130"}, "2.7.1, cu130, .* which fits PyTorch 2.7.1 for cu128 only"),
            ({**own, "GRAFS_MAVEN_PROFILES": "cuda"}, "2.7.1, cu128, .* DJL 0.32.0, .* take cuda out of GRAFS_MAVEN_PROFILES"),
        ):
            _, said = self.run_lab("doctor", env={**env, **changes})
            self.assertRegex(said, "PyTorch +" + words)

    def with_gpu(self, line):
        """Returns an environment with a program nvidia-smi that prints the line, as if there were such a GPU."""
        folder = Path(self.folder.name, "bin")
        folder.mkdir(exist_ok=True)
        tool = folder / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\n[ -z '{line}' ] || echo '{line}'\n")
        tool.chmod(0o755)
        env = {k: v for k, v in os.environ.items() if k != "GRAFS_MAVEN_PROFILES" and not k.startswith("PYTORCH_")}
        return {**env, "PATH": f"{folder}:{env['PATH']}"}

    def test_a_maven_that_does_not_start_is_not_missing(self):
        folder = Path(self.folder.name, "broken")
        folder.mkdir()
        tool = folder / "mvn"
        tool.write_text("#!/bin/sh\necho 'Error: could not find libjava.so' >&2\nexit 6\n")
        tool.chmod(0o755)
        env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
        status, said = self.run_lab("run", self.notebook("crash", "1"), env=env)
        self.assertEqual(status, 1, said)
        self.assertIn("does not start", said)
        self.assertIn("could not find libjava.so", said)
        self.assertNotIn("missing", said)
        status, said = self.run_lab("doctor", env=env)
        self.assertEqual(status, 1, said)
        self.assertRegex(said, "Maven +DOES NOT START: 'mvn -v' ends with 6: .*libjava.so")

    def test_help(self):
        status, said = self.run_lab("help")
        self.assertEqual(status, 0)
        for verb in ("run", "test", "bench", "data", "notebook", "doctor", "doc", "kernel", "sweep"):
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
