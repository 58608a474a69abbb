"""Prints the progress of a notebook: a line for each finished cell, and the latest output of the running cell."""

import re
import shutil
import sys
import time

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
EVERY = 10  # seconds between two lines about the running cell, where a line cannot be overwritten, as in a file


# Returns the text without escape sequences for colours and the cursor.
def clean(text):
    return ANSI.sub("", text)


def duration(seconds):
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02d} s"


class Progress:
    def __init__(self, total, stream=sys.stdout):
        self.total = total
        self.stream = stream
        self.live = stream.isatty()
        self.latest = ""
        self.head = ""
        self.title = ""
        self.started = self.said = time.monotonic()

    def begin(self, number, source):
        first = next((line.strip() for line in source.splitlines() if line.strip()), "")
        self.head = f"[{number:{len(str(self.total))}}/{self.total}]"
        self.title = first
        self.latest = ""
        self.started = self.said = time.monotonic()
        self.tick()

    def heard(self, text):
        """Keeps the last line of a text that the running cell printed or displayed. The next call of tick prints it."""
        lines = [line.strip() for line in re.split(r"[\r\n]", clean(text)) if line.strip()]
        if lines:
            self.latest = lines[-1]

    def tick(self):
        """Prints the state of the running cell; called about once a second."""
        now = time.monotonic()
        elapsed = f"{now - self.started:4.0f} s"
        if self.live:
            self._overwrite(f"{self.head} {elapsed}  {self.latest or self.title}")
        elif now - self.said >= EVERY and self.latest:
            self.said = now
            self._line(f"{self.head} {elapsed} … {self.latest}")
            self.latest = ""

    def end(self):
        took = duration(time.monotonic() - self.started)
        if self.live:
            self._overwrite("")
        self._line(f"{self.head} {took:>8}  {self.title}")

    def _line(self, text):
        width = shutil.get_terminal_size().columns if self.live else 120
        print(text[: max(width - 1, 20)], file=self.stream, flush=True)

    def _overwrite(self, text):
        width = shutil.get_terminal_size().columns
        self.stream.write("\r\x1b[K" + text[: max(width - 1, 20)])
        self.stream.flush()
