"""Executes a notebook in the kernel `java`, and writes it with its outputs as .ipynb and as .html.

usage: run_notebook.py NOTEBOOK RESULT-WITHOUT-SUFFIX

The notebook reads its parameters from the environment: GRAFS_SCALE, GRAFS_DATA, GRAFS_SEED. A result file is written
whole or not at all. If a cell fails, the outputs so far are written to RESULT.failed.ipynb and .html instead. The exit
status is 0; 1 if a cell fails, the kernel dies, or a file cannot be read or written; 130 after SIGINT, 143 after
SIGTERM. At SIGUSR1 this program prints the stack of each of its threads.
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
    """Returns a preexec_fn, a function that the kernel's process calls before it starts the kernel.

    The function makes Linux kill the kernel when this process ends, even by kill -9. `parent` is this process's pid.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def preexec():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return preexec


class Failure(Exception):
    """Raised if a notebook cannot be run, or not to its end; has a message for the user and the exit status."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


class Client(NotebookClient):
    """Executes cells as nbclient does, and passes what the running cell prints and displays to `progress`."""

    progress = None

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        if msg["msg_type"] == "stream":
            self.progress.heard(content["text"])
        elif msg["msg_type"] in ("display_data", "update_display_data"):
            self.progress.heard(content["data"].get("text/plain", ""))
        return super().process_message(msg, cell, cell_index)


# Executes the code cells of a notebook in order, and stores their outputs in the notebook. `folder` is the working
# directory of the kernel, and `log` the file for what its process prints outside cells. Raises Failure if a cell fails,
# if the kernel dies, or at SIGINT or SIGTERM.
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
                        # nbclient raises this error also if the cell was cancelled.
                        if stop.asked:
                            raise asyncio.CancelledError from None
                        raise Failure(died(manager, where, log)) from None
                    finally:
                        client.progress.end()
    except asyncio.CancelledError:
        raise Failure(f"{stop.asked or 'cancelled'} {where}", stop.status) from None


@contextlib.asynccontextmanager
async def kernel(folder, log):
    """Starts a kernel for the block of a `with`, and ends it after the block.

    Yields its manager, a client whose channels to the kernel are open, and the kernel's language_info. Call this in the
    main thread: Linux kills the kernel when the thread that started it ends, see die_with_parent.
    """
    options = {"cwd": str(folder), "stdout": log, "stderr": log, "preexec_fn": die_with_parent(os.getpid())}
    # Jupyter chooses free ports, and the kernel opens them later. By then, another program may have taken one of them.
    # Then, and if the kernel does not answer in time, as on a machine that swaps, the kernel is started again with new
    # ports and a longer time limit: `patience`, in seconds.
    for patience in (15, 30, 60):
        manager = AsyncKernelManager(kernel_name="java")
        await manager.start_kernel(**options)
        messages = manager.client()
        # No heartbeat channel: the manager sees when the kernel's process ends, and the channel's thread would have to
        # be waited for at the end.
        messages.start_channels(stdin=False, hb=False)
        # The limit for sending a message, in milliseconds. Without it, sending would block forever if another program has
        # the port.
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
    """Cancels the task that executes the notebook at SIGINT or SIGTERM, so that the outputs so far are written."""

    def __init__(self, task):
        self.task = task
        self.asked, self.status = None, 1
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._stop, "interrupted", 130)
        loop.add_signal_handler(signal.SIGTERM, self._stop, "terminated", 143)

    def _stop(self, asked, status):
        self.asked, self.status = asked, status
        self.task.cancel()


# Calls progress.tick every second during the block of a `with`.
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
    """Returns the message for a kernel that died: its exit status or signal, and the last five lines of its log."""
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


# Returns the message for a cell that failed: its number, its source, and the stack trace.
def described(number, total, cell, error):
    said = next((o for o in reversed(cell.outputs) if o.output_type == "error"), None)
    trace = "\n".join(said.traceback) if said and said.traceback else f"{error.ename}: {error.evalue}"
    indent = "\n".join("    " + line for line in cell.source.splitlines())
    return f"cell {number} of {total} failed:\n\n{indent}\n\n{clean(trace).rstrip()}\n{remedy(clean(trace))}"


# Matches the errors that the JVM throws if a class is loaded from another version of its library than the one with which
# its caller was compiled.
CLASH = re.compile(r"\b(NoSuch(?:Method|Field)|AbstractMethod|IncompatibleClassChange|IllegalAccess|Verify|NoClassDefFound)Error\b")


def remedy(trace):
    """Returns advice if the stack trace shows that another version of a library was loaded; otherwise empty."""
    found = CLASH.search(trace)
    if not found or "Could not initialize class" in trace:
        return ""
    return (
        f"\nA {found.group(0)} says that a class was loaded from another version of its library than the kit is built with:\n"
        "classes in the kernel's own jar, or on a class path of yours, come before the kit's. `environment/lab kernel default`\n"
        "goes back to a kernel without such classes.\n"
    )


def write(notebook, target):
    """Writes .ipynb and .html, each atomically, and returns their paths.

    The .ipynb is first, since it may hold hours of work, which a failure of the conversion to .html should not lose.
    """
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


# Returns the text of the .ipynb file. The second parameter is not used: write calls this function and page.html with
# the same arguments, and page.html needs a title.
def notebook_text(notebook, _):
    return nbformat.writes(notebook) + "\n"


def remove_leftovers(folder):
    """Deletes partly written files of runs that were killed.

    The name of such a file has the pid of its run, and no process has this pid any more.
    """
    for part in folder.glob(".*.part"):
        *_, pid, _ = part.name.split(".")
        if pid.isdigit() and not Path("/proc", pid).exists():
            part.unlink(missing_ok=True)


def read(path):
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        return notebook
    except Exception as error:  # nbformat lets the exceptions of its JSON parser and its schema validator through
        reason = str(error).strip().splitlines()[0]
        raise Failure(f"{path} is not a notebook that Jupyter can read: {reason}") from None


def keep_others(target, data):
    """Raises Failure if this run would replace the results of a run with other data.

    The name of a results file has only the last part of the path of --data, so runs with two folders of the same name
    have the same results file. `target` is the path of the results without suffix, and `data` the value of --data, or
    empty.
    """
    kept = Path(f"{target}.ipynb")
    try:
        ran = read(kept).metadata.get("grafs") if kept.exists() else None
    except Failure:  # the earlier result is damaged, so it may be replaced
        return
    other = data if ran is None else ran.get("data", "")
    gone = os.path.isabs(other) and not os.path.exists(other)
    if gone or other == data or os.path.isabs(other) and os.path.realpath(other) == os.path.realpath(data):
        return
    what = f"--data {other}" if other else "other data"
    rename = f", or rename {data}" if data else ""
    raise Failure(f"{kept} is of {what}, and this run would replace it: move it away{rename}", 2)


def main(source, target):
    remove_leftovers(target.parent)
    notebook = read(source)
    parameters = {
        name: os.environ[f"GRAFS_{name.upper()}"] for name in ("scale", "data", "seed") if f"GRAFS_{name.upper()}" in os.environ
    }
    keep_others(target, parameters.get("data", ""))
    kernel = os.environ.get("KERNEL_LABEL", "java")
    print(f"Running {source.stem}: {', '.join(f'{k} {v}' for k, v in parameters.items())} ({kernel})", flush=True)
    (STATE / "logs").mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    failure = None
    with open(STATE / "logs" / f"{target.parent.name}-{target.name}.log", "w", encoding="utf-8") as log:
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
