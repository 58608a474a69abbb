"""lab data: the list of data sets, wrong arguments, and the message if there is no network."""

import os

from sandbox import SandboxTest


class DataTest(SandboxTest):
    def test_lists_what_there_is_and_what_is_here(self):
        svhn = self.home / "datasets" / "svhn"
        svhn.mkdir(parents=True)
        (svhn / "train_32x32.mat").write_bytes(b"half of it")
        status, said = self.run_lab("data")
        self.assertEqual(status, 0, said)
        rows = {line.split()[0]: line for line in said.splitlines() if line.strip()}
        self.assertIn("not there", rows["cifar10"])
        self.assertIn("170 MB", rows["cifar10"])
        self.assertIn("CDLA-Sharing-1.0", rows["tinystories"])
        self.assertIn("damaged", rows["svhn"])
        self.assertIn("train_32x32.mat has 10 bytes, expected 182 040 794; delete it", rows["svhn"])
        self.assertEqual((svhn / "train_32x32.mat").read_bytes(), b"half of it")

    def test_unknown_names_and_options_are_refused(self):
        for arguments, words in (
            (["cifar11"], ("'cifar11'", "cifar10 cifar100 fashion-mnist svhn tinystories")),
            (["cifar10", "../cifar10"], ("'../cifar10'",)),
            (["--all"], ("'--all'",)),
        ):
            status, said = self.run_lab("data", *arguments)
            self.assertEqual(status, 2, said)
            self.assertEqual(len(said.strip().splitlines()), 1, said)
            for word in ("lab: ", *words):
                self.assertIn(word, said)
        self.assertFalse((self.home / "datasets" / "cifar10").exists(), "a download was begun")

    def test_without_a_network_it_says_what_to_put_where(self):
        # With a proxy that does not exist, the program cannot reach the network, even if the machine can.
        proxy = "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=9"
        status, said = self.run_lab("data", "cifar100", env={**os.environ, "JDK_JAVA_OPTIONS": proxy})
        self.assertEqual(status, 1, said)
        for word in (
            "could not be fetched",
            "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
            "168 513 733 bytes",
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            str(self.home / "datasets" / "cifar100"),
        ):
            self.assertIn(word, said)
        left = sorted(path.name for path in (self.home / "datasets" / "cifar100").iterdir())
        self.assertEqual(left, [".lock"])
