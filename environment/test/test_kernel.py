"""The defects of the Rapaio kernel that Launcher.java corrects, such as lost output, and cells that run after an error."""

import asyncio
import importlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

import zmq
from jupyter_client.connect import LocalPortCache
from kernel import KernelTest

# Replaces the kernel's class LoopThread, whose threads read the channels to Jupyter. Each of these threads ends as soon as
# it starts, since it reads its flag `running` before the flag is set.
ENDS_AT_ONCE = """
package org.rapaio.jupyter.kernel.channels;

public final class LoopThread extends Thread {
  private volatile boolean running;
  private final Runnable body;

  public LoopThread(String name, long sleep, Runnable body) {
    super(name);
    this.body = body;
  }

  @Override public void run() {
    while (running && Thread.currentThread() != this) {
      body.run();
    }
  }

  @Override public synchronized void start() {
    super.start();
    try {
      join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    running = true;
  }

  public void shutdown() {
    running = false;
  }
}
"""

LINES = 'for (int i = 0; i < 25_000; i++) System.out.println("line " + i);'


class OutputTest(KernelTest):
    def test_nothing_that_is_printed_is_lost(self):
        _, client = self.started()
        status, said = self.executed(client, LINES)
        self.assertEqual(status, "ok")
        self.assertEqual(said.splitlines(), [f"line {i}" for i in range(25_000)])

        # A long line of characters with several bytes each and without a line break; then text that is printed just
        # before a cell ends, first normally and then with an error.
        status, said = self.executed(client, 'for (int i = 0; i < 100_000; i++) System.out.print("ж");\nSystem.out.print("end");')
        self.assertEqual((status, said), ("ok", "ж" * 100_000 + "end"))
        status, said = self.executed(client, LINES + '\nthrow new IllegalStateException("now");')
        self.assertEqual(status, "error")
        self.assertEqual(said.splitlines()[24_999], "line 24999")

        # Two threads print at the same time, one to each stream.
        status, said = self.executed(
            client,
            'var other = new Thread(() -> { for (int i = 0; i < 5000; i++) System.err.println("err " + i); });\n'
            'other.start();\nfor (int i = 0; i < 5000; i++) System.out.println("out " + i);\nother.join();',
        )
        self.assertEqual(status, "ok", said)
        for stream in ("out", "err"):
            own = [line for line in said.splitlines() if line.startswith(stream)]
            self.assertEqual(own, [f"{stream} {i}" for i in range(5000)])

    def test_output_keeps_its_order(self):
        _, client = self.started()
        messages = []
        client.execute_interactive(
            'System.out.println("one"); System.err.println("two"); System.out.println("three");\n'
            'grafs.notebook.Show.latex("four");\nSystem.out.println("five");\n"six"',
            timeout=60,
            output_hook=messages.append,
        )
        kinds = [m["msg_type"] for m in messages if m["msg_type"] not in ("status", "execute_input")]
        said = [str(m["content"]) for m in messages if m["msg_type"] not in ("status", "execute_input")]
        self.assertEqual(kinds[-3:], ["display_data", "stream", "execute_result"], said)
        order = [next(i for i, text in enumerate(said) if word in text) for word in ("three", "four", "five", "six")]
        self.assertEqual(order, sorted(order), said)

    def test_a_value_that_stands_alone_is_shown_as_html(self):
        # After each of these calls, a new kernel that has not displayed anything before must show values as HTML.
        for first in ('grafs.notebook.Setting.of("scale", "quick");', "grafs.run.RunStore.here();"):
            _, client = self.started()
            messages = []
            client.execute_interactive(
                first + '\ngrafs.cell.Expression.parse("silu(x)")', timeout=60, output_hook=messages.append
            )
            data = [m["content"]["data"] for m in messages if m["msg_type"] == "execute_result"][-1]
            self.assertEqual(data["text/plain"], "f(x) = SiLU(x)")
            self.assertIn('<img alt="f(x)"', data["text/html"])
        for value, text in (('"a <b>"', "a <b>"), ('List.of("a <b>", 2)', "a <b>\n2"), ("new int[] {1, 2}", "[1, 2]")):
            messages.clear()
            client.execute_interactive(value, timeout=60, output_hook=messages.append)
            data = [m["content"]["data"] for m in messages if m["msg_type"] == "execute_result"][-1]
            self.assertEqual(data["text/plain"], text)
            self.assertEqual(data["text/html"], "<pre>" + text.replace("<", "&lt;").replace(">", "&gt;") + "</pre>")

    def test_a_value_that_cannot_be_shown_is_an_error_of_the_cell(self):
        _, client = self.started()
        errors = []
        reply = client.execute_interactive(
            'new Object() { public String toString() { throw new AssertionError("not shown"); } }',
            timeout=60,
            output_hook=lambda message: errors.append(message["content"]) if message["msg_type"] == "error" else None,
        )
        self.assertEqual((reply["content"]["status"], reply["content"]["ename"]), ("error", "AssertionError"))
        self.assertEqual([error["evalue"] for error in errors], ["not shown"])
        self.assertIn("3", self.executed(client, "System.out.println(1 + 2);")[1])

    def test_a_figure_is_saved_among_the_results(self):
        _, client = self.started()
        plot = 'grafs.notebook.Plots.derivatives(Map.of("f", grafs.cell.Expression.parse("silu(x)")), 4)'
        status, said = self.executed(client, f'System.out.println(grafs.notebook.Charts.save({plot}, "silu"));')
        self.assertEqual(status, "ok", said)
        file = self.home / "results" / "figures" / "silu.svg"
        self.assertEqual(said.strip(), str(file))
        self.assertEqual([each.name for each in file.parent.iterdir()], ["silu.svg"])
        self.assertTrue(ElementTree.parse(file).getroot().tag.endswith("svg"))
        status, _ = self.executed(client, f'grafs.notebook.Charts.save({plot}, "../silu");')
        self.assertEqual(status, "error")

    def test_a_line_is_seen_while_the_cell_runs(self):
        _, client = self.started()
        client.execute('System.out.println("soon"); Thread.sleep(5_000);')
        begin = time.monotonic()
        while "soon" not in str(client.get_iopub_msg(timeout=10)["content"].get("text")):
            pass
        self.assertLess(time.monotonic() - begin, 3)


