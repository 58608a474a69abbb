"""The Stop button of Jupyter, in the real kernel: a training stops soon, and goes on where its last epoch ended.

The Rapaio kernel 3.0.1 runs nothing more once it was interrupted, whatever ran: it has to be started again.
"""

import fcntl
import os
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from sandbox import SandboxTest

SETUP = """import grafs.data.*;
import grafs.lab.*;
import grafs.model.*;
var experiment = Experiment.of(Model.GPT_MINI, TextDataset.characters("toy-stories"), 64, Scale.gpt("quick"));
var store = RunStore.here();"""

TRAINING = """var run = store.train(experiment, "GELU", Activations.of("gelu"), 1, new ProgressBar());
System.out.println(run.epochs().size() + " epochs");"""


class InterruptTest(SandboxTest):
    def test_an_interrupted_training_stops_and_goes_on(self):
        # Leaves the kernel's specification behind, and shows that the kernel works.
        status, said = self.run_lab("run", self.notebook("first", "1"), "--scale", "smoke")
        self.assertEqual(status, 0, said)
        kernels = self.home / "environment" / ".state" / "jupyter" / "rapaio" / "kernels"
        manager, client = self.started(kernels)
        reply = client.execute_interactive(SETUP, timeout=120, output_hook=lambda message: None)
        self.assertEqual(reply["content"]["status"], "ok", reply)

        client.execute(TRAINING)
        rows = self.rows_when(lambda rows: len(rows) >= 2)
        # Within the next epoch.
        time.sleep(2)
        begin = time.monotonic()
        client.control_channel.send(client.session.msg("interrupt_request", content={}))
        self.until_unlocked()
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual(self.rows(), rows, "an epoch was over or lost after the interrupt")
        client.stop_channels()
        manager.shutdown_kernel(now=True)

        manager, client = self.started(kernels)
        reply = client.execute_interactive(SETUP, timeout=120, output_hook=lambda message: None)
        self.assertEqual(reply["content"]["status"], "ok", reply)
        texts = []

        def hook(message):
            texts.append(str(message["content"].get("text", "")))

        reply = client.execute_interactive(TRAINING, timeout=300, output_hook=hook)
        self.assertEqual(reply["content"]["status"], "ok", reply)
        self.assertIn("6 epochs", "".join(texts))
        self.assertEqual(len(self.rows()), 7)
        self.assertEqual(self.rows()[: len(rows)], rows, "what was done was done again")

    def started(self, kernels):
        """A kernel and its client; now and then one starts without answering, and another is started then."""
        specs = KernelSpecManager(kernel_dirs=[str(kernels)])
        env = {**os.environ, "GRAFS_RESULTS": str(self.home / "results")}
        for _ in range(4):
            manager = KernelManager(kernel_name="java", kernel_spec_manager=specs)
            manager.start_kernel(cwd=str(self.home), env=env)
            client = manager.blocking_client()
            client.start_channels()
            try:
                client.wait_for_ready(timeout=20)
            except RuntimeError:
                client.stop_channels()
                manager.shutdown_kernel(now=True)
                continue
            self.addCleanup(self.end, manager)
            return manager, client
        self.fail("the kernel does not answer")

    @staticmethod
    def end(manager):
        if manager.is_alive():
            manager.shutdown_kernel(now=True)

    def until_unlocked(self):
        """Until the training has let go of its folder."""
        file = next(Path(self.home, "results", "minigpt").rglob("lock"))
        deadline = time.monotonic() + 60
        with file.open("r+") as lock:
            while True:
                try:
                    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except OSError:
                    self.assertLess(time.monotonic(), deadline, "the training goes on")
                    time.sleep(0.1)

    def rows(self):
        files = list(Path(self.home, "results", "minigpt").rglob("metrics.csv"))
        return files[0].read_text().splitlines() if files else []

    def rows_when(self, enough):
        deadline = time.monotonic() + 120
        while not enough(self.rows()):
            self.assertLess(time.monotonic(), deadline, "no epoch was over in time")
            time.sleep(0.1)
        return self.rows()
