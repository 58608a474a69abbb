"""Executes a notebook in the kernel `java` and writes it as .ipynb and as .html.

usage: run_notebook.py NOTEBOOK RESULT-WITHOUT-SUFFIX

Parameters of the notebook are in the environment: GRAFS_SCALE, GRAFS_DATA, GRAFS_SEED. A result is written
whole or not at all; where a cell fails, what was executed is written as RESULT.failed. Exit status: 0; 1 when a cell fails, the
kernel dies, or a file cannot be read or written; 130 or 143 when interrupted or terminated. SIGUSR1 prints where it is.
"""

import asyncio
import contextlib
import ctypes
import faulthandler
import os
import re
import signal
import sys
import time
from pathlib import Path

import nbformat
import zmq
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

import page
from progress import Progress, clean, duration

STATE = Path(__file__).resolve().parent / ".state"
PR_SET_PDEATHSIG = 1


def die_with_parent(parent):
    """A preexec_fn for the kernel's process, which kills it when the runner ends, even by kill -9."""
    libc = ctypes.CDLL(None, use_errno=True)

    def preexec():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return preexec


class Failure(Exception):
    """A notebook did not run to its end: the reason as a message for people, and the exit status."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


class Client(NotebookClient):
    """Shows the running cell's messages."""

    progress = None

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        if msg["msg_type"] == "stream":
            self.progress.heard(content["text"])
        elif msg["msg_type"] in ("display_data", "update_display_data"):
            self.progress.heard(content["data"].get("text/plain", ""))
        return super().process_message(msg, cell, cell_index)


async def execute(notebook, folder, log):
    cells = [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    where = "while the kernel started"
    stop = Stop(asyncio.current_task())
    try:
        async with kernel(folder, log) as (manager, messages, language):
            notebook.metadata["language_info"] = language
            client = Client(notebook, km=manager, timeout=None, record_timing=False)
            client.kc = messages
            client.progress = Progress(len(cells))
            client.reset_execution_trackers()
            async with ticking(client.progress):
                for number, (index, cell) in enumerate(cells, 1):
                    where = f"in cell {number}"
                    client.progress.begin(number, cell.source)
                    try:
                        await client.async_execute_cell(cell, index, execution_count=number)
                    except CellExecutionError as error:
                        raise Failure(described(number, len(cells), cell, error)) from None
                    except DeadKernelError:
                        # nbclient raises this for a cancelled cell, too.
                        if stop.asked:
                            raise asyncio.CancelledError from None
                        raise Failure(died(manager, where, log)) from None
                    finally:
                        client.progress.end()
    except asyncio.CancelledError:
        raise Failure(f"{stop.asked or 'cancelled'} {where}", stop.status) from None


@contextlib.asynccontextmanager
async def kernel(folder, log):
    """Starts a kernel and its channels, which are closed at the end of the block; the last value describes its language."""
    # Call this in the main thread: the kernel is killed when the thread that started it ends.
    options = {"cwd": str(folder), "stdout": log, "stderr": log, "preexec_fn": die_with_parent(os.getpid())}
    # A kernel is started again, with other ports and more patience, if one of its ports was taken since it was chosen, or if
    # it does not answer in time, as on a machine that swaps.
    for patience in (15, 30, 60):
        manager = AsyncKernelManager(kernel_name="java")
        await manager.start_kernel(**options)
        messages = manager.client()
        # The manager watches the kernel's process. A heartbeat would be watched in a thread, which is waited for at the end.
        messages.start_channels(stdin=False, hb=False)
        # If what has the port is no kernel, sending would block for ever.
        messages.shell_channel.socket.sndtimeo = 1000
        try:
            try:
                await messages.wait_for_ready(timeout=patience)
                reply = await messages.kernel_info(reply=True, timeout=patience)
            except (RuntimeError, TimeoutError, zmq.Again):
                if await manager.is_alive():
                    print("The kernel does not answer; starting it again", flush=True)
                elif patience < 60:
                    print("The kernel ended while it started; starting it again", flush=True)
                else:
                    raise Failure(died(manager, "while it started", log)) from None
                continue
            yield manager, messages, reply["content"]["language_info"]
            await manager.shutdown_kernel()
            return
        finally:
            messages.stop_channels()
            if manager.has_kernel:
                await manager.shutdown_kernel(now=True)
    raise Failure(f"the kernel does not answer; its log is {log.name}")


class Stop:
    """On SIGINT and SIGTERM: end the cell and the kernel, and keep the results so far."""

    def __init__(self, task):
        self.task = task
        self.asked, self.status = None, 1
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._stop, "interrupted", 130)
        loop.add_signal_handler(signal.SIGTERM, self._stop, "terminated", 143)

    def _stop(self, asked, status):
        self.asked, self.status = asked, status
        self.task.cancel()


