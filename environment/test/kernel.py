"""The base class of tests that start the Java kernel and exchange messages with it, as Jupyter does."""

import os
import signal
import time

import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from sandbox import SandboxTest


class KernelTest(SandboxTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        prepared = cls()
        # Makes lab write the kernelspec, the folder by which Jupyter starts the kernel, and shows that the kernel
        # works.
        status, said = prepared.run_lab("run", prepared.notebook("first", "1"), "--scale", "smoke")
        prepared.assertEqual(status, 0, said)
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
            # Processes that a script starts with & ignore SIGINT. The kernel would inherit that from the tests, and so
            # ignore Jupyter's Stop button, at which it gets SIGINT.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        cls.kernels = cls.home / "environment" / ".state" / "jupyter" / "rapaio" / "kernels"

    def started(self, kernels=None):
        """Starts a kernel of the folder `kernels`, by default self.kernels, and returns its manager and a client."""
        folder = str(kernels or self.kernels)
        for attempt in range(3):
            manager = KernelManager(kernel_name="java", kernel_spec_manager=KernelSpecManager(kernel_dirs=[folder]))
            manager.start_kernel(cwd=str(self.home), env={**os.environ, "GRAFS_RESULTS": str(self.home / "results")})
            self.addCleanup(manager.shutdown_kernel, now=True)
            client = manager.blocking_client()
            client.start_channels(hb=False)
            self.addCleanup(client.stop_channels)
            client.shell_channel.socket.sndtimeo = 1000
            try:
                client.wait_for_ready(timeout=60)
                break
            except (RuntimeError, zmq.Again):
                # Another program may have taken one of the kernel's ports before the kernel opened it.
                if attempt == 2:
                    raise
        return manager, client

    @staticmethod
    def executed(client, code):
        """Runs a cell; returns its status, "ok" or "error", and the text that it printed."""
        texts = []
        reply = client.execute_interactive(
            code, timeout=300, output_hook=lambda message: texts.append(str(message["content"].get("text", "")))
        )
        return reply["content"]["status"], "".join(texts)

    @staticmethod
    def reply(client, cell):
        """Waits for the reply to a cell that was sent, and returns its content. `cell` is the request's message id."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            message = client.get_shell_msg(timeout=60)
            if message["parent_header"].get("msg_id") == cell:
                return message["content"]
        raise TimeoutError(cell)