class StartTest(KernelTest):
    def test_readers_that_all_end_while_they_start_are_replaced(self):
        kernels = self.home / "kernels of threads that end"
        shutil.copytree(self.kernels, kernels)
        source = kernels / "LoopThread.java"
        source.write_text(ENDS_AT_ONCE)
        file = kernels / "java" / "kernel.json"
        spec = json.loads(file.read_text())
        java = spec["argv"][0]
        subprocess.run([str(Path(java).with_name("javac")), "-d", str(kernels), str(source)], check=True)
        at = spec["argv"].index("-cp") + 1
        spec["argv"][at] = f"{kernels}:{spec['argv'][at]}"
        file.write_text(json.dumps(spec))

        _, client = self.started(kernels)
        self.assertIn("2", self.executed(client, "System.out.println(1 + 1);")[1])


    def test_it_is_started_again_if_one_of_its_ports_is_taken(self):
        """The test takes a port before the kernel opens it: first that for requests, then that for the heartbeat."""
        sys.path.insert(0, str(self.home / "environment"))
        self.addCleanup(sys.path.remove, str(self.home / "environment"))
        run_notebook = importlib.import_module("run_notebook")
        choose = LocalPortCache.find_available_port
        context = zmq.Context()
        self.addCleanup(context.term)

        async def language():
            with open(self.home / "port.log", "w") as log:
                async with run_notebook.kernel(self.home, log) as (_, _, language):
                    return language["name"]

        for taken in (1, 4):
            chosen = []

            def port(cache, ip, taken=taken, chosen=chosen):
                chosen.append(choose(cache, ip))
                if len(chosen) == taken:
                    socket = context.socket(zmq.PUB)
                    self.addCleanup(socket.close, linger=0)
                    socket.bind(f"tcp://{ip}:{chosen[-1]}")
                return chosen[-1]

            environment = {"JUPYTER_PATH": str(self.kernels.parent)}
            with mock.patch.object(LocalPortCache, "find_available_port", port), mock.patch.dict(os.environ, environment):
                self.assertEqual(asyncio.run(language()).lower(), "java")
            self.assertEqual(len(chosen), 10, "the ports of two kernels")


class QueueTest(KernelTest):
    def test_cells_behind_one_that_failed_are_not_run(self):
        _, client = self.started()
        self.assertEqual(self.executed(client, "int ran = 0;")[0], "ok")
        failing = client.execute('Thread.sleep(500); throw new IllegalStateException("now");')
        queued = [client.execute("ran++;") for _ in range(3)]
        self.assertEqual(self.reply(client, failing)["status"], "error")
        self.assertEqual([self.reply(client, cell)["status"] for cell in queued], ["aborted"] * 3)
        time.sleep(0.5)
        # A cell that is sent after the replies is run, and shows that the aborted ones were not.
        self.assertIn("ran 0", self.executed(client, 'System.out.println("ran " + ran);')[1])

        # With stop_on_error=False, cells that are queued behind an error are run.
        failing = client.execute('Thread.sleep(500); throw new IllegalStateException("now");', stop_on_error=False)
        queued = client.execute("ran++;")
        self.assertEqual(self.reply(client, failing)["status"], "error")
        self.assertEqual(self.reply(client, queued)["status"], "ok")

    def test_cells_behind_one_that_does_not_compile_are_not_run(self):
        _, client = self.started()
        busy = client.execute("Thread.sleep(500);")
        failing = client.execute("int x = nothing;")
        queued = client.execute("1 + 1")
        self.assertEqual(self.reply(client, busy)["status"], "ok")
        self.assertEqual(self.reply(client, failing)["status"], "error")
        self.assertEqual(self.reply(client, queued)["status"], "aborted")

    def test_stop_ends_run_all(self):
        manager, client = self.started()
        stopped = client.execute("Thread.sleep(60_000);")
        queued = [client.execute("Thread.sleep(60_000);") for _ in range(2)]
        time.sleep(1)
        manager.interrupt_kernel()
        self.assertEqual(self.reply(client, stopped)["status"], "error")
        self.assertEqual([self.reply(client, cell)["status"] for cell in queued], ["aborted"] * 2)
        time.sleep(0.5)
        self.assertEqual(self.executed(client, "1 + 1")[0], "ok")
