"""Jupyter's Stop button in the Java kernel: a training stops within seconds, and later resumes after its last epoch."""

import time
from pathlib import Path

from kernel import KernelTest

SETUP = """import grafs.data.*;
import grafs.notebook.*;
import grafs.run.*;
import grafs.model.*;
var experiment = Experiment.of(PaperModel.GPT_MINI, TextDataset.characters("toy-stories"), 64, Scale.gpt("quick"));
var store = RunStore.here();"""

TRAINING = """var run = store.train(experiment, "GELU", Activations.of("gelu"), 1, new ProgressLine());
System.out.println(run.epochs().size() + " epochs");"""

# A statement that computes for a number of seconds, and ignores that its thread is interrupted.
BUSY = "for (long end = System.nanoTime() + (long) (%s * 1e9); System.nanoTime() < end; ) ;"


class InterruptTest(KernelTest):
    def test_an_interrupted_training_stops_and_goes_on(self):
        manager, client = self.started()
        self.assertEqual(self.executed(client, SETUP)[0], "ok")
        epochs = 0
        for _ in range(2):
            training = client.execute(TRAINING)
            rows = self.rows_when(lambda rows, least=epochs + 2: len(rows) >= least)
            # Waits two seconds, so that Stop comes in the middle of the next epoch.
            time.sleep(2)
            begin = time.monotonic()
            manager.interrupt_kernel()
            reply = self.reply(client, training)
            self.assertLess(time.monotonic() - begin, 5)
            self.assertEqual(reply.get("ename"), "EvalException", reply)
            self.assertEqual(self.rows(), rows, "an epoch was over or lost after the interrupt")
            epochs = len(rows) - 1

        status, said = self.executed(client, TRAINING)
        self.assertEqual(status, "ok", said)
        self.assertIn("8 epochs", said)
        self.assertEqual(len(self.rows()), 9)
        self.assertEqual(self.rows()[: len(rows)], rows, "what was done was done again")

    def test_stop_ends_the_cell_and_nothing_else(self):
        manager, client = self.started()
        manager.interrupt_kernel()
        self.assertEqual(self.executed(client, "1 + 1")[0], "ok")

        # The first statement ignores the interrupt and runs to its end. The second one is interrupted too, which ends the
        # cell.
        cell = client.execute(BUSY % 3 + "\nThread.sleep(60_000);")
        time.sleep(1)
        manager.interrupt_kernel()
        self.assertIn("interrupted", self.reply(client, cell).get("evalue"))
        self.assertEqual(self.executed(client, "Thread.sleep(500);")[0], "ok")

        for _ in range(5):
            # Five attempts, since an interrupt arrives only sometimes while output is being sent.
            cell = client.execute("while (true) { System.out.println(0); " + BUSY % 0.001 + " }")
            time.sleep(0.3)
            manager.interrupt_kernel()
            self.assertEqual(self.reply(client, cell)["status"], "error")
            self.assertIn("seven", self.executed(client, 'System.out.println("seven");')[1])

    def test_another_stop_gives_up_what_ignores_the_first(self):
        manager, client = self.started()
        cell = client.execute("while (true) {}")
        time.sleep(1)
        manager.interrupt_kernel()
        time.sleep(6)
        manager.interrupt_kernel()
        self.assertEqual(self.reply(client, cell)["status"], "error")
        self.assertIn("seven", self.executed(client, 'System.out.println("seven");')[1])

    # Returns the lines of the training's metrics.csv: a heading and a row for each finished epoch.
    def rows(self):
        files = list(Path(self.home, "results", "minigpt").rglob("metrics.csv"))
        return files[0].read_text().splitlines() if files else []

    def rows_when(self, enough):
        deadline = time.monotonic() + 120
        while not enough(self.rows()):
            self.assertLess(time.monotonic(), deadline, "no epoch was over in time")
            time.sleep(0.1)
        return self.rows()
