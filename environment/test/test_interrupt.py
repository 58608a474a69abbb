"""The Stop button of Jupyter, in the real kernel: a training stops soon, and goes on where its last epoch ended."""

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
        manager = KernelManager(kernel_name="java", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(kernels)]))
        manager.start_kernel(cwd=str(self.home))
        self.addCleanup(manager.shutdown_kernel, now=True)
        client = manager.client()
        client.start_channels()
        self.addCleanup(client.stop_channels)
        client.wait_for_ready(timeout=60)
        reply = client.execute_interactive(SETUP, timeout=120, output_hook=lambda message: None)
        self.assertEqual(reply["content"]["status"], "ok", reply)

        client.execute(TRAINING)
        rows = self.rows_when(lambda rows: len(rows) >= 2)
        # Within the next epoch.
        time.sleep(2)
        begin = time.monotonic()
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=60)
        took = time.monotonic() - begin
        self.assertEqual(reply["content"]["status"], "error", reply)
        self.assertLess(took, 5)
        self.assertEqual(self.rows(), rows, "an epoch was over or lost after the interrupt")

        texts = []

        def hook(message):
            texts.append(str(message["content"].get("text", "")))

        reply = client.execute_interactive(TRAINING, timeout=300, output_hook=hook)
        self.assertEqual(reply["content"]["status"], "ok", reply)
        self.assertIn("6 epochs", "".join(texts))
        self.assertEqual(len(self.rows()), 7)
        self.assertEqual(self.rows()[: len(rows)], rows, "what was done was done again")

    def rows(self):
        files = list(Path(self.home, "results", "minigpt").rglob("metrics.csv"))
        return files[0].read_text().splitlines() if files else []

    def rows_when(self, enough):
        deadline = time.monotonic() + 120
        while not enough(self.rows()):
            self.assertLess(time.monotonic(), deadline, "no epoch was over in time")
            time.sleep(0.1)
        return self.rows()