@contextlib.asynccontextmanager
async def ticking(progress):
    async def tick():
        while True:
            await asyncio.sleep(1)
            progress.tick()

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()


def died(manager, where, log):
    """The error message for a kernel that died: its exit status or signal, and the last five lines of its log."""
    process = getattr(manager.provisioner, "process", None)
    status = process.poll() if process else None
    if status == -signal.SIGKILL:
        how = " was killed (signal 9), as Linux does when memory runs out,"
    elif status is not None and status < 0:
        how = f" was ended by signal {-status}"
    else:
        how = " died" if status is None else f" ended with exit status {status}"
    log.flush()
    last = Path(log.name).read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    said = "".join(f"\n    {clean(line)[:200]}" for line in last)
    return f"the kernel's process{how} {where}. The end of its log, {log.name}:{said}"


def described(number, total, cell, error):
    said = next((o for o in reversed(cell.outputs) if o.output_type == "error"), None)
    trace = "\n".join(said.traceback) if said and said.traceback else f"{error.ename}: {error.evalue}"
    indent = "\n".join("    " + line for line in cell.source.splitlines())
    return f"cell {number} of {total} failed:\n\n{indent}\n\n{clean(trace).rstrip()}\n{remedy(clean(trace))}"


# The JVM throws these if the library was compiled against another version of a class.
CLASH = re.compile(r"\b(NoSuch(?:Method|Field)|AbstractMethod|IncompatibleClassChange|IllegalAccess|Verify|NoClassDefFound)Error\b")


def remedy(trace):
    """Advice if the error shows that another version of a library was loaded; otherwise empty."""
    found = CLASH.search(trace)
    if not found or "Could not initialize class" in trace:
        return ""
    return (
        f"\nA {found.group(0)} says that a class was loaded from another version of its library than the kit is built with:\n"
        "classes in the kernel's own jar, or on a class path of yours, come before the kit's. `environment/lab kernel default`\n"
        "goes back to a kernel without such classes.\n"
    )


def write(notebook, target):
    """Writes .ipynb and .html atomically, the notebook first, since it may hold hours of work. Returns their paths."""
    paths = []
    for suffix, form in ((".ipynb", notebook_text), (".html", page.html)):
        path = Path(f"{target}{suffix}")
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            part.write_text(form(notebook, target.parent.name), encoding="utf-8")
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        paths.append(path)
    return paths


def notebook_text(notebook, _):
    return nbformat.writes(notebook) + "\n"


def remove_leftovers(folder):
    """Deletes partial files of runs that were killed while writing."""
    for part in folder.glob(".*.part"):
        pid = part.suffixes[-2][1:]
        if not (pid.isdigit() and Path("/proc", pid).exists()):
            part.unlink(missing_ok=True)


def read(path):
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        return notebook
    except Exception as error:  # nbformat raises what its parser and its schema raise
        reason = str(error).strip().splitlines()[0]
        raise Failure(f"{path} is not a notebook that Jupyter can read: {reason}") from None


def main(source, target):
    remove_leftovers(target.parent)
    notebook = read(source)
    parameters = {
        name: os.environ[f"GRAFS_{name.upper()}"] for name in ("scale", "data", "seed") if f"GRAFS_{name.upper()}" in os.environ
    }
    kernel = os.environ.get("KERNEL_LABEL", "java")
    print(f"Running {source.stem}: {', '.join(f'{k} {v}' for k, v in parameters.items())} ({kernel})", flush=True)
    (STATE / "logs").mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    failure = None
    with open(STATE / "logs" / f"{source.stem}-{target.name}.log", "w", encoding="utf-8") as log:
        try:
            asyncio.run(execute(notebook, source.parent, log))
        except Failure as error:
            failure = error
    notebook.metadata["grafs"] = {**parameters, "kernel": kernel, "seconds": round(time.monotonic() - started, 1)}
    failed = target.with_name(target.name + ".failed")
    written = write(notebook, failed if failure else target)
    if failure:
        print(f"\n{source.stem}: {failure}", file=sys.stderr)
        print("As far as it came:", file=sys.stderr)
    else:
        for old in (f"{failed}.ipynb", f"{failed}.html"):
            Path(old).unlink(missing_ok=True)
        print(f"Done in {duration(time.monotonic() - started)}")
    for path in written:
        print(f"  {path}", file=sys.stderr if failure else sys.stdout)
    return failure.status if failure else 0


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1)
    try:
        sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
    except Failure as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(error.status)
    except OSError as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(1)
